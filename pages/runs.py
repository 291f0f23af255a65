"""Runs: everything that was trained: found, compared, measured, taken away, brought back."""

from collections.abc import Callable

import streamlit as st

from cnnlab import charts, runs, ui
from cnnlab.errors import CnnLabError
from cnnlab.runs.notes import LONGEST_NAME
from cnnlab.ui.attempt import attempt, complain

Runs = list[runs.Run]
PLACE = "runs"


def compare(chosen: Runs) -> None:
    names = ui.told_apart(chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        asked = {"required": True, "persist_state": "session"}
        measure = st.segmented_control(
            "Curve",
            list(charts.MEASURES),
            format_func=lambda name: charts.MEASURES[name][0].capitalize(),
            default="val_accuracy",
            key="runs_measure",
            **asked,
        )
        axis = st.segmented_control(
            "By", ["epoch", "step", "seconds"], default="epoch", key="runs_axis", **asked
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


def differ(chosen: Runs) -> None:
    if different := ui.differences(chosen):
        names = ui.told_apart(chosen)
        ui.table([{"Setting": name, **dict(zip(names, row, strict=True))} for name, row in different.items()])
    else:
        st.caption("Nothing: all settings are the same.")


def of_one(show: Callable[[runs.Run], None]) -> Callable[[Runs], None]:
    return lambda chosen: show(chosen[0])


def settings(run: runs.Run) -> None:
    ui.table([{"Setting": name, "Value": said} for name, said in ui.settings(run).items()])


ONE = {
    "Evaluation": of_one(ui.evaluation_view),
    "Curves": compare,
    "Settings": of_one(settings),
    "Downloads": of_one(ui.downloads),
}
SEVERAL = {"Curves": compare, "What differs": differ}


def look_at(chosen: Runs) -> None:
    views = ONE if len(chosen) == 1 else SEVERAL
    kind = "one" if len(chosen) == 1 else "several"
    view = st.segmented_control(
        "Show",
        list(views),
        default=next(iter(views)),
        required=True,
        key=f"runs_view_{kind}",
        label_visibility="collapsed",
        persist_state="session",
    )
    views[view](chosen)


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
        label = "Take the star away" if starred else "Star"
        st.button(
            label,
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
    if whole:
        look_at(whole)


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
        st.caption("An empty name gives the run its first one back.")


def rename(run: runs.Run, key: str) -> None:
    run.rename(st.session_state[key])


def star(chosen: Runs, starred: bool) -> None:
    for run in chosen:
        run.star(starred)


def delete(over: Runs) -> None:
    st.session_state.deleted_runs = []
    for run in over:
        runs.delete(run)
        st.session_state.deleted_runs.append(run.id)


def offer_undo() -> None:
    if gone := st.session_state.get("deleted_runs"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Deleted {len(gone)} run{'s' if len(gone) > 1 else ''}; kept for a day.")
            st.button("Undo", icon=":material/undo:", on_click=attempt, args=(PLACE, undo))


def undo() -> None:
    for run_id in st.session_state.pop("deleted_runs"):
        runs.restore(run_id)


ui.lab()
st.title("Runs")
try:
    for trouble in ui.supervisor().troubles[-1:]:
        st.caption(f":material/build: {ui.plain(trouble)}")
    ui.open_a_run()
    complain(PLACE)
    offer_undo()
    if everything := runs.overview(0):
        if chosen := ui.run_table(ui.filtered(everything)):
            act_on(chosen)
        else:
            st.caption("Tick one run to see how good it is, or several to compare them.")
    else:
        st.info("Nothing has been trained yet: the first run takes seconds.")
        st.page_link("pages/train.py", label="Train", icon=":material/trending_up:")
except CnnLabError as error:
    st.error(ui.plain(str(error)))
