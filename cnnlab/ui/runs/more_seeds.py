"""The same run with more seeds: asked for, watched, and its spread beside the accuracy."""

from statistics import fmean, stdev

import streamlit as st

from cnnlab.experiments import spread
from cnnlab.languages import _
from cnnlab.runs import Run, Status
from cnnlab.runs.kinds import RACE
from cnnlab.runs.races import Race
from cnnlab.ui import jobs
from cnnlab.ui.attempt import attempt
from cnnlab.ui.wording import plain


def button(run: Run, status: Status, place: str) -> None:
    """Offer to train a run that is over again with more seeds; ``place`` is where a refusal is said."""
    st.button(
        _("Train it with {n} more seeds", n=spread.MORE_SEEDS),
        icon=":material/casino:",
        disabled=status.state != "finished",
        help=_(
            "The same settings with other splits and first weights: how far the accuracy depends on chance."
        ),
        on_click=attempt,
        args=(place, _begin, run),
        key=f"seeds {run.id}",
    )


def said(run: Run) -> None:
    """Show the spread of a run over its seeds, or how far its other seeds are; nothing without any."""
    if (race := spread.race_of(run)) is None:
        return
    found = spread.spread_of(run)
    if found:
        words = _(
            "Validation accuracy {mean} ± {deviation} % over {n} seeds (mean ± standard deviation)",
            mean=f"{100 * fmean(found.accuracies):.1f}",
            deviation=f"{100 * stdev(found.accuracies):.1f}",
            n=len(found.accuracies),
        )
    else:
        words = _("More seeds: {state}", state=_(race.job.status().state))
    st.page_link(
        "pages/experiments.py", label=plain(words), icon=":material/casino:", query_params={"race": race.id}
    )


def _begin(run: Run) -> None:
    race = Race(jobs.ask(RACE, **spread.plan(run).checked().to_dict()))
    spread.remember(run, race)
