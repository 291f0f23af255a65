"""Runs: everything that was trained: found, compared, measured, exported, brought back."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnlab import charts, runs, ui
from cnnlab.errors import CnnLabError
from cnnlab.runs.notes import LONGEST_NAME, LONGEST_TEXT
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.runs.address import follow_address, write_address
from cnnlab.ui.runs.deleted_runs import deleted_runs
from cnnlab.ui.screen import screen_size

Runs = list[runs.Run]
View = Callable[[Runs], None]
PLACE = "runs"
AXES = {"epoch": "Epoch", "step": "Step", "seconds": "Training time"}


def compare(chosen: Runs) -> None:
    names = ui.told_apart(chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        asked: dict[str, Any] = {"required": True, "persist_state": "session"}
        measure = st.segmented_control(
            "Metric",
            list(charts.MEASURES),
            format_func=lambda name: charts.MEASURES[name][0].capitalize(),
            default="val_accuracy",
            key="runs_measure",
            **asked,
        )
        axis = st.segmented_control(
            "x axis", list(AXES), format_func=AXES.__getitem__, default="epoch", key="runs_axis", **asked
        )
        smoothing = st.slider(
            "Smoothing",
            0.0,
            0.95,
            step=0.05,
            key="runs_smoothing",
            persist_state="session",
            width=200,
            help="Weight of the past in an exponential moving average; the measured curve stays, pale.",
        )
    curves = [charts.Curve(name, run.metrics().epochs) for name, run in zip(names, chosen, strict=True)]
    ui.live_chart(charts.overlay(curves, measure, axis, smoothing), key="overlay")


def compare_settings(chosen: Runs) -> None:
    if different := ui.differences(chosen):
        names = ui.told_apart(chosen)
        ui.table([{"Setting": name, **dict(zip(names, row, strict=True))} for name, row in different.items()])
    else:
        st.caption("All settings are the same.")


def of_one(show: Callable[[runs.Run], None]) -> View:
    return lambda chosen: show(chosen[0])


def settings(run: runs.Run) -> None:
    ui.table([{"Setting": name, "Value": said} for name, said in ui.settings(run).items()])


ONE: dict[str, View] = {
    "Evaluation": of_one(ui.evaluation_view),
    "Curves": compare,
    "Settings": of_one(settings),
    "Downloads": of_one(ui.downloads),
}
SEVERAL: dict[str, View] = {"Curves": compare, "Compare settings": compare_settings}
VIEWS: dict[str, dict[str, View]] = {"runs_view_one": ONE, "runs_view_several": SEVERAL}


def choose_view(chosen: Runs) -> str:
    key = "runs_view_one" if len(chosen) == 1 else "runs_view_several"
    st.session_state.setdefault(key, next(iter(VIEWS[key])))
    shown = st.segmented_control(
        "Show",
        list(VIEWS[key]),
        required=True,
        key=key,
        label_visibility="collapsed",
        persist_state="session",
    )
    return shown or next(iter(VIEWS[key]))


def act_on(chosen: list[runs.Overview]) -> None:
    over = [seen.run for seen in chosen if not seen.status.is_active]
    whole = [seen.run for seen in chosen if not seen.damage]
    for seen in chosen:
        if seen.damage:
            st.warning(ui.plain(f"{seen.title}: {seen.damage}"), icon=":material/folder_off:")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if len(chosen) == len(whole) == 1:
            act_on_one(whole[0])
        starred = all(seen.starred for seen in chosen)
        st.button(
            "Unstar" if starred else "Star",
            icon=":material/star:",
            on_click=attempt,
            args=(PLACE, star, whole, not starred),
            disabled=not whole,
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            disabled=not over,
            on_click=attempt,
            args=(PLACE, delete, over),
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


def act_on_one(run: runs.Run) -> None:
    st.page_link("pages/train.py", label="Open", icon=":material/trending_up:", query_params={"run": run.id})
    status = run.status()
    if run.checkpoint("last") and not status.is_active:
        ui.go_on(run, status)
    with st.popover("Rename", icon=":material/edit:"):
        key = f"name {run.id}"
        st.session_state[key] = run.title[:LONGEST_NAME]
        st.text_input(
            "Name", key=key, max_chars=LONGEST_NAME, on_change=attempt, args=(PLACE, rename, run, key)
        )
        st.caption("Empty: the run gets its first name back.")
    with st.popover("Notes", icon=":material/notes:"):
        key = f"notes {run.id}"
        st.session_state[key] = run.notes
        st.text_area(
            "Notes",
            key=key,
            max_chars=LONGEST_TEXT,
            on_change=attempt,
            args=(PLACE, note, run, key),
            help="Kept with the run; everybody on this server can read and change them.",
        )


def rename(run: runs.Run, key: str) -> None:
    run.rename(st.session_state[key])


def note(run: runs.Run, key: str) -> None:
    run.note(st.session_state[key])


def star(chosen: Runs, starred: bool) -> None:
    for run in chosen:
        run.star(starred)


def delete(over: Runs) -> None:
    st.session_state.deleted_runs = []
    for run in over:
        runs.delete(run)
        st.session_state.deleted_runs.append(run.id)


def offer_undo() -> None:
    kept = {one.run.id for one in runs.list_deleted()}
    if gone := [run_id for run_id in st.session_state.get("deleted_runs", ()) if run_id in kept]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Deleted {len(gone)} run{'s' if len(gone) > 1 else ''}; kept for a day.")
            st.button("Undo", icon=":material/undo:", on_click=attempt, args=(PLACE, undo, gone))


def undo(gone: list[str]) -> None:
    st.session_state.pop("deleted_runs", None)
    for run_id in gone:
        runs.restore(run_id)


def import_and_restore() -> None:
    imported = st.session_state.get("arrived")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        ui.open_a_run()
        deleted_runs(PLACE)
    if imported:
        st.success(f"Imported {ui.plain(imported)}; it is selected below.", icon=":material/check_circle:")


def list_of_runs(everything: tuple[runs.Overview, ...], size: str) -> None:
    for run_id in follow_address({seen.run.id for seen in everything}, VIEWS)[:1]:
        st.warning(f"There is no run {ui.plain(run_id[:40])} here; it was deleted, or the address is wrong.")
    if chosen := ui.run_table(ui.filtered(everything, size), size):
        act_on(chosen)
    else:
        write_address([], None)
        st.caption("Select a run to evaluate, or several to compare.")


ui.lab()
st.title("Runs")
try:
    room = screen_size()
    for trouble in ui.supervisor().troubles[-1:]:
        st.caption(f":material/build: {ui.plain(trouble)}")
    import_and_restore()
    complain(PLACE)
    offer_undo()
    if everything := runs.overview(0):
        list_of_runs(everything, room)
    else:
        st.info("No runs yet: the first one takes seconds.")
        st.page_link("pages/train.py", label="Train", icon=":material/trending_up:")
except CnnLabError as error:
    st.error(ui.plain(str(error)))
