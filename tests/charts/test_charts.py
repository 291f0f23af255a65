"""Charts say what the numbers say."""

from types import SimpleNamespace

import numpy as np
import plotly.graph_objects as go
import pytest

from cnnlab import charts

NAN = float("nan")


def history(val_accuracy: list[float], batches: int = 4) -> SimpleNamespace:
    epochs = len(val_accuracy)
    steps = np.arange(1.0, batches + 1)
    return SimpleNamespace(
        batches={"step": steps, "loss": 1 / steps, "accuracy": 1 - 1 / steps},
        epochs={
            "epoch": np.arange(1.0, epochs + 1),
            "loss": np.ones(epochs),
            "accuracy": np.zeros(epochs),
            "val_loss": np.full(epochs, 2.0),
            "val_accuracy": np.array(val_accuracy),
        },
        rates={"step": np.empty(0), "learning_rate": np.empty(0)},
    )


def trace(figure: go.Figure, name: str, axis: str) -> go.Scatter:
    return next(t for t in figure.data if t.name == name and (t.yaxis or "y") == axis)


def test_batches_stand_on_the_epoch_axis_where_they_happened():
    figure = charts.learning_curves(history([0.5, 0.6]), steps_per_epoch=2)
    batches = trace(figure, "training, each batch", "y2")
    np.testing.assert_allclose(batches.x, [0.5, 1, 1.5, 2])
    np.testing.assert_allclose(batches.y, [1, 1 / 2, 1 / 3, 1 / 4], rtol=1e-6)


@pytest.mark.parametrize(
    ("val_accuracy", "words"),
    [
        ([0.2, 0.9, 0.9, 0.5], "best: epoch 2, 90.0%"),
        ([NAN, 0.3], "best: epoch 2, 30.0%"),
    ],
)
def test_the_first_of_the_best_epochs_is_marked(val_accuracy: list[float], words: str):
    [note] = charts.learning_curves(history(val_accuracy), 1).layout.annotations
    assert note.text == words


def test_of_equal_accuracies_the_epoch_with_the_least_loss_is_marked():
    tied = history([0.2, 0.9, 0.9, 0.9])
    tied.epochs["val_loss"] = np.array([0.1, 2.0, NAN, 1.0])
    [note] = charts.learning_curves(tied, 1).layout.annotations
    assert note.text.startswith("best: epoch 4")


def test_what_must_stand_beside_a_validation_accuracy_stands_at_the_curve_and_at_the_best_epoch():
    figure = charts.learning_curves(history([0.2, 0.9]), 1, mark="data leakage: 12 of 18 trained on")
    [note] = figure.layout.annotations
    assert "12 of 18" in note.text
    curves = [trace for trace in figure.data if trace.legendgroup == "validation"]
    assert len(curves) == 2 and all("12 of 18" in trace.name for trace in curves)


@pytest.mark.parametrize("val_accuracy", [[], [NAN, NAN]])
def test_a_run_without_validated_epochs_has_no_best(val_accuracy: list[float]):
    assert not charts.learning_curves(history(val_accuracy), 0).layout.annotations


def test_every_hover_text_has_a_unit_and_names_its_part():
    for curve in charts.learning_curves(history([0.5]), 1).data:
        assert ("%}" in curve.hovertemplate) == (curve.yaxis == "y")
        assert "training" in curve.hovertemplate or "validation" in curve.hovertemplate


def test_class_bars_keep_their_order_and_only_the_first_is_in_colour():
    [bars] = charts.class_bars(["paper", "rock"], [0.75, 0.25]).data
    assert list(bars.customdata) == ["paper", "rock"]
    assert list(bars.text) == ["75.0%", "25.0%"]
    assert bars.marker.color == (charts.COLOURS.validation, charts.COLOURS.quiet)
