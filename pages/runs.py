"""Runs: everything that was trained, curves over each other, what differed, and away with the rest."""

import streamlit as st

from cnnlab import charts, runs, ui
from cnnlab.errors import CnnLabError


def compare(chosen: list[runs.Run]) -> None:
    names = ui.told_apart(chosen)
    left, right = st.columns([3, 1])
    measure = left.segmented_control(
        "Curve",
        list(charts.MEASURES),
        format_func=lambda name: charts.MEASURES[name][0].capitalize(),
        default="val_accuracy",
        required=True,
    )
    axis = right.segmented_control("By", ["epoch", "step", "seconds"], default="epoch", required=True)
    curves = [charts.Curve(name, run.metrics().epochs) for name, run in zip(names, chosen, strict=True)]
    ui.live_chart(charts.overlay(curves, measure, axis), key="overlay")
    if len(chosen) > 1:
        st.subheader("What differs", anchor=False)
        different = ui.differences(chosen)
        if different:
            st.table(
                [{"Setting": name, **dict(zip(names, row, strict=True))} for name, row in different.items()]
            )
        else:
            st.caption("Nothing: all settings are the same.")


def act_on(chosen: list[runs.Run]) -> None:
    over = [run for run in chosen if not run.status().is_active]
    with st.container(horizontal=True):
        for name, run in list(zip(ui.told_apart(chosen), chosen, strict=True))[:3]:
            st.page_link(
                "pages/train.py",
                label=f"Open {ui.plain(name)}",
                icon=":material/trending_up:",
                query_params={"run": run.id},
            )
        st.button("Delete", icon=":material/delete:", disabled=not over, on_click=delete, args=(over,))


def delete(over: list[runs.Run]) -> None:
    for run in over:
        runs.delete(run)
    st.session_state.deleted_runs = [run.id for run in over]


def offer_undo() -> None:
    if gone := st.session_state.get("deleted_runs"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Deleted {len(gone)} run{'s' if len(gone) > 1 else ''}; kept for a day.")
            st.button("Undo", icon=":material/undo:", on_click=undo)


def undo() -> None:
    for run_id in st.session_state.pop("deleted_runs"):
        runs.restore(run_id)


ui.lab()
st.title("Runs")
try:
    offer_undo()
    if everything := runs.list_runs():
        if chosen := ui.run_table(everything):
            act_on(chosen)
            compare(chosen)
        else:
            st.caption(
                "Tick runs to lay their curves over each other, to see what differs, or to delete them."
            )
    else:
        st.info("Nothing has been trained yet: the first run takes seconds.")
        st.page_link("pages/train.py", label="Train", icon=":material/trending_up:")
except CnnLabError as error:
    st.error(ui.plain(str(error)))
