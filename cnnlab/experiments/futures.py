"""Futures of a run: from the weights it has now, some sides that each change one thing."""

from collections.abc import Callable, Mapping, Sequence

from cnnlab.languages import texts
from cnnlab.runs import Run
from cnnlab.runs.races import Arm, Plan
from cnnlab.settings import RunConfig

UNCHANGED = texts("unchanged")


def _with_rate(factor: float) -> Callable[[RunConfig], RunConfig]:
    def change(config: RunConfig) -> RunConfig:
        return config.changed(learning_rate=min(100.0, config.initial_learning_rate * factor))

    return change


CHANGES: Mapping[str, Callable[[RunConfig], RunConfig]] = {
    UNCHANGED: lambda config: config,
    texts("learning rate × 10"): _with_rate(10),
    texts("learning rate ÷ 10"): _with_rate(0.1),
    texts("no dropout"): lambda config: config.changed(dropout=0.0),
    texts("dropout 0.5"): lambda config: config.changed(dropout=0.5),
    texts("no augmentation"): lambda config: config.changed(augmentation={}),
    texts("flips and shifts"): lambda config: config.changed(
        augmentation={"flip": 1.0, "shift_x": 0.1, "shift_y": 0.1}
    ),
    texts("images not shuffled"): lambda config: config.changed(shuffle=False),
    texts("weight decay 0.001"): lambda config: config.changed(l2=0.001),
}
"""What a future may change, by the words of its side."""


def possible(run: Run) -> list[str]:
    """Return the changes that make another future of this run than leaving it as it is.

    Raises:
        RunError: its settings cannot be read.
    """
    now = run.config
    return [words for words, change in CHANGES.items() if words == UNCHANGED or change(now) != now]


def plan(run: Run, changes: Sequence[str], epochs: int) -> Plan:
    """Return the race of some futures for so many epochs, with the run's own seed and split.

    Raises:
        ConfigError: a setting cannot work, or there are not two futures.
        RunError: the settings of the run cannot be read.
    """
    now = run.config.changed(epochs=epochs, title="", recipe=None, stop_patience=None)
    arms = tuple(Arm(words, CHANGES[words](now)) for words in changes)
    return Plan(f"{run.title}: {' or '.join(changes)}"[:200], arms, (now.seed,)).checked()
