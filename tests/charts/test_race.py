"""Races as curves: one for each side, told apart however many there are."""

from dataclasses import dataclass, field

import numpy as np

from cnnlab.charts.race import race


@dataclass
class Side:
    label: str
    seeds: int = 5
    x: np.ndarray = field(default_factory=lambda: np.arange(1, 4))
    mean: np.ndarray = field(default_factory=lambda: np.array([0.2, 0.5, 0.8]))

    @property
    def least(self) -> np.ndarray:
        return self.mean - 0.1

    @property
    def most(self) -> np.ndarray:
        return self.mean + 0.1


def test_the_sides_of_a_race_are_told_apart_and_a_band_has_the_colour_of_its_side():
    figure = race([Side(f"side {n}") for n in range(10)], "epoch", "val_accuracy", 0, False)
    named = [trace for trace in figure.data if trace.showlegend is not False]
    assert [trace.name for trace in named] == [f"side {n}" for n in range(10)]
    assert len({(trace.line.color, trace.line.dash) for trace in named}) == 10
    for line in named:
        [area] = [t for t in figure.data if t.fillcolor and t.legendgroup == line.legendgroup]
        red = int(line.line.color[1:3], 16)
        assert area.fillcolor.startswith(f"rgba({red},")
