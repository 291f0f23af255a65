"""The colours of values and parts are seen on both themes and told apart by people who are colour-blind."""

import re
from itertools import combinations, product

import numpy as np
import pytest

from cnnlab.ui.architecture.framed import FRAME
from tests.ui.test_theme import BACKGROUNDS, PAGE_CSS, THEME, contrast, rgb

COLOURS = dict(re.findall(r"--lab-(\w+): (#[0-9a-f]{6});", PAGE_CSS))
PARTS = {"input", "kernel", "output"}
VALUES = {"positive", "negative"}
# Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB: https://doi.org/10.1109/TVCG.2009.113
SEEN_BY = {
    "everybody": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TOLD_APART = 20
"""CIE 1976 ΔE*ab; 2.3 is just noticeable side by side."""


def lab(code: str, seen_by: str) -> np.ndarray:
    fractions = np.array(rgb(code)) / 255
    linear = np.where(fractions <= 0.04045, fractions / 12.92, ((fractions + 0.055) / 1.055) ** 2.4)
    linear = np.clip(SEEN_BY[seen_by] @ linear, 0, 1)
    to_xyz = np.array(
        [[0.412456, 0.357576, 0.180438], [0.212673, 0.715152, 0.072175], [0.019334, 0.119192, 0.950304]]
    )
    x, y, z = np.cbrt(to_xyz @ linear / to_xyz.sum(1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("seen_by", SEEN_BY)
@pytest.mark.parametrize("names", [PARTS, VALUES], ids=["parts", "values"])
def test_colours_that_stand_side_by_side_are_told_apart(names: set[str], seen_by: str):
    for one, other in combinations(sorted(names), 2):
        apart = np.linalg.norm(lab(COLOURS[one], seen_by) - lab(COLOURS[other], seen_by))
        assert apart >= TOLD_APART, (one, other, apart)


def test_a_unit_on_architecture_is_framed_in_the_colour_of_an_output():
    assert rgb(COLOURS["output"]) == FRAME


@pytest.mark.parametrize(("theme", "name"), [*product(("light", "dark"), COLOURS)])
def test_frames_are_seen_on_page_and_sidebar(theme: str, name: str):
    """WCAG 2.2, success criterion 1.4.11: 3:1 for what is no text."""
    assert contrast(rgb(COLOURS[name]), rgb(THEME[theme][BACKGROUNDS[0]])) >= 3
