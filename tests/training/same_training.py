"""Two runs that should have learned the very same."""

import keras
import numpy as np

from cnnlab.runs import Run

COLUMNS = ("epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
Tolerances = dict[str, float]
HISTORY: Tolerances = {"rtol": 2e-5, "atol": 2e-6}
WEIGHTS: Tolerances = {"rtol": 1e-4, "atol": 1e-6}


def assert_same_training(
    one: Run, other: Run, history: Tolerances = HISTORY, weights: Tolerances = WEIGHTS
) -> None:
    """Compare every epoch's row, and the last weights."""
    for name in COLUMNS:
        mine, yours = one.metrics().epochs[name], other.metrics().epochs[name]
        np.testing.assert_allclose(mine, yours, **history, err_msg=name)
    models = [keras.models.load_model(run.checkpoint("last"), safe_mode=True) for run in (one, other)]
    for mine, yours in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(mine, yours, **weights)
