"""The chart of layers: what is measured stands at its layer, on axes that stay comparable."""

from cnnlab.charts.layers import GRADIENTS, LayerSeries, decades, layer_health

LAYERS, NONE = ("conv", "relu", "out"), (None,) * 3
SIGMOID = LayerSeries("sigmoid <b>", LAYERS, (1e-7, None, 0.3), (1e-3, None, 1e-2), (None, 0.5, None), NONE)
RELU = LayerSeries("relu", LAYERS, (0.2, None, 0.4), (1e-3, None, 2e-3), (None, 0.0, None), NONE)


def test_each_number_stands_at_its_layer_and_none_is_invented():
    figure = layer_health([SIGMOID, RELU])
    gradients = [trace for trace in figure.data if trace.yaxis == "y3"]
    assert [list(trace.x) for trace in gradients] == [[0, 2], [0, 2]]
    assert [list(trace.y) for trace in gradients] == [[1e-7, 0.3], [0.2, 0.4]]
    fractions = [trace for trace in figure.data if trace.type == "bar"]
    assert [(list(trace.x), list(trace.y)) for trace in fractions] == [([1], [0.5]), ([1], [0.0])]


def test_names_of_people_are_shown_letter_for_letter():
    assert "sigmoid <b>" not in layer_health([SIGMOID]).to_json()


def test_axes_span_the_usual_powers_of_ten_and_more_where_needed():
    assert decades([(0.01, None, 0.1)], GRADIENTS) == GRADIENTS
    assert decades([(1e-7, 0.3), (250.0, None)], GRADIENTS) == (-7, 3)
    assert decades([(None, 0.0)], GRADIENTS) == GRADIENTS
