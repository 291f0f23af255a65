"""Whether a run's network is as sure as it is right: reliability diagram, its error, what it means."""

import streamlit as st

from cnnlab.charts.reliability import FEW, reliability_diagram
from cnnlab.inference import Evaluation, percent
from cnnlab.inference.reliability import Reliability, by_chance, reliability
from cnnlab.ui.live_chart import still_chart

HELP = (
    "Guo et al. 2017: the answers are put into 15 bins of equal width by the probability of the predicted "
    "class. In each, accuracy and mean probability are compared; the error is the mean of the differences, "
    "weighted by the number of answers."
)


def calibration(found: Evaluation, key: str) -> None:
    """Show the reliability diagram of an evaluation in a fold."""
    fold = st.expander("Calibration: reliability diagram", on_change="rerun", key="calibration")
    if not fold.open:
        return
    with fold:
        measured = measure(found)
        if measured is None:
            st.caption("The probabilities are not finite: the training diverged.")
            return
        st.metric(
            "Expected calibration error",
            percent(measured.error),
            f"n = {measured.n:,}",
            delta_color="off",
            delta_arrow="off",
            width="content",
            help=HELP,
        )
        bars = tuple(
            (one.low, one.high, one.n, one.accuracy, one.confidence) for one in measured.bins if one.n
        )
        still_chart(f"reliability-{key}", reliability_diagram, bars)
        st.caption(meaning(found, measured))


def measure(found: Evaluation) -> Reliability | None:
    """Return how an evaluation is calibrated; None where a probability is not finite."""
    sure = [said.probability for said in found.predictions]
    if not all(0 <= probability <= 1.001 for probability in sure):
        return None
    return reliability(sure, [said.label == said.predicted for said in found.predictions])


def meaning(found: Evaluation, measured: Reliability) -> str:
    """Say in a sentence what the error means, how large it is by chance, and where bars stand for few."""
    probabilities = [said.probability for said in found.predictions]
    sure = sum(probabilities) / found.n
    chance = by_chance(probabilities)
    said = (
        f"Probability and accuracy differ by {100 * measured.error:.1f} percentage points on average; with "
        f"{found.n:,} images a perfectly calibrated network would measure {100 * chance:.1f}. The mean "
        f"probability is {percent(sure)}, the accuracy {percent(found.accuracy)}"
    )
    if measured.error > 2 * chance:
        said += f": it is {'over' if sure > found.accuracy else 'under'}confident"
    few = sum(0 < one.n < FEW for one in measured.bins)
    return f"{said}." + (f" Pale bars stand for fewer than {FEW} answers." if few else "")
