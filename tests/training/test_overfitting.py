"""One sentence when a network begins to learn its training pictures by heart, and none before."""

import numpy as np
import pytest

from cnnlab.runs import Metrics
from cnnlab.training.overfitting import overfitting


def history(losses, val_losses, accuracies) -> Metrics:
    epochs = {
        "epoch": np.arange(1.0, len(losses) + 1),
        "loss": np.array(losses, float),
        "val_loss": np.array(val_losses, float),
        "val_accuracy": np.array(accuracies, float),
    }
    return Metrics({}, epochs)


def course() -> Metrics:
    """50 epochs, the best of them the 31st; then nineteen that learn by heart."""
    fall = np.linspace(1.0, 0.2, 50)
    val = np.concatenate([np.linspace(1.0, 0.5, 31), np.linspace(0.52, 0.9, 19)])
    right = np.concatenate([np.linspace(0.3, 0.8, 31), np.full(19, 0.78)])
    return history(fall, val, right)


def test_the_best_epoch_and_the_epochs_since_are_named():
    assert overfitting(course()) == (
        "The best epoch was 31; the last 19 only learned the training pictures by heart: "
        "the validation loss rises while the training loss falls."
    )


@pytest.mark.parametrize(
    ("losses", "val_losses", "accuracies"),
    [
        ([], [], []),
        ([1.0], [1.0], [0.5]),
        ([1, 0.8, 0.6, 0.5, 0.4], [1, 0.9, 0.8, 0.7, 0.6], [0.1, 0.2, 0.3, 0.4, 0.5]),  # all is well
        ([1, 0.9, 0.8, 0.7], [0.5, 0.6, 0.7, 0.8], [0.5, 0.5, 0.5, 0.6]),  # accuracy still rises
        ([1, 0.9, 0.8, 0.7], [1.0, 0.5, 0.6, 0.7], [0.4, 0.5, 0.4, 0.4]),  # two epochs may be chance
        ([1, 1.1, 1.2, 1.3, 1.4], [0.5, 0.6, 0.7, 0.8, 0.9], [0.6, 0.5, 0.5, 0.5, 0.5]),  # it diverges
        ([1, 0.9, 0.8, 0.7, 0.6], [0.5, 0.502, 0.501, 0.503, 0.502], [0.6, 0.5, 0.5, 0.5, 0.5]),  # it stands
        ([1, 0.9, 0.8, 0.7], [0.5, float("nan"), 0.7, 0.8], [0.6, 0.5, 0.5, 0.5]),
    ],
)
def test_nothing_is_said_without_a_reason(losses, val_losses, accuracies):
    assert overfitting(history(losses, val_losses, accuracies)) is None


def test_three_epochs_of_rise_are_a_reason():
    assert overfitting(history([1, 0.9, 0.8, 0.7], [0.5, 0.6, 0.7, 0.8], [0.6, 0.5, 0.5, 0.5])).startswith(
        "The best epoch was 1; the last 3 only"
    )
