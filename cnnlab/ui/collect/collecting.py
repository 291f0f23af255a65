"""Collecting a dataset of one's own: hold things up to the camera, class by class, and train on them."""

import secrets

import streamlit as st

from cnnlab import access
from cnnlab.datasets.own import collection
from cnnlab.datasets.own.burst import can_split_by_group
from cnnlab.datasets.own.collection import Collection
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, _n, _p, joined, texts
from cnnlab.ui import pulse
from cnnlab.ui.asking import FORMATS, IMAGE_KINDS, MOST_MB, camera_allowed, no_camera
from cnnlab.ui.attempt import attempt
from cnnlab.ui.capture import Choice, capture, problem
from cnnlab.ui.collect import contributions, draft
from cnnlab.ui.collect.class_cards import OWN, PERSON, PLACE, class_cards
from cnnlab.ui.data.words import listed
from cnnlab.ui.train.first_run import choose_settings, train_now
from cnnlab.ui.visitors import may_change
from cnnlab.ui.wording import plain, refusal

POLL_SECONDS = 4  # others may collect into the same dataset
FILMED = "collect_camera"
TARGETS = "collect_targets"
HINT = texts("Hold a button: five images a second. A tap takes one. Space repeats the last class.")
ENOUGH = 30


@st.fragment
def collect(name: str | None) -> None:
    """Show the camera beside the classes; what others add appears by itself. None begins a new dataset."""
    of = f"{pulse.DATASET}{name}"
    word = pulse.word(of) if name else ""
    try:
        found = collection.get(name) if name else draft.draft()
        if draft.finished(found.name):
            st.rerun(scope="app")  # the first image has made it a dataset with an address of its own
        camera, side = st.columns([6, 5], gap="large")
        with camera:
            if not name or found.is_open or may_change(found.owner):
                _camera(found)
            else:
                refused = access.refusal(found.owner, "add images to this dataset")
                st.info(refusal(refused), icon=":material/lock:")
        with side:
            if name:
                pulse.listen(of, word, POLL_SECONDS, key="collect-pulse")
                _advice(found)
                class_cards(found)
                contributions.latest(found)
            else:
                _begin()
    except CnnLabError as error:
        st.error(refusal(error))


def go_on() -> None:
    """List the collections that are there, each with a link to go on with it."""
    if found := collection.every():
        st.header(_("Continue a dataset"), anchor=False)
        for one in found:
            with st.container(gap=None):
                st.page_link(
                    "pages/collect.py",
                    label=plain(one.title),
                    icon=":material/photo_library:",
                    query_params={"dataset": one.name},
                )
                st.caption(plain(_in_numbers(one)))


def _begin() -> None:
    """Show what a new dataset will be called; the first image makes it, or the button."""
    st.header(_p("of a dataset", "Classes"), anchor=False)
    st.caption(_("Hold up one thing for each class. Names can be given now or later."))
    draft.names_form()
    if refused := draft.problem():
        st.error(refusal(refused))
    if st.button(
        _("Create"),
        icon=":material/check:",
        disabled=bool(refused),
        help=_("The first image does it too."),
    ):
        draft.create()
        st.rerun(scope="app")
    go_on()


def _camera(found: Collection) -> None:
    person = st.text_input(
        _("Person (group)"),
        placeholder=_("Anna (optional)"),
        max_chars=40,
        key=PERSON,
        persist_state="session",
        help=_(
            "Who is in front of the camera; a first name will do. All images of one person are kept on one "
            "side of the split."
        ),
    )
    if camera_allowed():
        choices = [
            Choice(_target(found.name, one.name, person), one.name, len(one.images)) for one in found.classes
        ]
        capture(FILMED, choices, _store, _(HINT))
    else:
        _upload(found, person)
    if refused := problem(FILMED):
        st.error(refusal(refused))


def _target(name: str, class_name: str, person: str) -> str:
    """Return a word that stands for a class and a person: all that the browser is told, and sends back."""
    known = st.session_state.setdefault(TARGETS, {})
    for target, place in known.items():
        if place == (name, class_name, person):
            return target
    target = secrets.token_hex(4)
    known[target] = (name, class_name, person)
    return target


def _store(target: str, images: list[bytes]) -> None:
    name, class_name, person = st.session_state[TARGETS][target]
    added = collection.add_images(draft.made(name), class_name, images, person)
    st.session_state.setdefault(OWN, set()).update(added.paths)
    if added.refused:
        raise CnnLabError(added.refused[0].reason)


def _upload(found: Collection, person: str) -> None:
    no_camera(_("Take the photos with the camera app and upload them here."))
    turn = st.session_state.setdefault("collect_turn", 0)
    class_name = st.segmented_control(
        _("Class"),
        [one.name for one in found.classes],
        format_func=plain,
        key="collect_upload_class",
        wrap=True,
    )
    files = st.file_uploader(
        _(FORMATS),
        IMAGE_KINDS,
        accept_multiple_files=True,
        max_upload_size=MOST_MB,
        key=f"collect_files_{turn}",
    )
    st.button(
        _("Add images"),
        type="secondary" if found.is_ready else "primary",
        icon=":material/add_photo_alternate:",
        disabled=not (files and class_name),
        on_click=_add_files,
        args=(found.name, class_name, person, files),
    )


def _add_files(name: str, class_name: str, person: str, files: list) -> None:
    target = _target(name, class_name, person)
    attempt(PLACE, _store, target, [file.getvalue() for file in files])
    st.session_state.collect_turn += 1


def _advice(found: Collection) -> None:
    """Offer to train at once; say what is missing, or how the split will be and why."""
    by_group = can_split_by_group(found)
    with st.container(border=False, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if st.button(
                _("Train now"),
                type="primary",
                icon=":material/play_arrow:",
                disabled=not found.is_ready,
                help=_("Starts a short run with settings that suit few images."),
            ):
                train_now(found, by_group)
            contributions.way_in(found)
            if st.button(_("Settings first"), type="tertiary", disabled=not found.is_ready):
                choose_settings(found, by_group)
        st.caption(_words(found, by_group))


def _words(found: Collection, by_group: bool) -> str:
    counts = {one.name: len(one.images) for one in found.classes}
    empty = [plain(name) for name, count in counts.items() if not count]
    if not found.is_ready:
        return _("At least two classes with two images each; {n} or more of each is a good start.", n=ENOUGH)
    said = [_split_in_words(found, by_group)]
    if empty:
        said.append(_("Still empty, so skipped: {classes}.", classes=listed(empty)))
    return joined(said)


def _split_in_words(found: Collection, by_group: bool) -> str:
    if by_group:
        return _(
            "**{n} people:** group-wise split (by person), so the validation accuracy is measured on unseen "
            "people.",
            n=len(found.people),
        )
    if len(found.people) > 1:
        return _(
            "**{people}:** a split by person needs two people who show every class; until then it is random, "
            "and the accuracy over-optimistic (data leakage).",
            people=plain(_p("between people", " and ").join(found.people[:3])),
        )
    return _(
        "**One person or none named:** the frames of a burst are near-duplicates, so the accuracy of a "
        "random split is over-optimistic (data leakage). Let a second person show every class, each under a "
        "name of their own."
    )


def _in_numbers(found: Collection) -> str:
    count = sum(len(one.images) for one in found.classes)
    return f"{listed(one.name for one in found.classes)} · {_n('{n} image', '{n} images', count)}"
