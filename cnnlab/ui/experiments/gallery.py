"""All ready experiments, each with its claim and what was found; the races that were run here."""

from itertools import islice

import streamlit as st

from cnnlab import experiments
from cnnlab.errors import CnnLabError
from cnnlab.experiments import Experiment
from cnnlab.languages import _
from cnnlab.runs import races
from cnnlab.ui.experiments import address, wording
from cnnlab.ui.wording import STATE_ICONS, created, plain, refusal

COLUMNS = 3
RECENT = 8


def gallery() -> None:
    """Show a card for each ready experiment."""
    ready = list(experiments.READY.values())
    for first in range(0, len(ready), COLUMNS):
        for column, experiment in zip(st.columns(COLUMNS), ready[first : first + COLUMNS], strict=False):
            with column.container(border=True, height="stretch", gap="small"):
                _card(experiment)


def _card(experiment: Experiment) -> None:
    parts = [f"## {plain(_(experiment.title))}", plain(_(experiment.claim))]
    if known := experiments.recording(experiment.name):
        found, verdict = known.results.about(experiment)
        parts.append(f"{wording.badge(verdict)} {plain(str(found))}")
    st.markdown("\n\n".join(parts))  # one element: a page of twenty cards is complete later with each
    st.button(
        _("Open"),
        key=f"open-{experiment.name}",
        on_click=address.go_to,
        kwargs={address.EXPERIMENT: experiment.name},
    )


def recent_races() -> None:
    """List the races that were run here, the newest first."""
    known = list(islice(races.listed(), RECENT))
    if not known:
        return
    st.header(_("Races"), anchor=False)
    for race in known:
        try:
            now, title = race.job.status(), wording.title(race.plan)
        except CnnLabError as error:
            st.caption(refusal(error))
            continue
        label = f"{plain(title)}  :gray[{_(now.state)} · {created(now)}]"
        st.page_link(
            "pages/experiments.py",
            label=label,
            icon=STATE_ICONS[now.state],
            query_params={address.RACE: race.id},
        )
