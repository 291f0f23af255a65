"""Edits: a layer changed, bypassed, moved or added; the whole network follows."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count, pairwise
from typing import Any

import streamlit as st

from cnnlab.architectures.own.edit import ADDED, LEFT_OUT, MOVED, Edit, said
from cnnlab.architectures.own.kinds import KINDS, LIMITS, setting_named
from cnnlab.inspection.figures import LayerRow
from cnnlab.languages import _, _n
from cnnlab.service import Inspected
from cnnlab.ui.architecture.scene import Scene, look_at, now
from cnnlab.ui.wording import plain, refusal

HIDDEN = {"groups", "relu"}
"""A setting and a kind that people can have from a built-in network, and need not choose."""


def what_if(scene: Scene, network: Inspected, layer: str, problem: str = "") -> None:
    """Show what can be changed about one layer; a change looks at the edited network at once.

    ``problem`` says why the last edit of the scene does not fit; ``network`` is the last one that does. It
    stands at the field that was changed, where this layer has it.
    """
    first, last = network.rows[0].name, network.rows[-1].name
    refused = scene.edits[-1] if problem and scene.edits else None
    here = refused and refused.layer == layer and refused.setting in network.settings.get(layer, {})
    if problem and not here:
        _complain(scene, problem)
    if layer == last:
        st.caption(_("The output layer has one unit for each class: change Classes above."))
    elif layer != first:
        _settings(scene, network, layer)
        if here:
            _complain(scene, problem)
        _place(scene, network.rows, layer)
    if layer != last:
        _add(scene, network.rows, layer)


def edit_badge(scene: Scene) -> None:
    """Say which edits a network has, and offer to reset them."""
    changes = len(scene.edits)
    st.badge(
        _n("edited, {n} change", "edited, {n} changes", changes),
        icon=":material/edit:",
        color="orange",
        help=plain(", ".join(map(said, scene.edits))),
    )
    st.button(_("Reset edits"), icon=":material/undo:", type="tertiary", on_click=_reset, args=(scene,))


def _reset(scene: Scene) -> None:
    look_at(replace(now(scene), edits=()))


def _complain(scene: Scene, problem: str) -> None:
    st.error(refusal(problem))
    st.button(
        _("Undo this edit"),
        icon=":material/undo:",
        on_click=look_at,
        args=(replace(scene, edits=scene.edits[:-1]),),
    )


def _settings(scene: Scene, network: Inspected, layer: str) -> None:
    settings = dict(network.settings.get(layer, {}))
    settings |= {name: value for at, name, value in scene.edits if at == layer and name in settings}
    names = [name for name in settings if name not in HIDDEN]
    for pair in zip(names[::2], [*names[1::2], None][: len(names[::2])], strict=True):
        for column, name in zip(st.columns(2, vertical_alignment="bottom"), pair, strict=True):
            if name:
                with column:
                    _setting(scene, layer, name, settings[name])
    if not settings and (layer, LEFT_OUT, 1) not in scene.edits:
        st.caption(_("This layer has no settings to change."))


def _setting(scene: Scene, layer: str, name: str, value: int | float | str) -> None:
    key, label = f"what_if_{layer}_{name}", setting_named(name).capitalize()
    st.session_state[key] = value
    asked: dict[str, Any] = {
        "key": key,
        "on_change": _take,
        "args": (scene, layer, Edit(layer, name, value), key),
    }
    least, most, *_ = LIMITS[name]
    if name == "padding":
        st.segmented_control(label, LIMITS[name], required=True, **asked)
    elif isinstance(least, str):
        words = LIMITS[name] if value in LIMITS[name] else (value, *LIMITS[name])
        st.selectbox(label, words, **asked)
    else:
        st.number_input(label, least, most, step=0.05 if isinstance(least, float) else 1, **asked)


def _take(scene: Scene, layer: str, shown: Edit, key: str) -> None:
    value = st.session_state[key]
    value = round(value, 4) if isinstance(value, float) else value
    if value is not None and value != shown.value:  # browsers report a value anew when a widget comes back
        look_at(scene.edited(layer, shown.setting, value))


def _place(scene: Scene, rows: Sequence[LayerRow], layer: str) -> None:
    """Offer to bypass the layer, or to move it where the network is one line."""
    joins = len(next(row.inputs for row in rows if row.name == layer)) > 1
    added = any(edit[:2] == (layer, ADDED) for edit in scene.edits)
    if not added and not joins:
        key = f"what_if_{layer}_{LEFT_OUT}"
        st.session_state[key] = (layer, LEFT_OUT, 1) in scene.edits
        st.checkbox(_("Bypass layer"), key=key, on_change=_take_out, args=(scene, layer, key))
    with st.container(horizontal=True, vertical_alignment="center"):
        if added:
            st.button(_("Remove"), icon=":material/delete:", on_click=look_at, args=(without(scene, layer),))
        for label, said, icon, place in _moves([row.name for row in rows], layer) if _is_line(rows) else ():
            st.button(
                label,
                icon=icon,
                disabled=place is None,
                help=said,
                on_click=_move,
                args=(scene, layer, place),
            )


def _take_out(scene: Scene, layer: str, key: str) -> None:
    look_at(scene.edited(layer, LEFT_OUT, 1 if st.session_state[key] else None))


def _is_line(rows: Sequence[LayerRow]) -> bool:
    return all(row.inputs == (before.name,) for before, row in pairwise(rows))


def _moves(names: list[str], layer: str) -> list[tuple[str, str, str, str | None]]:
    """Return the two ways a layer can move, in a word and a sentence, with the layer it then comes after."""
    place = names.index(layer)
    before = names[place - 2] if place > 1 else None
    after = names[place + 1] if place < len(names) - 2 else None
    return [
        (_("Up"), _("Move this layer up"), ":material/arrow_upward:", before),
        (_("Down"), _("Move this layer down"), ":material/arrow_downward:", after),
    ]


def _move(scene: Scene, layer: str, place: str) -> None:
    edits = scene.edits
    if edits and edits[-1][:2] == (layer, MOVED):
        edits = edits[:-1]  # a layer moved on counts as one edit
    look_at(replace(scene, edits=(*edits, Edit(layer, MOVED, place))))


def _add(scene: Scene, rows: Sequence[LayerRow], layer: str) -> None:
    """Offer the kinds of layers that can take what this one gives."""
    row = next(row for row in rows if row.name == layer)
    other = "vector" if len(row.output_shape) == 3 else "maps"
    offered = [
        name
        for name, kind in KINDS.items()
        if name not in HIDDEN and kind.takes != other and not (name == "flatten" and other == "maps")
    ]
    key = f"what_if_add_after_{layer}"
    st.session_state[key] = None
    st.selectbox(
        _("Add a layer after this one"),
        offered,
        format_func=lambda name: _(KINDS[name].title),
        placeholder=_("Choose a kind of layer"),
        key=key,
        on_change=_take_new,
        args=(scene, layer, [row.name for row in rows], key),
    )


def _take_new(scene: Scene, layer: str, names: list[str], key: str) -> None:
    if kind := st.session_state[key]:
        taken = {*names, *(edit.layer for edit in scene.edits)}
        name = next(name for n in count(1) if (name := f"{kind}_{n}") not in taken)
        look_at(replace(scene, layer=name, edits=(*scene.edits, Edit(name, ADDED, layer))))


def without(scene: Scene, layer: str) -> Scene:
    """Return the scene without a layer that was added; what came after it comes after the one before."""
    before = str(next(edit.value for edit in scene.edits if edit[:2] == (layer, ADDED)))
    edits = tuple(
        edit._replace(value=before) if edit.setting in (ADDED, MOVED) and edit.value == layer else edit
        for edit in scene.edits
        if edit.layer != layer
    )
    kept = tuple(edit for edit in edits if edit.layer != edit.value)
    return replace(scene, layer=before, edits=kept)
