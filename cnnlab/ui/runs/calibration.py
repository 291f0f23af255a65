"""Whether a run's network is as sure as it is right: reliability diagram, its error, what it means."""

import streamlit as st

from cnnlab.charts.reliability import FEW, reliability_diagram
from cnnlab.inference import Evaluation, percent
from cnnlab.inference.reliability import Reliability, by_chance, reliability
from cnnlab.languages import _, joined, texts
from cnnlab.ui.live_chart import still_chart

HELP = texts(
    "Guo et al. 2017: the answers are put into 15 bins of equal width by the probability of the predicted "
    "class. In each, accuracy and mean probability are compared; the error is the mean of the differences, "
    "weighted by the number of answers."
)


def calibration(found: Evaluation, key: str) -> None:
    """Show the reliability diagram of an evaluation in a fold."""
    fold = st.expander(_("Calibration: reliability diagram"), on_change="rerun", key="calibration")
    if not fold.open:
        return
    with fold:
        measured = measure(found)
        if measured is None:
            st.caption(_("The probabilities are not finite: the training diverged."))
            return
        st.metric(
            _("Expected calibration error"),
            percent(measured.error),
            f"n = {measured.n:,}",
            delta_color="off",
            delta_arrow="off",
            width="content",
            help=_(HELP),
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
    said = [
        _(
            "Probability and accuracy differ by {error} percentage points on average; with {n} images a "
            "perfectly calibrated network would measure {chance}.",
            error=f"{100 * measured.error:.1f}",
            n=f"{found.n:,}",
            chance=f"{100 * chance:.1f}",
        ),
        _judged(sure, found.accuracy, measured.error > 2 * chance),
    ]
    if any(0 < one.n < FEW for one in measured.bins):
        said.append(_("Pale bars stand for fewer than {few} answers.", few=FEW))
    return joined(said)


def _judged(sure: float, accuracy: float, is_off: bool) -> str:
    """Say how sure a network is beside how often it is right; where it ``is_off``, that it errs."""
    if not is_off:
        said = _("The mean probability is {sure}, the accuracy {accuracy}.", **_both(sure, accuracy))
    elif sure > accuracy:
        said = _(
            "The mean probability is {sure}, the accuracy {accuracy}: it is overconfident.",
            **_both(sure, accuracy),
        )
    else:
        said = _(
            "The mean probability is {sure}, the accuracy {accuracy}: it is underconfident.",
            **_both(sure, accuracy),
        )
    return said


def _both(sure: float, accuracy: float) -> dict[str, str]:
    return {"sure": percent(sure), "accuracy": percent(accuracy)}
