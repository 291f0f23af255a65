"""Of equally accurate epochs the one with the least validation loss is the best."""

import numpy as np
import pytest

from cnnlab.runs.score import Score, best_row

NAN = float("nan")


def epochs(*scores: tuple[float, float]) -> dict[str, np.ndarray]:
    accuracy, loss = zip(*scores, strict=True) if scores else ((), ())
    return {"val_accuracy": np.array(accuracy, float), "val_loss": np.array(loss, float)}


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        ([], None),
        ([(NAN, 1.0)], None),
        ([(0.5, 1.0), (1.0, 1.3), (1.0, 0.4), (1.0, 0.01)], 3),
        ([(1.0, 0.4), (1.0, 0.01), (1.0, 0.3)], 1),
        ([(1.0, 0.4), (1.0, 0.4)], 0),  # wholly equal: the first
        ([(0.9, 0.01), (0.91, 5.0)], 1),  # accuracy comes first
        ([(0.9, NAN), (0.9, 5.0), (0.9, NAN)], 1),
        ([(NAN, 0.1), (0.2, 9.0)], 1),
    ],
)
def test_ties_go_to_the_lower_loss(scores, best):
    assert best_row(epochs(*scores)) == best


def test_a_score_is_compared_as_the_history_keeps_it():
    """0.97493034601 is kept as 0.9749303: a run that goes on must not take an equal epoch for a better."""
    kept = Score(0.9749303, 0.0908123)
    assert not Score.of({"val_accuracy": 0.97493034601, "val_loss": 0.0908123}).beats(kept)
    assert Score.of({"val_accuracy": 0.97493034601, "val_loss": 0.0908}).beats(kept)
