import numpy as np

from cnnlab import charts


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
