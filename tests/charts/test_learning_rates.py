"""What the charts of the learning rate say."""

import numpy as np
import pytest

from cnnlab import charts
from cnnlab.settings import RunConfig
from cnnlab.training import schedules
from tests.charts.test_charts import history


def test_a_rate_changed_by_hand_is_marked_where_it_happened_with_the_rate():
    run = history([0.5, 0.6])
    run.rates = {"step": np.array([10.0, 25.0]), "learning_rate": np.array([0.0001, 0.02])}
    figure = charts.learning_curves(run, steps_per_epoch=20)
    marks = [shape.x0 for shape in figure.layout.shapes if shape.line.dash == "dash"]
    assert marks == [0.5, 1.25]
    texts = {note.text for note in figure.layout.annotations}
    assert {"rate 0.0001", "rate 0.02"} <= texts


def test_a_preview_shows_the_rate_of_every_epoch_on_an_axis_on_which_all_can_be_told_apart():
    flat = charts.rate_preview([0.01, 0.01, 0.005])
    assert flat.data[0].x.tolist() == [1, 2, 3] and flat.data[0].y.tolist() == [0.01, 0.01, 0.005]
    assert flat.layout.yaxis.type is None
    steps = charts.rate_preview([0.01, 0.001, 0.0001])
    assert steps.layout.yaxis.type == "log"
    assert charts.rate_preview([0.01, 0.0]).layout.yaxis.type is None


@pytest.mark.parametrize("epochs", [10, 50, 300])
def test_a_cosine_looks_like_one(epochs):
    rates = schedules.preview(RunConfig("lenet5", "digits", epochs=epochs, schedule="cosine"))
    assert charts.rate_preview(rates).layout.yaxis.type is None


@pytest.mark.parametrize("factor", [0.001, 0.1, 0.5])
def test_a_logarithmic_axis_has_few_ticks_and_ends_where_rates_no_longer_matter(factor):
    rates = schedules.preview(
        RunConfig("lenet5", "digits", epochs=20, schedule="exponential", schedule_factor=factor)
    )
    axis = charts.rate_preview(rates).layout.yaxis
    low, high = axis.range
    assert axis.type == "log" and (high - low) / axis.dtick <= 6
    assert high - low < 12


def test_a_sweep_shows_both_curves_on_a_logarithmic_axis_and_the_suggestion_as_a_line():
    rates, losses = [1e-3, 1e-2, 1e-1], [2.0, 1.0, 50.0]
    figure = charts.rate_sweep(rates, losses, [2.0, 1.5, 9.0], suggestion=0.01)
    assert figure.layout.xaxis.type == "log"
    assert [trace.y.tolist() for trace in figure.data] == [losses, [2.0, 1.5, 9.0]]
    assert figure.layout.shapes[0].x0 == 0.01
    low, high = figure.layout.yaxis.range
    assert low < 1.5 and 2.0 < high < 50.0
    assert not charts.rate_sweep(rates, losses, losses, suggestion=None).layout.shapes
