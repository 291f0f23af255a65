"""Charts of a dataset draw the numbers they are given."""

import numpy as np

from cnnlab.charts import datasets as charts


def test_class_balance_stacks_validation_on_training():
    figure = charts.class_balance(("cat", "dog"), [8, 6], [2, 1])
    training, validation = figure.data
    assert (training.y.tolist(), validation.y.tolist()) == ([8, 6], [2, 1])
    assert figure.layout.barmode == "stack"
    assert figure.layout.xaxis.ticktext == ("cat", "dog")


def test_many_classes_leave_out_their_names_under_the_bars():
    names = [f"class {i}" for i in range(100)]
    figure = charts.class_balance(names, np.ones(100), np.ones(100))
    assert figure.layout.xaxis.ticktext is None
    assert figure.data[0].customdata[99] == "class 99"


def test_channel_levels_show_each_mean_with_its_std():
    figure = charts.channel_levels((10.0, 20.0, 30.0), (1.0, 2.0, 3.0))
    assert figure.data[0].x.tolist() == [10, 20, 30]
    assert figure.data[0].error_x.array.tolist() == [1, 2, 3]
    assert figure.layout.yaxis.ticktext == ("red", "green", "blue")
    assert charts.channel_levels((10.0,), (1.0,)).layout.yaxis.ticktext == ("gray",)


def test_image_sizes_are_discs_whose_area_is_their_number():
    figure = charts.image_sizes((((100, 200), 4), ((300, 400), 1)))
    assert (figure.data[0].x.tolist(), figure.data[0].y.tolist()) == ([200, 400], [100, 300])
    assert figure.data[0].marker.size.tolist() == [4, 1]
    assert figure.data[0].marker.sizemode == "area"
