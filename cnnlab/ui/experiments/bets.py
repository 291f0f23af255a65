"""Bets of a class on a race: a link to hand out, a form for each, and the points as epochs come in."""

import streamlit as st

from cnnlab.experiments import Experiment, Results, bets
from cnnlab.experiments.bets import Bet
from cnnlab.runs.races import Race
from cnnlab.ui import qr
from cnnlab.ui.attempt import attempt, complain
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
            st.header("Predict", anchor=False)
            complain(race.id)
            form = st.form(f"bet-{race.id}", border=False)
            with form:
                winner = st.radio(
                    "Highest at the end",
                    labels,
                    known.winner if known else 0,
                    horizontal=True,
                    format_func=plain,
                )
                accuracy = st.slider(
                    "Its accuracy in per cent",
                    0,
                    100,
                    round(100 * known.accuracy) if known else 80,
                    width=420,
                )
                epoch = st.number_input(
                    "Its epoch with the lowest validation loss",
                    1,
                    max(arm.config.epochs for arm in race.plan.arms),
                    known.epoch if known and known.epoch else 1,
                    width=300,
                )
                sent = st.form_submit_button("Change my bet" if known else "Place my bet", type="primary")
            if sent:
                bet = Bet(labels.index(winner), accuracy / 100, int(epoch))
                attempt(race.id, bets.place, race, bet)
                st.rerun()
            st.caption(f"{bets.count(race)} have bet. Bets are taken until the first epoch is over.")
        with st.container(width="content"):
            qr.code("experiments", race=race.id)


def scored(race: Race, experiment: Experiment | None, results: Results) -> None:
    """Show who has how many points as the race stands now."""
    if not bets.count(race):
        return
    found = bets.standings(race, results, experiment.measure if experiment else "val_accuracy")
    labels = [arm.label for arm in race.plan.arms]
    with st.expander(f"Bets: {len(found)}", expanded=True):
        table(
            [
                {
                    "Name": standing.name,
                    "Winner": labels[standing.bet.winner],
                    "Accuracy": f"{100 * standing.bet.accuracy:.0f} %",
                    "Lowest validation loss": f"epoch {standing.bet.epoch}" if standing.bet.epoch else "–",
                    "Points": str(standing.points),
                }
                for standing in found[:MOST_SHOWN]
            ]
        )
        st.caption(
            "The right winner: 3 points. Its accuracy within 1, 3, 10 points: 3, 2, 1. Its epoch with the "
            "lowest validation loss exactly, within 1, within 3: 3, 2, 1."
        )
