"""Concepts of training in a real browser: softmax, steps of a kernel, and what people type as an address."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.special import softmax

from tests.long import LONG

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds; two cores may be busy with other tests


def told(page: Page, pattern: str) -> re.Match[str]:
    """Wait until the scene says something of this pattern, and return it."""
    reading = page.locator(".cnnlab-concept .reading")
    expect(reading).to_have_text(re.compile(pattern), timeout=PATIENCE)
    found = re.search(pattern, reading.inner_text())
    assert found
    return found


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_scores_are_dragged_and_a_gradient_step_lowers_the_loss(app: str, page: Page):
    page.goto(f"{app}/concepts?concept=softmax&scores=2_1_-1_0&temperature=0.5")
    scores = np.array([2.0, 1.0, -1.0, 0.0])
    p = softmax(scores / 0.5)
    found = told(page, r"probability ([\d.]+), target 1, gradient (\S+); loss ([\d.]+)\.$")
    values = [number(text) for text in found.groups()]
    assert values == pytest.approx([p[0], (p[0] - 1) / 0.5, -np.log(p[0])], abs=6e-4)

    page.get_by_role("slider", name="Score of dog").press("End")
    p = softmax(np.array([2, 6, -1, 0]) / 0.5)
    before = number(told(page, rf"probability {p[0]:.3f}.*loss ([\d.]+)\.$")[1])
    page.get_by_role("button", name="One gradient step").click()
    expect(page.locator(".cnnlab-concept .reading")).not_to_contain_text(f"probability {p[0]:.3f}")
    assert number(told(page, r"loss ([\d.]+)\.$")[1]) < before

    page.get_by_role("radio", name="bird").check()
    told(page, "^True class bird")
    expect(page).to_have_url(re.compile(r"label=3"))


def test_a_learning_rate_makes_the_loss_fall_or_the_kernel_explode(app: str, page: Page):
    page.goto(f"{app}/concepts?concept=backward&power=-0.5")
    before = number(told(page, r"^Step 0: loss ([\d.]+)\. Weight")[1])
    page.keyboard.press("End")
    assert number(told(page, r"^Step 40: loss ([\d.]+)\. Weight")[1]) < before / 2
    page.goto(f"{app}/concepts?concept=backward&power=1.5&step=40")
    told(page, "exploded: the loss is .*10.*Choose a smaller learning rate")


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("activations&x=abc&step=99999&init=none", marks=LONG),
        pytest.param("activations&activation=softmax&init=he&image=dot", marks=LONG),
        pytest.param("softmax&scores=99&temperature=0&label=9", marks=LONG),
        "backward&image=dot&power=2&step=40&start=zero",
        pytest.param("normalisation&size=2&unit=dense&statistics=use&momentum=0.99&step=59", marks=LONG),
        pytest.param("normalisation&part=response&values=1_2&n=4&divided=1&step=11", marks=LONG),
        pytest.param("dropout&rate=0&step=99", marks=LONG),
        pytest.param("dropout&part=maps&kind=maps&rate=0.9&image=ramp", marks=LONG),
        pytest.param("dropout&part=ensemble&rate=0.9&step=9999", marks=LONG),
        "minibatch&size=3&power=1.5&optimiser=adam&start=9_9&step=160",
        pytest.param("augmentation&turn=45&flip=1&light=0.5&right=-99&image=colours", marks=LONG),
        pytest.param("augmentation&part=hands&task=shape&seed=3", marks=LONG),
    ],
)
def test_whatever_the_address_says_a_scene_shows_numbers_on_one_screen(app: str, page: Page, address: str):
    page.goto(f"{app}/concepts?concept={address}")
    told(page, r"\d")
    assert not re.search("NaN|undefined|Infinity", page.locator(".cnnlab-concept").inner_text())
    main = page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollHeight - node.clientHeight") <= 0
