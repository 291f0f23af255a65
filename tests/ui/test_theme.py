"""Text can be read on what is behind it: 4.5:1 in both themes (WCAG 2.2, success criterion 1.4.3)."""

import re
import tomllib
from itertools import product

import pytest

from tests.conftest import REPOSITORY

THEME = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
PAGE_CSS = (REPOSITORY / "cnnlab" / "ui" / "frontend" / "page.css").read_text("utf-8")
BACKGROUNDS = ("backgroundColor", "secondaryBackgroundColor")
TEXTS = ("textColor", "linkColor")
Colour = tuple[float, ...]


def rgb(code: str) -> Colour:
    return tuple(int(code[place : place + 2], 16) for place in (1, 3, 5))


def over(front: Colour, back: Colour, opacity: float) -> Colour:
    return tuple(opacity * a + (1 - opacity) * b for a, b in zip(front, back, strict=True))


def contrast(one: Colour, other: Colour) -> float:
    """Return the ratio of WCAG 2.2, from 1 to 21."""

    def luminance(colour: Colour) -> float:
        fractions = (value / 255 for value in colour)
        linear = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in fractions)
        return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_the_standard():
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)
    assert contrast(rgb("#777777"), rgb("#ffffff")) == pytest.approx(4.48, abs=0.005)  # WebAIM's checker


@pytest.mark.parametrize(("theme", "text", "back"), [*product(("light", "dark"), TEXTS, BACKGROUNDS)])
def test_text_and_links_can_be_read_on_page_and_sidebar(theme: str, text: str, back: str):
    assert contrast(rgb(THEME[theme][text]), rgb(THEME[theme][back])) >= 4.5


@pytest.mark.parametrize(("theme", "back"), [*product(("light", "dark"), BACKGROUNDS)])
def test_captions_can_be_read_on_page_and_sidebar(theme: str, back: str):
    opacity = int(re.search(r"currentColor (\d+)%, transparent", PAGE_CSS)[1]) / 100
    text, behind = rgb(THEME[theme]["textColor"]), rgb(THEME[theme][back])
    assert contrast(over(text, behind, opacity), behind) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_white_can_be_read_on_primary_buttons(theme: str):
    assert contrast(rgb("#ffffff"), rgb(THEME[theme]["primaryColor"])) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_selected_can_be_read_on_its_tint(theme: str):
    """Streamlit lays a tenth of the primary colour, or two, behind a selected segment."""
    page, primary = (rgb(THEME[theme][name]) for name in ("backgroundColor", "primaryColor"))
    for tint in (0.1, 0.2):
        assert contrast(rgb(THEME[theme]["textColor"]), over(primary, page, tint)) >= 4.5
