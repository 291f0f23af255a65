"""The end of a lesson: keep the runs with a star, and clear the rest; they can be restored for a day."""

import streamlit as st

from cnnlab import access, runs
from cnnlab.languages import _, _n
from cnnlab.ui.attempt import attempt
from cnnlab.ui.wording import plain


def end_of_lesson(everything: tuple[runs.Overview, ...], place: str) -> None:
    """Offer whoever may change everything to delete all runs without a star, but for those in progress."""
    if not access.current().has_all_rights:
        return
    kept = [seen for seen in everything if seen.starred]
    rest = [seen.run for seen in everything if not (seen.starred or seen.status.is_active)]
    with st.popover(_("End of lesson"), icon=":material/cleaning_services:"):
        st.markdown(
            _("Keeps the **{n}** runs with a star and those in progress, and deletes the rest.", n=len(kept))
        )
        for seen in kept[:10]:
            st.caption(f":material/star: {plain(seen.title)}")
        st.button(
            _n("Delete {n} run", "Delete {n} runs", len(rest)),
            icon=":material/delete_sweep:",
            disabled=not rest,
            help=_("Deleted runs can be restored for a day."),
            on_click=attempt,
            args=(place, _clear, rest),
            key="end-of-lesson",
        )


def _clear(rest: list[runs.Run]) -> None:
    for run in rest:
        runs.delete(run)
