import numpy as np

from cnnlab import charts
from cnnlab.charts.overlay import Curve, overlay, smoothed


def curve(name: str, scores: list[float]) -> charts.Curve:
    n = len(scores)
    columns = {"epoch": np.arange(1, n + 1), "step": np.arange(1, n + 1) * 45, "seconds": np.arange(n) / 2}
    return charts.Curve(name, columns | {measure: np.array(scores) for measure in charts.MEASURES})


def test_each_run_is_one_curve_and_its_best_epoch_a_star():
    figure = charts.overlay([curve("a", [0.5, 0.9, 0.7]), curve("b", [0.4])])
    assert [trace.name for trace in figure.data] == ["a", "b"]
    assert list(figure.data[0].marker.symbol) == ["circle", "star", "circle"]


def test_the_best_loss_is_the_least():
    figure = charts.overlay([curve("a", [0.5, 0.9, 0.3])], "val_loss")
    assert list(figure.data[0].marker.symbol) == ["circle", "circle", "star"]


def test_curves_can_be_laid_over_time_instead_of_epochs():
    figure = charts.overlay([curve("a", [0.5, 0.9])], axis="seconds")
    assert list(figure.data[0].x) == [0.0, 0.5]
    assert "seconds" in figure.layout.xaxis.title.text


def test_a_run_without_epochs_is_an_empty_curve():
    assert len(charts.overlay([curve("a", [])]).data[0].x) == 0


def test_of_equal_accuracies_the_star_is_where_the_loss_is_least():
    tied = curve("ties", [0.5, 1.0, 1.0, 1.0])
    tied.epochs["val_loss"] = np.array([1.0, 1.3, 0.01, 0.02])
    assert list(charts.overlay([tied]).data[0].marker.symbol).index("star") == 2


def test_smoothing_is_the_debiased_moving_average():
    values = np.array([1.0, 3.0, 2.0])  # by hand: 0.5/0.5, (0.25 + 1.5)/0.75, (0.125 + 0.75 + 1)/0.875
    np.testing.assert_allclose(smoothed(values, 0.5), [1, 1.75 / 0.75, 1.875 / 0.875])
    np.testing.assert_allclose(smoothed(np.full(50, 0.7), 0.9), 0.7)
    np.testing.assert_array_equal(smoothed(values, 0.0), values)
    gap = smoothed(np.array([1.0, np.nan, 1.0]), 0.5)
    assert np.isnan(gap[1]) and gap[2] == 1.0


def test_the_measured_curve_stays_pale_behind_its_smooth_one():
    epochs = {name: np.arange(1.0, 6) for name in ("epoch", "step", "seconds", "val_accuracy")}
    raw, smooth = overlay([Curve("one", epochs)], smoothing=0.6).data
    np.testing.assert_array_equal(raw.y, 100 * epochs["val_accuracy"])  # in per cent, as people read it
    assert raw.opacity < 0.5 and smooth.opacity is None
    assert raw.line.color == smooth.line.color
    assert (raw.showlegend, smooth.showlegend) == (False, None)
    assert len(overlay([Curve("one", epochs)]).data) == 1
