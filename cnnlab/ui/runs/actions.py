"""What the Runs page offers to do with the runs that were selected: name, note, star, delete, undo."""

import streamlit as st

from cnnlab import runs
from cnnlab.languages import _, _n, texts
from cnnlab.runs.notes import LONGEST_NAME, LONGEST_TEXT
from cnnlab.ui.attempt import attempt
from cnnlab.ui.runs.address import write_address
from cnnlab.ui.runs.next_steps import go_on
from cnnlab.ui.runs.views import VIEWS, Runs, choose_view
from cnnlab.ui.visitors import allowed, may_change
from cnnlab.ui.wording import plain, refusal

PLACE = "runs"
READ_BY_ALL = texts("Kept with the run; everybody on this server can read them.")


def act_on(chosen: list[runs.Overview]) -> None:
    """Offer what can be done with the selected runs, and show the chosen view of them."""
    over = [seen.run for seen in chosen if not seen.status.is_active]
    owner = _owner(chosen)
    whole = [seen.run for seen in chosen if not seen.damage]
    for seen in chosen:
        if seen.damage:
            said = _("Run {title}: {damage}", title=plain(seen.title), damage=refusal(seen.damage))
            st.warning(said, icon=":material/folder_off:")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if len(chosen) == len(whole) == 1:
            _act_on_one(whole[0], owner)
        starred = all(seen.starred for seen in chosen)
        st.button(
            _("Unstar") if starred else _("Star"),
            icon=":material/star:",
            on_click=attempt,
            args=(PLACE, _star, whole, not starred),
            key="runs-star",
            **allowed(owner, "star these runs" if len(chosen) > 1 else "star this run", not whole),
        )
        st.button(
            _("Delete"),
            icon=":material/delete:",
            on_click=attempt,
            args=(PLACE, _delete, over),
            key="runs-delete",
            **allowed(owner, "delete these runs" if len(chosen) > 1 else "delete this run", not over),
        )
    for seen in chosen:
        if seen.notes:
            st.text(f"{seen.title}: {seen.notes}" if len(chosen) > 1 else seen.notes)
    ids = [seen.run.id for seen in chosen]
    if not whole:
        write_address(ids, None)
        return
    view = choose_view(whole)
    write_address(ids, view)
    VIEWS["runs_view_one" if len(whole) == 1 else "runs_view_several"][view](whole)


def _owner(chosen: list[runs.Overview]) -> str:
    """Return whose the selected runs are: of several, the first that is not the visitor's."""
    return next((seen.owner for seen in chosen if not may_change(seen.owner)), chosen[0].owner)


def _act_on_one(run: runs.Run, owner: str) -> None:
    """Offer what can be done with one run alone."""
    st.page_link(
        "pages/train.py", label=_("Open"), icon=":material/trending_up:", query_params={"run": run.id}
    )
    status = run.status()
    if run.checkpoint("last") and not status.is_active:
        go_on(run, status, PLACE)
    with st.popover(_("Rename"), icon=":material/edit:"):
        key = f"name {run.id}"
        st.session_state[key] = run.title[:LONGEST_NAME]
        st.text_input(
            _("Name"),
            key=key,
            max_chars=LONGEST_NAME,
            on_change=attempt,
            args=(PLACE, _rename, run, key),
            **allowed(owner, "rename this run"),
        )
        st.caption(_("Empty: the run gets its first name back."))
    with st.popover(_("Notes"), icon=":material/notes:"):
        key = f"notes {run.id}"
        st.session_state[key] = run.notes
        st.text_area(
            _("Notes"),
            key=key,
            max_chars=LONGEST_TEXT,
            on_change=attempt,
            args=(PLACE, _note, run, key),
            **allowed(owner, "write notes on this run", help=_(READ_BY_ALL)),
        )


def _rename(run: runs.Run, key: str) -> None:
    run.rename(st.session_state[key])


def _note(run: runs.Run, key: str) -> None:
    run.note(st.session_state[key])


def _star(chosen: Runs, starred: bool) -> None:
    for run in chosen:
        run.star(starred)


def _delete(over: Runs) -> None:
    st.session_state.deleted_runs = []
    for run in over:
        runs.delete(run)
        st.session_state.deleted_runs.append(run.id)


def offer_undo() -> None:
    """Offer to bring back what this browser deleted last."""
    kept = {one.run.id for one in runs.list_deleted()}
    if gone := [run_id for run_id in st.session_state.get("deleted_runs", ()) if run_id in kept]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_n("Deleted {n} run; kept for a day.", "Deleted {n} runs; kept for a day.", len(gone)))
            icon = ":material/undo:"
            st.button(_("Undo"), icon=icon, key="runs-undo", on_click=attempt, args=(PLACE, _undo, gone))


def _undo(gone: list[str]) -> None:
    st.session_state.pop("deleted_runs", None)
    for run_id in gone:
        runs.restore(run_id)
