"""The classes of a collection as cards: how many, what they look like, and a way back from every deletion."""

import contextlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnlab import datasets, images
from cnnlab.datasets.own import collection
from cnnlab.datasets.own.burst import last_burst
from cnnlab.datasets.own.collection import ClassImages, Collection
from cnnlab.datasets.own.deleted import is_kept
from cnnlab.datasets.split import group_of
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, _n, _p
from cnnlab.ui.attempt import attempt, complain, undo_row
from cnnlab.ui.image_wall import Tile, marked_images
from cnnlab.ui.visitors import allowed, may_change
from cnnlab.ui.wording import plain

THUMBNAIL = 64
STRIP = 6
PAGE = 24
TILE = 92
LOOKED_AT, PAGE_AT = "collect_class", "collect_page"
PLACE, UNDO = "collect", "collect_undo"
OWN, PERSON = "collect_own", "collect_person"


def class_cards(found: Collection) -> None:
    """Show a card for each class, or all images of the one that a person looks through."""
    with st.container():  # always there, so that what follows keeps its place
        _say(found)
    looked_at = next((one for one in found.classes if one.name == st.session_state.get(LOOKED_AT)), None)
    if looked_at:
        st.empty()  # takes the place of the cards at once
        with st.container():
            _show_all(found, looked_at)
    else:
        with st.container():
            _cards(found)
        st.empty()


def _cards(found: Collection) -> None:
    for one in found.classes:
        with st.container(border=True, gap="xsmall"):
            _card(found, one)
    if not may_change(found.owner):
        return
    with st.popover(_("Add a class"), icon=":material/add:"):
        st.text_input(_("Name of the class"), max_chars=40, key="collect_new_class")
        st.button(_("Add"), on_click=_add_class, args=(found.name,), key="collect_add_class")


def _say(found: Collection) -> None:
    complain(PLACE)
    name, token, what = st.session_state.get(UNDO, ("", "", ""))
    if name == found.name and is_kept(token):
        undo_row(PLACE, _deleted(what), _bring_back, token)


def _deleted(what: int | str) -> str:
    """Say what was deleted: so many images, or the class of this name."""
    if isinstance(what, int):
        return _n("{n} image deleted.", "{n} images deleted.", what)
    return _("The class {name} is deleted.", name=what)


def _card(found: Collection, one: ClassImages) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{plain(one.name)}**  :gray[{_counted(one.images)}]", width="content")
        if may_change(found.owner):
            with st.popover(_("Edit"), type="tertiary", key=f"collect_edit_{found.name}/{one.name}"):
                _edit(found, one)
    if one.images:
        newest = one.images[::-1][:STRIP]
        st.image(
            _strip(found.name, newest, STRIP),
            width="stretch",
            alt=_("The newest images of {name}", name=one.name),
        )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            _actions(found, one)


def _edit(found: Collection, one: ClassImages) -> None:
    key = f"{found.name}/{one.name}"
    st.text_input(_("Name of the class"), one.name, max_chars=40, key=f"collect_name_{key}")
    st.button(_("Rename"), on_click=_rename, args=(found.name, one.name), key=f"collect_rename_{key}")
    st.button(
        _("Delete this class"),
        icon=":material/delete:",
        on_click=attempt,
        args=(PLACE, _delete_class, found.name, one.name),
        key=f"collect_drop_{key}",
    )


def _actions(found: Collection, one: ClassImages) -> None:
    st.button(
        _("Show all"),
        icon=":material/grid_view:",
        type="tertiary",
        on_click=st.session_state.update,
        args=({LOOKED_AT: one.name, PAGE_AT: 0},),
        key=f"collect_look_{found.name}/{one.name}",
    )
    burst = last_burst(one, _is_own)
    if not (burst and may_change(found.owner)):
        return
    who = group_of(burst[-1])
    st.button(
        _("Delete {person}’s last {n}", person=plain(who), n=len(burst))
        if who
        else _("Delete your last {n}", n=len(burst)),
        icon=":material/backspace:",
        help=_("Those that were taken last without a pause. Of others, Show all deletes single images."),
        type="tertiary",
        on_click=attempt,
        args=(PLACE, delete, found.name, burst),
        key=f"collect_back_{found.name}/{one.name}",
    )


def _is_own(path: str) -> bool:
    """Whether this browser has taken an image, or it shows the person who is named beside the camera."""
    if path in st.session_state.get(OWN, ()):
        return True
    person = collection.group_name(st.session_state.get(PERSON) or "")
    return bool(person) and group_of(path) == person


