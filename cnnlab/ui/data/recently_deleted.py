"""What was deleted and can still be brought back: after a reload too, and whoever deleted it."""

import streamlit as st

from cnnlab import datasets
from cnnlab.datasets.own import deleted
from cnnlab.datasets.own.deleted import Kept
from cnnlab.languages import _, _n
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.data.words import listed
from cnnlab.ui.state import lab
from cnnlab.ui.visitors import allowed
from cnnlab.ui.wording import duration, plain

PLACE = "deleted"
SHOWN = 12


def recently_deleted(dataset: str | None = None) -> None:
    """Show a button that opens the list, where there is anything in it; of one dataset, or of all."""
    complain(PLACE)
    if deleted.is_empty(dataset):
        return
    label, icon = _("Deleted"), ":material/restore_from_trash:"
    fold = st.popover(label, icon=icon, on_change="rerun", key=f"deleted_{dataset or ''}")
    if fold.open:
        with fold:
            _list(deleted.kept(dataset))


def _list(found: list[Kept]) -> None:
    if not found:
        st.caption(_("Nothing of this dataset. What is deleted is kept for a day."))
    for one in found[:SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{plain(one.title)}**  \n:gray[{_said(one)}]", width="content")
            st.button(
                _("Restore"),
                icon=":material/undo:",
                on_click=attempt,
                args=(PLACE, _restore, one),
                key=f"deleted_restore_{one.token}",
                **allowed(one.owner, "restore what was deleted of this dataset"),
            )


def _said(one: Kept) -> str:
    """Say what would come back, and how long it is kept, for Markdown."""
    time = duration(one.seconds)
    if one.whole:
        return _n("{n} image; kept for {time}", "{n} images; kept for {time}", one.images, time=time)
    return _n(
        "{n} image of {classes}; kept for {time}",
        "{n} images of {classes}; kept for {time}",
        one.images,
        classes=plain(listed(one.classes[:3])),
        time=time,
    )


def _restore(one: Kept) -> None:
    name = datasets.restore(one.token)
    if one.whole:
        lab().dataset = name
