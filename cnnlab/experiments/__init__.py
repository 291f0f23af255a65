"""Races and ready experiments: a claim, runs that differ in one thing, what was found, and how sure that is.

experiment    what an experiment is
ready/        the claims of papers and courses, with their settings
finding       a difference over seeds with its interval, and what it means for a claim
results       the curves of a race, live or recorded
recorded      what each ready experiment gave here, in recordings/; recorded_result: what that is
handed_over   results that arrived with a lesson
"""

from cnnlab.errors import ConfigError
from cnnlab.experiments.experiment import MEASURES, SEEDS, Experiment, said_measure
from cnnlab.experiments.finding import Difference, Verdict
from cnnlab.experiments.ready import READY
from cnnlab.experiments.recorded import recording
from cnnlab.experiments.recorded_result import Recording
from cnnlab.experiments.results import Results, Side, course, of_race

__all__ = [
    "MEASURES",
    "READY",
    "SEEDS",
    "Difference",
    "Experiment",
    "Recording",
    "Results",
    "Side",
    "Verdict",
    "course",
    "get",
    "of_race",
    "recording",
    "said_measure",
]


def get(name: str) -> Experiment:
    """Return a ready experiment.

    Raises:
        ConfigError: none has this name.
    """
    if name not in READY:
        raise ConfigError(f"There is no experiment {name[:40]!r}; choose one of {', '.join(READY)}.")
    return READY[name]
