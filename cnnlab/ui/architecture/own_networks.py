"""From looking at a network to having it: train exactly what the page shows, keep it, name it, drop it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from cnnlab.architectures import Architecture, Shape
from cnnlab.architectures import get as architecture_of
from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.settings import RunConfig
from cnnlab.ui.architecture.inspected import subject
from cnnlab.ui.architecture.scene import Scene, look_at, network_form, now, remember
from cnnlab.ui.architecture.what_if import edit_badge
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.engine import service
from cnnlab.ui.state import Lab, lab
from cnnlab.ui.train.form_state import chosen
from cnnlab.ui.train.recipes import begin_with
from cnnlab.ui.visitors import allowed, may_change
from cnnlab.ui.wording import plain, refusal

PLACE, NAME = "own_network", "own_network_name"
SIDES = (8, 1024)
"""Pixels of an image that a run can be trained with."""


def network_actions(scene: Scene, problem: str) -> None:
    """Offer to train the network as it stands on the page, and to keep it as one's own.

    ``problem`` says why it does not fit, if so.
    """
    facts = architecture_of(scene.architecture)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container():
            network_form(scene)
        obstacle = problem or _obstacle(scene)
        train = st.button(
            _("Train this"),
            icon=":material/play_arrow:",
            type="primary",
            key="train_this",
            disabled=bool(obstacle),
            help=refusal(obstacle) if obstacle else None,
        )
        with st.popover(_("My networks"), icon=":material/bookmark:"):
            _keeping(scene, facts)
    _undo()
    if train:
        attempt(PLACE, _train, now(scene))
    complain(PLACE)


def edit_actions(scene: Scene, problem: str) -> None:
    """Say that a network is edited, and offer to reset or save it."""
    if not scene.edits:
        return
    facts = architecture_of(scene.architecture)
    over = facts.definition if facts.definition and may_change(library.owner(scene.architecture)) else None
    with st.container(horizontal=True, vertical_alignment="center", key="edit_actions"):
        edit_badge(scene)
        st.button(
            _("Save changes") if over else _("Save as my network"),
            icon=":material/save:",
            type="tertiary",
            key="save_edited",
            disabled=bool(problem),
            on_click=attempt,
            args=(PLACE, _save_changes, scene, over) if over else (PLACE, _save_edited, scene),
        )


def _obstacle(scene: Scene) -> str | None:
    """Say why no run can have the input of a scene, if so."""
    height, width, channels = scene.input_shape
    if height != width or not SIDES[0] <= height <= SIDES[1] or channels not in (1, 3):
        return _(
            "Training takes square images of {least} to {most} pixels with 1 or 3 channels: "
            "change the input below the diagram.",
            least=SIDES[0],
            most=f"{SIDES[1]:,}",
        )
    return None


def _train(scene: Scene) -> None:
    """Hand the network to the Train page; an edited one is kept first, under a name of its own."""
    name, options = scene.architecture, dict(scene.options)
    if scene.edits:
        name, options = _saved(scene), {}
    remember(Scene(name, scene.input_shape, scene.classes, scene.layer, tuple(options.items())))
    _fill_form(name, options, scene.input_shape)
    st.switch_page("pages/train.py")


def _fill_form(name: str, options: dict[str, int | str], shape: Shape) -> None:
    """Put a network and its input into the training form; what a person has chosen there else stays."""
    try:
        config = chosen() if "run_recipe" in st.session_state else RunConfig(name, lab().dataset)
    except CnnLabError:  # the form holds something impossible, or a network that is gone
        config = RunConfig(name, lab().dataset)
    size, _, channels = shape
    begin_with(config.changed(architecture=name, options=options, image_size=size, channels=channels))


def _saved(scene: Scene) -> str:
    """Keep an edited network under a free title, unless its content is kept already; return its name."""
    title = library.free_title(f"{architecture_of(scene.architecture).title[:28].strip()}, edited")
    definition = _definition(title, scene)
    return library.find(definition) or library.save(definition)


def _definition(title: str, scene: Scene) -> Definition:
    return service().ask("definition", subject(scene), title)


def _action(label: str, icon: str, change: Callable[..., None], *arguments: object, **may: Any) -> None:
    icon = f":material/{icon}:"
    st.button(label, icon=icon, on_click=attempt, args=(PLACE, change, *arguments), width="stretch", **may)


def _keeping(scene: Scene, facts: Architecture) -> None:
    st.text_input(_("Name"), key=NAME, max_chars=40, placeholder=_("Two blocks"))
    _action(_("Save this network under the name"), "save", _save_copy, scene)
    _action(_("New network"), "add", _start, scene)
    if facts.definition:
        owner = library.owner(scene.architecture)
        may = allowed(owner, "rename this network")
        _action(_("Rename {network}", network=plain(facts.title)), "edit", _rename, scene, **may)
        may = allowed(owner, "delete this network")
        _action(_("Delete {network}", network=plain(facts.title)), "delete", _delete, scene, **may)
    if facts.definition and facts.definition.base:
        st.caption(
            _(
                "It is kept as {base} with changes, not as a list of layers: it has branches, or its base is "
                "pretrained.",
                base=plain(facts.definition.base),
            )
        )


def _save_copy(scene: Scene) -> None:
    name = library.save(_definition(st.session_state[NAME], scene))
    look_at(Scene(name, scene.input_shape, scene.classes, now(scene).layer))
    st.session_state[NAME] = ""


def _save_changes(scene: Scene, shown: Definition) -> None:
    definition = _definition(shown.title, scene)
    library.save(definition, over=(scene.architecture, shown.version))
    look_at(replace(now(scene), options=(), edits=()))


def _save_edited(scene: Scene) -> None:
    name = _saved(scene)
    look_at(Scene(name, scene.input_shape, scene.classes, now(scene).layer))


def _start(scene: Scene) -> None:
    name = library.save(Definition(st.session_state[NAME], scene.input_shape, scene.classes))
    look_at(Scene(name, scene.input_shape, scene.classes, layer="image"))
    st.session_state[NAME] = ""


def _rename(scene: Scene) -> None:
    before = library.get(scene.architecture).title
    name = library.rename(scene.architecture, st.session_state[NAME])
    look_at(replace(scene, architecture=name))
    st.session_state.own_network_undo = ("renamed", before, lambda: library.rename(name, before))
    st.session_state[NAME] = ""


def _delete(scene: Scene) -> None:
    title = library.get(scene.architecture).title
    token = library.delete(scene.architecture)
    look_at(Scene.of(Lab.architecture))
    st.session_state.own_network_undo = ("deleted", title, lambda: library.restore(token))


def _undo() -> None:
    if undo := st.session_state.get("own_network_undo"):
        done, title, take_back = undo
        title = plain(title)
        st.caption(
            _("Renamed {title}.", title=title) if done == "renamed" else _("Deleted {title}.", title=title)
        )
        st.button(_("Undo"), icon=":material/undo:", on_click=attempt, args=(PLACE, _take_back, take_back))


def _take_back(take_back: Callable[[], str]) -> None:
    del st.session_state.own_network_undo
    look_at(Scene.of(take_back()))
