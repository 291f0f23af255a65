from dataclasses import replace

import numpy as np

from cnnlab import charts
from cnnlab.charts.overlay import Curve, overlay, smoothed
from cnnlab.inference import wilson


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


def banded(name: str, scores: list[float], n: int) -> charts.Curve:
    ends = [wilson(round(score * n), n) for score in scores]
    low, high = np.array(ends).T
    return replace(curve(name, scores), band=(low, high))


def test_validation_accuracies_lie_in_a_band_of_their_own_run_s_n():
    figure = overlay([banded("<b>few</b>", [0.5, 0.9], 20), banded("many", [0.5, 0.9], 2000)])
    few_low, few_high, few, many_low, many_high, many = figure.data
    assert [few.name, many.name] == ["&lt;b&gt;few&lt;/b&gt;", "many"]
    # Wilson's interval of 10 of 20 and 18 of 20, as R's prop.test(correct = FALSE) gives it
    np.testing.assert_allclose(few_low.y, [29.93, 69.90], atol=5e-3)
    np.testing.assert_allclose(few_high.y, [70.07, 97.21], atol=5e-3)
    assert few.legendgroup != many.legendgroup
    assert (many_high.y - many_low.y < (few_high.y - few_low.y) / 5).all()
    for low, high, line in ((few_low, few_high, few), (many_low, many_high, many)):
        assert high.fill == "tonexty" and {low.legendgroup, high.legendgroup} == {line.legendgroup}
        assert not (low.showlegend or high.showlegend)
        np.testing.assert_array_equal(low.x, line.x)


def test_bands_are_drawn_only_where_they_are_told_apart():
    three = [banded(name, [0.5, 0.9], 100) for name in "abc"]
    assert len(overlay(three).data) == 9
    for figure in (overlay([*three, three[0]]), overlay(three, "val_loss"), overlay(three, "accuracy")):
        assert all(trace.mode == "lines+markers" for trace in figure.data)
    assert all(trace.fill is None for trace in overlay(three, smoothing=0.5).data)
    assert len(overlay([curve("no n", [0.5, 0.9])]).data) == 1


def test_twenty_curves_are_told_apart():
    figure = charts.overlay([curve(f"{n}", [0.5, 0.9]) for n in range(20)])
    assert len({(trace.line.color, trace.line.dash) for trace in figure.data}) == 20
