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


def test_the_interval_of_validation_is_an_area_between_its_ends_behind_the_curves():
    ends = np.array([0.3, 0.5]), np.array([0.7, 0.9])
    figure = charts.learning_curves(history([0.5, 0.7]), steps_per_epoch=2, band=ends)
    low, high = figure.data[:2]  # drawn first: behind the curves
    np.testing.assert_allclose(low.y, [30, 50], rtol=1e-6)
    np.testing.assert_allclose(high.y, [70, 90], rtol=1e-6)
    assert high.fill == "tonexty" and not low.fill and list(low.x) == list(high.x) == [1, 2]
    assert "95 % CI" in high.name and high.showlegend is not False
    empty = charts.learning_curves(history([], 0), steps_per_epoch=2, band=(np.empty(0), np.empty(0)))
    assert not any("CI" in (one.name or "") for one in empty.data)


def test_batches_stand_on_the_epoch_axis_where_they_happened():
    figure = charts.learning_curves(history([0.5, 0.6]), steps_per_epoch=2)
    batches = trace(figure, "training (running mean)", "y2")
    np.testing.assert_allclose(batches.x, [0.5, 1, 1.5, 2])
    np.testing.assert_allclose(batches.y, [1, 1 / 2, 1 / 3, 1 / 4], rtol=1e-6)


@pytest.mark.parametrize(
    ("val_accuracy", "words"),
    [
        ([0.2, 0.9, 0.9, 0.5], "best: epoch 2, 90.0 %"),
        ([NAN, 0.3], "best: epoch 2, 30.0 %"),
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
    frame = charts.Frame(mark="data leakage: 12 of 18 trained on")
    figure = charts.learning_curves(history([0.2, 0.9]), 1, frame)
    [note] = figure.layout.annotations
    assert "12 of 18" in note.text
    curves = [trace for trace in figure.data if trace.legendgroup == "validation"]
    assert len(curves) == 2 and all("12 of 18" in trace.name for trace in curves)


@pytest.mark.parametrize("val_accuracy", [[], [NAN, NAN]])
def test_a_run_without_validated_epochs_has_no_best(val_accuracy: list[float]):
    notes = charts.learning_curves(history(val_accuracy), 0).layout.annotations
    assert not any("best" in note.text for note in notes)


def test_every_hover_text_has_a_unit_and_names_its_part():
    for curve in charts.learning_curves(history([0.5]), 1).data:
        assert ("} %" in curve.hovertemplate) == (curve.yaxis == "y")
        assert "training" in curve.hovertemplate or "validation" in curve.hovertemplate


def test_the_axis_spans_all_epochs_from_the_start_and_chance_is_a_line():
    early, late = (
        charts.learning_curves(history([0.5] * epochs), 4, charts.Frame(epochs=30, chance=0.125))
        for epochs in (1, 20)
    )
    assert early.layout.xaxis.range == late.layout.xaxis.range
    assert early.layout.xaxis.range[0] == 0 and early.layout.xaxis.range[1] >= 30
    [line] = [shape for shape in late.layout.shapes if shape.y0 == shape.y1]
    assert line.y0 == 12.5 and any("12.5 %" in note.text for note in late.layout.annotations)


@pytest.mark.parametrize(("log_loss", "scale"), [(True, "log"), (False, "linear")])
def test_the_loss_has_the_scale_that_was_asked_for(log_loss: bool, scale: str):
    figure = charts.learning_curves(history([0.5]), 1, charts.Frame(log_loss=log_loss))
    assert figure.layout.yaxis2.type == scale and figure.layout.yaxis.type is None


def test_an_empty_chart_invents_no_axes():
    empty, begun = (charts.learning_curves(history([], batches=count), 1).layout for count in (0, 1))
    assert {empty.xaxis.visible, empty.yaxis.visible, empty.yaxis2.visible} == {False}
    assert {begun.xaxis.visible, begun.yaxis.visible, begun.yaxis2.visible} == {None}


def test_the_chart_says_what_is_to_be_seen():
    label = charts.learning_curves(history([0.2, 0.9]), 1).layout.meta["label"]
    assert "2 epochs" in label and "90.0 %" in label


def test_class_bars_keep_their_order_and_only_the_first_is_in_colour():
    [bars] = charts.class_bars(["paper", "rock"], [0.75, 0.25]).data
    assert list(bars.customdata) == ["paper", "rock"]
    assert list(bars.text) == ["75.0 %", "25.0 %"]
    assert bars.marker.color == (charts.COLOURS.validation, charts.COLOURS.quiet)
