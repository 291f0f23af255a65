import numpy as np
import pytest

from cnnlab import charts
from cnnlab.charts.overlay import Curve, overlay, smoothed

CLASSES = ("paper", "rock", "scissors")
MATRIX = ((8, 1, 1), (0, 5, 5), (0, 0, 0))


def test_right_cells_and_wrong_ones_are_told_apart_by_their_share_of_the_row():
    right, wrong, _ = charts.confusion(CLASSES, MATRIX).data
    np.testing.assert_allclose(np.diag(right.z), [0.8, 0.5, 0.0])
    assert np.isnan(right.z[0, 1]) and np.isnan(np.diag(wrong.z)).all()
    np.testing.assert_allclose(wrong.z[1, [0, 2]], [0.0, 0.5])
    assert right.colorscale != wrong.colorscale
    assert wrong.text[1][2] == "rock taken for scissors" and right.text[1][1] == "rock, found"


def test_counts_and_row_per_cent_stand_in_the_cells_that_are_not_empty():
    numbers = charts.confusion(CLASSES, MATRIX).data[2]
    said = {(y, x): text for y, x, text in zip(numbers.y, numbers.x, numbers.text, strict=True)}
    assert said.keys() == {(0, 0), (0, 1), (0, 2), (1, 1), (1, 2)}
    assert "8<" in said[0, 0] and "80%" in said[0, 0]


def test_row_0_is_on_top_and_both_axes_name_the_classes():
    layout = charts.confusion(CLASSES, MATRIX).layout
    assert layout.yaxis.range[0] > layout.yaxis.range[1]
    assert layout.xaxis.ticktext == layout.yaxis.ticktext == CLASSES
    assert layout.meta == {"pick": True}


@pytest.mark.parametrize("count", [2, 10, 100])
def test_any_number_of_classes_fits_a_screen(count: int):
    figure = charts.confusion([f"class {n}" for n in range(count)], np.eye(count, dtype=int))
    assert 300 <= figure.layout.height <= 680
    assert len(figure.layout.xaxis.ticktext) <= 40
    assert (len(figure.data) == 3) == (count <= 20)  # no numbers where nobody could read them


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
    np.testing.assert_array_equal(raw.y, epochs["val_accuracy"])
    assert raw.opacity < 0.5 and smooth.opacity is None
    assert raw.line.color == smooth.line.color
    assert (raw.showlegend, smooth.showlegend) == (False, None)
    assert len(overlay([Curve("one", epochs)]).data) == 1
