"""The reliability diagram shows the bins that have answers, where they belong."""

import pytest

from cnnlab.charts.reliability import reliability_diagram


def test_each_bar_stands_over_its_bin_as_high_as_its_accuracy():
    figure = reliability_diagram(((0.4, 0.5, 3, 1 / 3, 0.47), (0.9, 1.0, 20, 0.8, 0.96)))
    bars, means, diagonal = figure.data
    assert list(bars.x) == pytest.approx([45, 95]) and list(bars.width) == pytest.approx([10, 10])
    assert list(bars.y) == pytest.approx([100 / 3, 80])
    assert list(means.x) == list(bars.x) and list(means.y) == pytest.approx([47, 96])
    assert "3 answers" in bars.customdata[0] and "33.3 %" in bars.customdata[0]
    assert list(diagonal.x) == list(diagonal.y) == [0, 100]


def test_of_no_answer_there_is_a_frame():
    assert not reliability_diagram(()).data[0].x
