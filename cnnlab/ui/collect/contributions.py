"""A dataset that a class fills from its phones: the way in, and what comes in, for whoever owns it."""

import streamlit as st

from cnnlab.datasets.own import collection
from cnnlab.datasets.own.collection import Collection
from cnnlab.datasets.split import group_of
from cnnlab.languages import _
from cnnlab.ui import qr
from cnnlab.ui.attempt import attempt
from cnnlab.ui.collect.class_cards import PLACE, THUMBNAIL, delete, thumbnail
from cnnlab.ui.data.words import listed
from cnnlab.ui.visitors import may_change
from cnnlab.ui.wording import plain

LATEST = 12
COLUMNS = 6


def way_in(found: Collection) -> None:
    """Offer the QR code of the dataset, and to let everybody add images to it."""
    if not may_change(found.owner):
        return
    with st.popover(_("Phones"), icon=":material/qr_code_2:"):
        key = f"collect_open_{found.name}"
        st.session_state[key] = found.is_open
        st.toggle(
            _("Everybody may add images"),
            key=key,
            on_change=_open,
            args=(found.name, key),
            help=_("You see the images come in, and can remove each of them."),
        )
        qr.code("collect", dataset=found.name)


def latest(found: Collection) -> None:
    """Show the newest images of all classes, each with a button that removes it, to whoever may do so."""
    if not (found.is_open and may_change(found.owner)):
        return
    newest = sorted(
        ((path, one.name) for one in found.classes for path in one.images), key=_taken, reverse=True
    )[:LATEST]
    if not newest:
        return
    st.subheader(_("Newest images"), anchor=False)
    for first in range(0, len(newest), COLUMNS):
        row = newest[first : first + COLUMNS]
        for column, (path, class_name) in zip(st.columns(COLUMNS, gap="small"), row, strict=False):
            with column.container(gap="xsmall"):
                _image(found, path, class_name)


def _image(found: Collection, path: str, class_name: str) -> None:
    who = group_of(path)
    said = listed([class_name, who]) if who else class_name
    st.image(thumbnail(found.name, path), width=THUMBNAIL, alt=_("A new image of {what}", what=said))
    st.caption(plain(said))
    st.button(
        "",
        icon=":material/close:",
        type="tertiary",
        help=_("Remove this image"),
        on_click=attempt,
        args=(PLACE, delete, found.name, [path]),
        key=f"collect_remove_{found.name}/{path}",
    )


def _open(name: str, key: str) -> None:
    attempt(PLACE, collection.open_to_all, name, bool(st.session_state[key]))


def _taken(image: tuple[str, str]) -> str:
    """Return when an image came, as its name tells: milliseconds, then a number."""
    return image[0].rpartition("/")[2].rpartition("__")[2]
