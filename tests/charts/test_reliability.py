"""The reliability diagram shows the bins that have answers, where they belong."""

import pytest

from cnnlab.charts.reliability import reliability_diagram


def test_each_bar_stands_over_its_bin_as_high_as_its_accuracy():
    figure = reliability_diagram(((0.4, 0.5, 3, 1 / 3, 0.47), (0.9, 1.0, 20, 0.8, 0.96)))
    bars, means, diagonal = figure.data
    assert list(bars.x) == pytest.approx([0.45, 0.95]) and list(bars.width) == pytest.approx([0.1, 0.1])
    assert list(bars.y) == pytest.approx([1 / 3, 0.8])
    assert list(means.x) == list(bars.x) and list(means.y) == [0.47, 0.96]
    assert "3 answers" in bars.customdata[0] and "33.3 %" in bars.customdata[0]
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]


def test_of_no_answer_there_is_a_frame():
    assert not reliability_diagram(()).data[0].x
