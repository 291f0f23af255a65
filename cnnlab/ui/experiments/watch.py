"""One race, while it runs and afterwards: everybody with its address sees the same."""

import streamlit as st

from cnnlab import experiments
from cnnlab.experiments import Experiment
from cnnlab.languages import _, texts
from cnnlab.runs import jobs as job_folders
from cnnlab.runs.races import Race
from cnnlab.ui import jobs, visitors
from cnnlab.ui.attempt import attempt
from cnnlab.ui.experiments import address, bets, chart, claim, wording
from cnnlab.ui.tables import table
from cnnlab.ui.wording import plain

POLL_SECONDS = 1.0


def show(race: Race) -> None:
    """Show a race: its claim, how far it is, the curves, and what was found so far."""
    plan = race.plan
    experiment = experiments.READY.get(plan.experiment)
    if experiment:
        claim.heading(experiment)
    else:
        address.way_back()
        st.title(plain(wording.title(plan)), anchor=False)
    active = race.job.status().is_active
    _actions(race, active)
    bets.place(race, experiment)
    measure, axis = chart.choose_axes(race.id, experiment.measure if experiment else "val_accuracy")
    st.fragment(_live, run_every=POLL_SECONDS if active else None)(race, experiment, measure, axis, active)


def _live(race: Race, experiment: Experiment | None, measure: str, axis: str, was_active: bool) -> None:
    now = race.job.status()
    if was_active and not now.is_active:
        st.rerun()
    if now.is_active:
        jobs.bar(race.job, now)
    else:
        jobs.complain(race.job, now)
    results = experiments.of_race(race)
    if experiment:
        claim.verdict(experiment, results)
    chart.show(results, measure, axis, f"race-{race.id}")
    bets.scored(race, experiment, results)
    if experiment:
        claim.finding(experiment, results)
    else:
        _compared(results)


def _compared(results: experiments.Results) -> None:
    """Say of each side how far it lies from the first one."""
    table(wording.rows(results, None))
    first = plain(wording.side(results.sides[0].label))
    for number, side in enumerate(results.sides[1:], start=1):
        if found := results.compared(number, 0):
            values = {
                "side": plain(wording.side(side.label)),
                "first": first,
                "difference": plain(str(found)),
            }
            st.markdown(
                _("{side} minus {first}: {difference}", **values)
                if found.is_distinguishable
                else _("{side} minus {first}: not distinguishable: {difference}", **values)
            )
    st.caption(
        _("Validation accuracy after the last epoch; intervals are 95 %, Student's t over pairs of one seed.")
    )


def _actions(race: Race, active: bool) -> None:
    now, owner = race.job.status(), race.job.owner
    with st.container(horizontal=True, gap="small"):
        if now.state in {"stopped", "interrupted"}:
            st.button(
                _("Resume") if any_begun(race) else _("Start"),
                type="primary",
                icon=":material/play_arrow:",
                on_click=attempt,
                args=(address.PLACE, _resume, race),
                **visitors.allowed(owner, texts("start this race")),
            )
        if not active:
            st.button(
                _("Delete"),
                icon=":material/delete:",
                on_click=attempt,
                args=(address.PLACE, _delete, race),
                **visitors.allowed(owner, texts("delete this race")),
            )


def any_begun(race: Race) -> bool:
    """Whether a run of the race has begun."""
    return (race.job.folder / "runs").is_dir()


def _resume(race: Race) -> None:
    job_folders.resume(race.job)


def _delete(race: Race) -> None:
    race.delete()
    address.go_to()
