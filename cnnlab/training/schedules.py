"""The learning rate of each epoch: a pure function of the settings, so that it can be drawn before a run."""

import math
from collections.abc import Sequence

from cnnlab.runs import Metrics
from cnnlab.settings import RunConfig

PLATEAU_MARGIN = 1e-4
"""A validation loss has fallen only when it fell by more than this: Keras's ``min_delta``."""


def learning_rate(config: RunConfig, epoch: int, val_losses: Sequence[float] = ()) -> float:
    """Return the rate of an epoch, counted from 0.

    Args:
        config: ``schedule`` is "constant"; "step" (times ``schedule_factor`` from each of
            ``schedule_epochs`` on); "exponential" (times the factor each epoch); "cosine" (half a cosine
            towards 0 over all epochs, Loshchilov & Hutter 2017 without restarts; epochs beyond keep the last
            rate); or "plateau" (times the factor when the validation loss has not fallen for
            ``schedule_patience`` epochs).
            ``warm_up_epochs`` climb in equal steps to the first rate before any of them.
        epoch: the epoch to come.
        val_losses: of the epochs before; only "plateau" looks at them.
    """
    first = config.initial_learning_rate
    warm_up = config.warm_up_epochs
    factor = 1.0 if config.schedule_factor is None else config.schedule_factor
    if epoch < warm_up:
        return first * (epoch + 1) / (warm_up + 1)
    match config.schedule:
        case "step":
            return first * factor ** sum(epoch >= drop for drop in config.schedule_epochs)
        case "exponential":
            return first * factor ** (epoch - warm_up)
        case "cosine":
            done = (min(epoch, config.epochs - 1) - warm_up) / max(1, config.epochs - warm_up)
            return first * (1 + math.cos(math.pi * done)) / 2
        case "plateau":
            return first * factor ** _plateaus(val_losses, config.schedule_patience)
    return first


def current(config: RunConfig, history: Metrics) -> float:
    """Return the rate that a run trains with now: the schedule's, times what somebody set it to by hand."""
    val_losses, factors = history.epochs["val_loss"], history.rates["factor"]
    factor = float(factors[-1]) if len(factors) else 1.0
    return learning_rate(config, len(val_losses), val_losses.tolist()) * factor


def preview(config: RunConfig) -> list[float]:
    """Return the rate of every epoch, as far as it is known before the run."""
    return [learning_rate(config, epoch) for epoch in range(config.epochs)]


def _plateaus(losses: Sequence[float], patience: int) -> int:
    """Count how often a loss failed to fall for ``patience`` epochs in a row."""
    best, waited, found = math.inf, 0, 0
    for loss in losses:
        if loss < best - PLATEAU_MARGIN:
            best, waited = loss, 0
        else:
            waited += 1
        if waited == patience:
            waited, found = 0, found + 1
    return found
