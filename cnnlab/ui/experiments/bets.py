"""Bets of a class on a race: a link to hand out, a form for each, and the points as epochs come in."""

import streamlit as st

from cnnlab.access import people
from cnnlab.access.visitor import GUEST_ID, TEACHER_ID
from cnnlab.experiments import Experiment, Results, bets
from cnnlab.experiments.bets import Bet, Standing
from cnnlab.languages import _, _n, _p
from cnnlab.runs.races import Race
from cnnlab.ui import qr
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.experiments import wording
from cnnlab.ui.tables import table
from cnnlab.ui.wording import plain

MOST_SHOWN = 40


def place(race: Race, experiment: Experiment | None) -> None:
    """Show the form of a bet while bets are taken, and how others get here."""
    if not bets.is_open(race):
        return
    labels = [arm.label for arm in race.plan.arms]
    known = bets.of_visitor(race)
    with st.container(border=True, horizontal=True, gap="large"):
        with st.container(gap="small"):
            st.header(_p("a class, who will win", "Predict"), anchor=False)
            complain(race.id)
            form = st.form(f"bet-{race.id}", border=False)
            with form:
                winner = st.radio(
                    _("Highest at the end"),
                    labels,
                    known.winner if known else 0,
                    horizontal=True,
                    format_func=lambda label: plain(wording.side(label)),
                    key=f"bet-winner-{race.id}",
                )
                accuracy = st.slider(
                    _("Its accuracy in per cent"),
                    0,
                    100,
                    round(100 * known.accuracy) if known else 80,
                    key=f"bet-accuracy-{race.id}",
                    width=420,
                )
                epoch = st.number_input(
                    _("Its epoch with the lowest validation loss"),
                    1,
                    max(arm.config.epochs for arm in race.plan.arms),
                    known.epoch if known and known.epoch else 1,
                    key=f"bet-epoch-{race.id}",
                    width=300,
                )
                words = _("Change my bet") if known else _("Place my bet")
                sent = st.form_submit_button(words, type="primary")
            if sent:
                bet = Bet(labels.index(winner), accuracy / 100, int(epoch))
                attempt(race.id, bets.place, race, bet)
                st.rerun()
            st.caption(
                _n(
                    "{n} has bet. Bets are taken until the first epoch is over.",
                    "{n} have bet. Bets are taken until the first epoch is over.",
                    bets.count(race),
                )
            )
        with st.container(width="content"):
            qr.code("experiments", race=race.id)


def scored(race: Race, experiment: Experiment | None, results: Results) -> None:
    """Show who has how many points as the race stands now."""
    if not bets.count(race):
        return
    found = bets.standings(race, results, experiment.measure if experiment else "val_accuracy")
    labels = [arm.label for arm in race.plan.arms]
    with st.expander(_("Bets: {n}", n=len(found)), expanded=True):
        table(
            [
                {
                    _("Name"): _name(standing),
                    _("Winner"): wording.side(labels[standing.bet.winner]),
                    _("Accuracy"): f"{100 * standing.bet.accuracy:.0f} %",
                    _("Lowest validation loss"): _epoch(standing.bet),
                    _p("of a bet", "Points"): str(standing.points),
                }
                for standing in found[:MOST_SHOWN]
            ]
        )
        st.caption(
            _(
                "The right winner: 3 points. Its accuracy within 1, 3, 10 points: 3, 2, 1. Its epoch with "
                "the lowest validation loss exactly, within 1, within 3: 3, 2, 1."
            )
        )


def _name(standing: Standing) -> str:
    """Return the name of whoever bet, or what the page calls them."""
    if standing.owner == bets.ALONE:
        return _("You")
    if name := people.name_of(standing.owner):
        return name
    if standing.owner in {GUEST_ID, TEACHER_ID}:
        return _("Guest") if standing.owner == GUEST_ID else _("Teacher")
    return _("Student {code}", code=standing.owner[:4])


def _epoch(bet: Bet) -> str:
    return _("epoch {epoch}", epoch=bet.epoch) if bet.epoch else "–"
