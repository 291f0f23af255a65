"""One ready experiment: its claim, a bet, the recorded result replayed, and a run of one's own."""

import os
import time

import streamlit as st

from cnnlab import experiments, machine
from cnnlab.experiments import Experiment, Recording
from cnnlab.languages import _, recognised, texts
from cnnlab.runs import jobs as job_folders
from cnnlab.runs.kinds import RACE
from cnnlab.ui import jobs
from cnnlab.ui.attempt import attempt
from cnnlab.ui.experiments import address, chart, wording
from cnnlab.ui.tables import table
from cnnlab.ui.wording import duration, plain

TICK_SECONDS = 0.5
SPEEDS = texts({1.0: "1 epoch/s", 2.0: "2 epochs/s", 4.0: "4 epochs/s"})
NOT_STARTED = texts("Not started yet.")


def show(experiment: Experiment) -> None:
    """Show an experiment that has not been run by this browser."""
    heading(experiment)
    known = experiments.recording(experiment.name)
    can_run = _run_it(experiment, known)
    if known:
        _recorded(experiment, known)
    else:
        st.info(
            _("There is no recorded result of this experiment; run it.")
            if can_run
            else _("There is no recorded result of this experiment.")
        )
        _to_see(experiment)


def heading(experiment: Experiment) -> None:
    """Show the title, the claim and who makes it."""
    address.way_back()
    st.title(plain(_(experiment.title)), anchor=False)
    source = plain(_(experiment.claimed_by))
    paper = f"[{source}]({experiment.paper})" if experiment.paper else source
    claim = _("**Claim:** {claim}", claim=plain(_(experiment.claim)))
    st.markdown(f"{claim}  \n:gray[{paper}]")


def _run_it(experiment: Experiment, known: Recording | None) -> bool:
    """Offer to run it, and return whether it can be run here; why not is said."""
    if missing := experiment.needs:
        names = ", ".join(plain(file.name) for file in missing)
        st.info(
            _(
                "To run it, the pretrained weights {names} are needed ({megabytes} MB): choose the "
                "network on the Train page, which offers to download them.",
                names=names,
                megabytes=f"{missing[0].megabytes:g}",
            )
        )
    if lacks_gpu := _lacks_gpu(experiment):
        st.info(_("To run it, an NVIDIA GPU of compute capability 7.0 or above is needed; here is none."))
    cannot = bool(missing) or lacks_gpu
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        seeds = st.number_input(
            _("Seeds"), 1, 20, len(experiments.SEEDS), key=f"seeds-{experiment.name}", width=140
        )
        st.button(
            _("Run it now"),
            type="primary",
            icon=":material/play_arrow:",
            disabled=cannot,
            on_click=_begin,
            args=(experiment, int(seeds)),
        )
        st.button(
            _("Let the class bet first"),
            icon=":material/how_to_vote:",
            disabled=cannot,
            on_click=_begin,
            args=(experiment, int(seeds), True),
        )
        if known:
            took = known.seconds / known.seeds * int(seeds)
            st.caption(_("About {time} on a machine like that of the recorded result.", time=duration(took)))
    return not cannot


def _lacks_gpu(experiment: Experiment) -> bool:
    """Whether no GPU is here that it needs; what a cluster has shows when a run begins."""
    stays_here = os.environ.get("CNNLAB_LAUNCHER") not in {"ray", "slurm"}
    return experiment.needs_gpu and stays_here and machine.describe().kind != "GPU"


def _begin(experiment: Experiment, seeds: int, bets_first: bool = False) -> None:
    attempt(address.PLACE, _ask, experiment, seeds, bets_first)


def _ask(experiment: Experiment, seeds: int, bets_first: bool) -> None:
    request = experiment.plan(range(seeds)).checked().to_dict()
    job = job_folders.prepared(RACE, request, NOT_STARTED) if bets_first else jobs.ask(RACE, **request)
    address.go_to(race=job.id)


def _recorded(experiment: Experiment, known: Recording) -> None:
    st.header(_("Recorded result"), anchor=False)
    st.caption(_circumstances(known))
    began = st.session_state.get(f"replay-{experiment.name}")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        speed = st.select_slider(
            _("Replay"),
            SPEEDS,
            2.0,
            format_func=lambda speed: _(SPEEDS[speed]),
            key=f"speed-{experiment.name}",
            width=220,
        )
        st.button(_("Replay"), icon=":material/replay:", on_click=_replay, args=(experiment,))
        if began:
            st.button(_("To the end"), icon=":material/skip_next:", on_click=_end_replay, args=(experiment,))
        measure, axis = chart.choose_axes(experiment.name, experiment.measure)
    plays = bool(began)
    st.fragment(_drawn, run_every=TICK_SECONDS if plays else None)(
        experiment, known, measure, axis, began, speed
    )


def _circumstances(known: Recording) -> str:
    """Say when and on what a result was recorded."""
    values = {
        "date": known.date,
        "seeds": known.seeds,
        "time": duration(known.seconds),
        "machine": plain(recognised(known.machine)),
        "versions": plain(", ".join(f"{name} {version}" for name, version in known.versions.items())),
    }
    if known.results.images is None:
        return _("On {date}, {seeds} seeds, {time} on {machine}, {versions}.", **values)
    return _(
        "On {date}, {seeds} seeds, {time} on {machine}, {versions}. {images} validation images each.",
        images=f"{known.results.images:,}",
        **values,
    )


def _drawn(
    experiment: Experiment, known: Recording, measure: str, axis: str, began: float | None, speed: float
) -> None:
    longest = max(len(curve.epochs["epoch"]) for side in known.results.sides for curve in side.curves)
    epochs = min(longest, int((time.time() - began) * speed)) if began else longest
    over = epochs >= longest
    if over and began:
        _end_replay(experiment)
        st.rerun()
    if over:
        verdict(experiment, known.results)
    else:
        st.markdown(_("Epoch {epoch} of {epochs}, recorded.", epoch=epochs, epochs=longest))
    chart.show(known.results, measure, axis, f"recorded-{experiment.name}", None if over else epochs)
    if over:
        finding(experiment, known.results)


def verdict(experiment: Experiment, results: experiments.Results) -> None:
    """Say in one line what was found, with its uncertainty."""
    found, said = results.about(experiment)
    st.markdown(f"{wording.badge(said)} **{plain(wording.sentence(experiment, found))}**")


def finding(experiment: Experiment, results: experiments.Results) -> None:
    """Show the figures of each side and seed, what to look for, and why it comes out so."""
    table(wording.rows(results, experiment))
    st.caption(
        _(
            "Measured: {measure}. The area reaches from the least to the most of the seeds. The interval is "
            "Student's t over differences of runs with the same seed: it speaks of other seeds on these "
            "images, not of other images.",
            measure=experiments.said_measure(experiment),
        )
    )
    _to_see(experiment)


def _to_see(experiment: Experiment) -> None:
    """Say what to look for, and why it comes out so."""
    left, right = st.columns(2, gap="large")
    left.markdown(_("**Look for:** {what}", what=plain(_(experiment.look_for))))
    right.markdown(_("**Why:** {why}", why=plain(_(experiment.lesson))))


def _replay(experiment: Experiment) -> None:
    st.session_state[f"replay-{experiment.name}"] = time.time()


def _end_replay(experiment: Experiment) -> None:
    st.session_state.pop(f"replay-{experiment.name}", None)