def _show_all(found: Collection, one: ClassImages) -> None:
    """Show the images of a class, the newest first; a click marks one, and a button above deletes the marked.

    Nothing that deletes lies among the images: what a second click hits is a mark, and a third takes it away.
    """
    newest = one.images[::-1]
    last = max(0, len(newest) - 1) // PAGE
    page = min(st.session_state.get(PAGE_AT, 0), last)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _p("to the classes", "Back"),
            icon=":material/arrow_back:",
            on_click=st.session_state.pop,
            args=(LOOKED_AT, None),
        )
        st.markdown(f"**{plain(one.name)}**  :gray[{_counted(newest)}]", width="content")
        for label, to in ((_("Newer"), page - 1), (_("Older"), page + 1)):
            if last:
                st.button(
                    label,
                    type="tertiary",
                    disabled=not 0 <= to <= last,
                    on_click=st.session_state.update,
                    args=({PAGE_AT: to},),
                )
    above = st.container(horizontal=True, vertical_alignment="center", gap="small")
    shown = newest[page * PAGE : (page + 1) * PAGE]
    marked = marked_images(
        _tiles(found, one, shown), f"collect_marks_{found.name}/{one.name}", one.name, TILE
    )
    with above:
        st.button(
            _("Delete {n} marked", n=len(marked)) if marked else _("Delete marked"),
            icon=":material/delete:",
            on_click=attempt,
            args=(PLACE, delete, found.name, marked),
            key="collect_delete_marked",
            **allowed(found.owner, "delete images of this dataset", not marked),
        )
        if not marked:
            st.caption(_("Click images to mark them."), width="content")


def _tiles(found: Collection, one: ClassImages, paths: Sequence[str]) -> list[Tile]:
    tiles = []
    for number, path in enumerate(paths, start=1):
        who = group_of(path)
        seen = {"name": one.name, "number": number, "person": who}
        alt = (
            _("{name}, image {number} of those shown, of {person}", **seen)
            if who
            else _("{name}, image {number} of those shown", **seen)
        )
        tiles.append(Tile.of(path, thumbnail(found.name, path), who or "", alt, TILE))
    return tiles


def delete(name: str, paths: Sequence[str]) -> None:
    """Delete images of a dataset; a row above the classes brings them back."""
    token = collection.delete_images(name, paths)
    st.session_state[UNDO] = (name, token, len(paths))


def _delete_class(name: str, class_name: str) -> None:
    token = collection.delete_class(name, class_name)
    st.session_state[UNDO] = (name, token, class_name)


def _bring_back(token: str) -> None:
    st.session_state.pop(UNDO, None)
    datasets.restore(token)


def _rename(name: str, class_name: str) -> None:
    new = st.session_state[f"collect_name_{name}/{class_name}"]
    attempt(PLACE, collection.rename_class, name, class_name, new)


def _add_class(name: str) -> None:
    attempt(PLACE, collection.add_class, name, st.session_state.collect_new_class)
    st.session_state.collect_new_class = ""


def _counted(paths: Sequence[str]) -> str:
    return _n("{n} image", "{n} images", len(paths))


@st.cache_resource(max_entries=200, show_spinner=False)
def _strip(name: str, paths: tuple[str, ...], places: int = 1) -> np.ndarray:
    """Return images side by side as uint8 RGBA, free places transparent; names are never given twice."""
    step = THUMBNAIL + 2
    strip = np.zeros((THUMBNAIL, places * step - 2, 4), np.uint8)
    for place, path in enumerate(paths):
        pixels = images.resize(thumbnail(name, path), (THUMBNAIL, THUMBNAIL))
        strip[:, place * step :][:, :THUMBNAIL] = np.dstack(
            [pixels, np.full(pixels.shape[:2], 255, np.uint8)]
        )
    return strip


@st.cache_resource(max_entries=1000, show_spinner=False)
def thumbnail(name: str, path: str) -> np.ndarray:
    """Return the middle square of an image as uint8 RGB; gray where it was deleted meanwhile."""
    pixels = np.full((TILE, TILE, 3), 128, np.uint8)
    with contextlib.suppress(CnnLabError):
        image = images.decode(collection.get(name).image(path), path)
        pixels = images.resize(image, (TILE, TILE), resize_mode="crop")
    return pixels
