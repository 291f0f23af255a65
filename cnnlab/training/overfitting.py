"""Has a run begun to learn its training pictures by heart? Read from its history."""

import numpy as np

from cnnlab.runs import Metrics

FEWEST = 3
"""Epochs of falling training loss and risen validation loss that are more than chance."""
RISEN = 1.02
"""The validation loss has risen when its last epochs' mean is so many times its least value."""


def overfitting(history: Metrics) -> str | None:
    """Return one sentence when the last epochs made only the training pictures better known, else None.

    Compared are the last three epochs with the best ones so far: neither the validation loss nor the
    validation accuracy has been better since, the validation loss has risen, and the training loss fell on.
    """
    val_losses, accuracies = history.epochs["val_loss"], history.epochs["val_accuracy"]
    losses = history.epochs["loss"]
    known = np.isfinite(val_losses) & np.isfinite(accuracies) & np.isfinite(losses)
    if not len(val_losses) or not known.all():
        return None
    best = int(accuracies.argmax())
    turn = max(best, int(val_losses.argmin()))
    since = len(val_losses) - 1 - turn
    if since < FEWEST:
        return None
    last = slice(-FEWEST, None)
    rises = val_losses[last].mean() > RISEN * val_losses.min()
    falls = losses[last].mean() < losses[turn]
    if not (rises and falls):
        return None
    epoch = int(history.epochs["epoch"][best])
    return (
        f"The best epoch was {epoch}; the last {since} only learned the training pictures by heart: "
        "the validation loss rises while the training loss falls."
    )
