"""Deleted runs that are still kept: brought back by whoever may, after a reload too."""

import functools
import time

import streamlit as st

from cnnlab import access, runs
from cnnlab.languages import _, _p
from cnnlab.ui.attempt import attempt
from cnnlab.ui.visitors import allowed
from cnnlab.ui.wording import plain


@functools.lru_cache(maxsize=256)
def _owner(run: runs.Run) -> str:
    """Return whose a deleted run was; read once, for in the trash nothing changes."""
    return run.owner


def deleted_runs(place: str) -> None:
    """Offer every deleted run that can be brought back; what is refused is said by ``complain(place)``."""
    gone = runs.list_deleted()
    if not gone:
        return
    with st.popover(_("Deleted ({n})", n=len(gone)), key="deleted-runs", icon=":material/delete_history:"):
        st.caption(_("Deleted runs are kept for a day."))
        for one in gone:
            may = {} if access.current().has_all_rights else allowed(_owner(one.run), "restore this run")
            at = time.strftime(_p("a date", "%d %b, %H:%M"), time.localtime(one.at))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                deleted = _("deleted {time}", time=at)
                st.markdown(f"{plain(one.run.title)}  :gray[{deleted}]")
                st.button(
                    _("Restore"),
                    icon=":material/undo:",
                    on_click=attempt,
                    args=(place, runs.restore, one.run.id),
                    key=f"restore {one.run.id}",
                    **may,
                )
