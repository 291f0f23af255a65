"""Collecting a dataset of one's own: begin one, hold things up to the camera, train on what came of it."""

import re
import secrets

import streamlit as st

from cnnlab.datasets import collection
from cnnlab.datasets.collection import Collection
from cnnlab.datasets.sitting import can_split_by_group
from cnnlab.errors import CnnLabError
from cnnlab.ui.asking import FORMATS, PICTURE_KINDS, camera_allowed, no_camera
from cnnlab.ui.attempt import attempt
from cnnlab.ui.capture import Choice, capture, problem
from cnnlab.ui.collect.class_cards import PLACE, class_cards
from cnnlab.ui.collect.first_run import train_on
from cnnlab.ui.wording import plain

POLL_SECONDS = 4  # others may collect into the same dataset
FILMED = "collect_camera"
TARGETS = "collect_targets"
HINT = "A tap takes one, holding the button or Space takes five a second."
ENOUGH = 30


def begin() -> str | None:
    """Ask for the name and the classes of a new collection; return its name once it is made."""
    with st.container(border=True, width=640):
        title = st.text_input(
            "Name of the dataset", placeholder="Our hands", max_chars=60, key="collect_title"
        )
        classes = st.text_input(
            "Classes, with commas between them", placeholder="rock, paper, scissors", key="collect_classes"
        )
        if st.button("Begin", type="primary", icon=":material/photo_camera:"):
            names = [name for name in map(str.strip, re.split("[,，、]", classes)) if name]
            return collection.create(title, names).name
    return None


def go_on() -> None:
    """List the collections that are there, each with a link to go on with it."""
    if found := collection.every():
        st.subheader("Go on with", anchor=False)
        for one in found:
            st.page_link(
                "pages/collect.py",
                label=f"{plain(one.title)}  :gray[{plain(_in_numbers(one))}]",
                icon=":material/photo_library:",
                query_params={"dataset": one.name},
            )


@st.fragment(run_every=POLL_SECONDS)
def collect(name: str) -> None:
    """Show the camera beside the classes; what others add appears by itself."""
    try:
        found = collection.get(name)
        camera, cards = st.columns([6, 5], gap="large")
        with camera:
            _camera(found)
        with cards:
            class_cards(found)
            _advice(found)
    except CnnLabError as error:
        st.error(plain(str(error)))


def _camera(found: Collection) -> None:
    person = st.text_input(
        "Who is in front of the camera?",
        placeholder="Anna",
        max_chars=40,
        key="collect_person",
        persist_state="session",
        help="A first name will do. Pictures of one person are kept together when the dataset is split.",
    )
    if not collection.group_name(person):
        st.info("Say who it is, and the camera opens.", icon=":material/photo_camera:")
    elif camera_allowed():
        choices = [
            Choice(_target(found.name, one.name, person), one.name, len(one.pictures))
            for one in found.classes
        ]
        capture(FILMED, choices, _store, HINT)
    else:
        _upload(found, person)
    if refused := problem(FILMED):
        st.error(plain(refused))


def _target(name: str, class_name: str, person: str) -> str:
    """Return a word that stands for a class and a person: all that the browser is told, and sends back."""
    known = st.session_state.setdefault(TARGETS, {})
    for target, place in known.items():
        if place == (name, class_name, person):
            return target
    target = secrets.token_hex(4)
    known[target] = (name, class_name, person)
    return target


def _store(target: str, pictures: list[bytes]) -> None:
    name, class_name, person = st.session_state[TARGETS][target]
    if refused := collection.add_pictures(name, class_name, pictures, person).refused:
        raise CnnLabError(refused[0].reason)


def _upload(found: Collection, person: str) -> None:
    no_camera("Take the photos with the camera app and upload them here.")
    turn = st.session_state.setdefault("collect_turn", 0)
    class_name = st.segmented_control(
        "Class", [one.name for one in found.classes], format_func=plain, key="collect_upload_class"
    )
    files = st.file_uploader(
        FORMATS,
        PICTURE_KINDS,
        accept_multiple_files=True,
        key=f"collect_files_{turn}",
    )
    st.button(
        "Add these photos",
        type="primary",
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
    """Offer to train; say what is missing, or how the split will be and why."""
    by_group = len(found.people) > 1 and can_split_by_group(found)
    with st.container(border=False, gap="small"):
        if st.button(
            "Train on these",
            type="primary",
            icon=":material/trending_up:",
            disabled=not found.is_ready,
            width="stretch",
        ):
            train_on(found.name, sum(len(one.pictures) for one in found.classes), by_group)
        st.caption(_words(found, by_group))


def _words(found: Collection, by_group: bool) -> str:
    counts = {one.name: len(one.pictures) for one in found.classes}
    empty = [plain(name) for name, count in counts.items() if not count]
    if not found.is_ready:
        return f"Two classes with two pictures each are the least; {ENOUGH} or more of each is a good start."
    left_out = f" Still empty, so left out: {', '.join(empty)}." if empty else ""
    if by_group:
        return (
            f"**{len(found.people)} people:** the split is by person, so the score tells what the network "
            f"makes of somebody it has never seen.{left_out}"
        )
    if len(found.people) > 1:
        who = plain(" and ".join(found.people[:3]))
        return f"**{who}:** let two of you hold up every class; then the split can be by person.{left_out}"
    return (
        "**One person:** the frames of a burst are near twins, so the score of a random split flatters. "
        f"Ask a second person to hold up every class, and it becomes honest.{left_out}"
    )


def _in_numbers(found: Collection) -> str:
    pictures = sum(len(one.pictures) for one in found.classes)
    return f"{', '.join(one.name for one in found.classes)} · {pictures:,} pictures"
