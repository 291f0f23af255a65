"""The Concepts page in a real browser: three concepts by key, click and drag, and one quiz answered."""

import re
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from cnnlab.ui.concepts.catalogue import BY_NAME
from cnnlab.ui.concepts.patterns import PATTERNS
from tests.browser import chromium
from tests.long import LONG
from tests.words import avoidable

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds; two cores may be busy with other tests
CROWDED = (
    "quiz&arch=inception10&level=3",
    "receptive-field&stack=vgg16",
    "normalisation&part=response",
    "dropout&part=maps",
    "dropout&part=ensemble",
    "augmentation&part=hands",
)
"""Scenes with much on them."""


def some(names: Iterable[str], every: int) -> list:
    """Return all names, of which one of so many is tried without the flag."""
    return [
        pytest.param(name, marks=() if at % every == every - 1 else LONG) for at, name in enumerate(names)
    ]


SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    expect.set_options(timeout=5_000)  # playwright's own
    assert not problems


def reading(page: Page) -> Locator:
    """Return what a screen reader hears of the present step."""
    return page.locator(".cnnlab-concept [role=status]")


def messages_to_the_server(page: Page) -> list[BackMsg]:
    """Return a list that grows with what this page sends from now on, but for the news of the sidebar."""
    sent: list[BackMsg] = []

    def note(frame: bytes | str) -> None:
        message = BackMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
        if not message.rerun_script.fragment_id:  # the scene stands in no fragment
            sent.append(message)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    return sent


def sums(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the output of a kernel on a gray image in [0, 1], every window that fits."""
    windows = np.lib.stride_tricks.sliding_window_view(image[..., 0] / 255, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


def said(value: float) -> str:
    whole = abs(value - round(value)) < 1e-9
    text = str(abs(round(value))) if whole else f"{abs(value):.2f}"
    return f"−{text}" if value < 0 else text


def test_a_convolution_steps_plays_is_dragged_and_typed_into_without_the_server(app: str, page: Page):
    sent = messages_to_the_server(page)
    page.goto(f"{app}/concepts?concept=convolution&kernel=sobel_x&image=edge&step=13")
    output = sums(PATTERNS["edge"][1], SOBEL)
    expect(reading(page)).to_contain_text(f"row 1, column 3: the products add up to {said(output[1, 3])},")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    before = len(sent)

    page.keyboard.press("ArrowRight")
    expect(reading(page)).to_contain_text(f"row 1, column 4: the products add up to {said(output[1, 4])},")
    page.keyboard.press("ArrowDown")
    expect(reading(page)).to_contain_text("row 2, column 4")
    expect(page).to_have_url(re.compile(r"step=24\b"))

    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()

    chromium.wait_until_still(page, PATIENCE)
    canvas = page.get_by_role("img", name=re.compile("^Input"))
    box = canvas.bounding_box()
    assert box
    cell = box["width"] / 12
    page.mouse.move(box["x"] + 1.5 * cell, box["y"] + 1.5 * cell)
    page.mouse.down()
    page.mouse.move(box["x"] + 8.5 * cell, box["y"] + 6.5 * cell, steps=4)
    page.mouse.up()
    expect(reading(page)).to_contain_text(f"row 5, column 7: the products add up to {said(output[5, 7])},")

    middle = page.get_by_role("textbox", name="Weight, row 1, column 1")
    middle.fill("-0.5")
    kernel = SOBEL.copy()
    kernel[1, 1] = -0.5
    typed = sums(PATTERNS["edge"][1], kernel)[5, 7]
    expect(reading(page)).to_contain_text(f"add up to {said(typed)},")
    page.get_by_role("checkbox", name="Flip the kernel").check()
    flipped = sums(PATTERNS["edge"][1], kernel[::-1, ::-1])[5, 7]
    expect(reading(page)).to_contain_text(f"add up to {said(flipped)},")
    expect(page).to_have_url(re.compile(r"kernel=typed.*values=-1_0_1_-2_-0.5_2_-1_0_1.*flip=1"))
    assert len(sent) == before

    page.reload()
    expect(reading(page)).to_contain_text(f"row 5, column 7: the products add up to {said(flipped)},")


def test_a_scene_leaves_the_address_to_the_server_while_the_page_runs(app: str, page: Page):
    page.goto(f"{app}/concepts?concept=convolution&kernel=box&image=edge&step=5")
    expect(reading(page)).to_contain_text("row 0, column 5")
    state = page.get_by_test_id("stApp")
    expect(state).to_have_attribute("data-test-script-state", "notRunning")
    state.evaluate("node => { node.dataset.testScriptState = 'running'; node.setAttribute = () => {}; }")
    page.keyboard.press("ArrowRight")
    expect(reading(page)).to_contain_text("row 0, column 6")
    page.evaluate(
        "history.replaceState(history.state, '', location.href.replace('kernel=box', 'kernel=sobel_y'))"
    )
    page.wait_for_timeout(1000)
    assert "kernel=sobel_y" in page.url
    assert "step=5" in page.url
    state.evaluate("node => node.dataset.testScriptState = 'notRunning'")
    expect(page).to_have_url(re.compile(r"step=6\b"))  # nothing came in its place: its state holds
    assert "kernel=box" in page.url


def test_another_image_keeps_the_scene_and_another_concept_begins_anew(app: str, page: Page):
    page.goto(f"{app}/concepts?concept=convolution&kernel=box&image=edge&step=5")
    expect(reading(page)).to_contain_text("row 0, column 5")
    page.get_by_role("button", name="Image").click()
    page.get_by_role("button", name="Stripes").click()
    expect(page).to_have_url(re.compile(r"image=stripes.*"))
    value = said(sums(PATTERNS["stripes"][1], np.full((3, 3), 1 / 9))[0, 5])
    expect(reading(page)).to_contain_text(f"row 0, column 5: the products add up to {value},")
    expect(page).to_have_url(re.compile(r"kernel=box"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(reading(page)).to_contain_text("sees rows")
    assert "kernel=" not in page.url and "step=" not in page.url and "image=stripes" in page.url


@pytest.mark.parametrize(
    ("example", "size"),
    [
        ("alexnet_54", 54),
        pytest.param("alexnet_55", 55, marks=LONG),
        pytest.param("alexnet_pad", 55, marks=LONG),
        pytest.param("alexnet_56", 56, marks=LONG),
        ("resnet", 112),
    ],
)
def test_the_sizes_that_papers_and_frameworks_give(app: str, page: Page, example: str, size: int):
    page.goto(f"{app}/concepts?concept=size&example={example}")
    expect(page.locator(".cnnlab-concept .output figcaption")).to_have_text(f"Output {size} × {size}")
    expect(page.locator(".cnnlab-concept .worked .total")).to_contain_text(f"= {size}")


def test_a_kernel_that_is_too_large_is_said_to_be_and_a_smaller_one_fits(app: str, page: Page):
    page.goto(f"{app}/concepts?concept=size&n=5&k=7&s=1&padding=valid")
    expect(reading(page)).to_contain_text("no window fits")
    page.get_by_role("spinbutton", name="Kernel k").fill("3")
    expect(page.locator(".cnnlab-concept .output figcaption")).to_have_text("Output 3 × 3")


def test_pooling_names_the_largest_and_counts_what_a_shift_leaves(app: str, page: Page):
    page.goto(f"{app}/concepts?concept=pooling&image=edge&step=2")
    expect(reading(page)).to_contain_text("row 0, column 2: the largest of 4 values is 0.")
    page.keyboard.press("ArrowRight")
    expect(reading(page)).to_contain_text("column 3: the largest of 4 values is 1.")
    page.get_by_role("slider", name="Shift to the right").press("ArrowLeft")
    # The edge, moved to the left, reaches into the third window of each row.
    expect(page.get_by_text("30 of 36 outputs stay the same")).to_be_visible()


def test_the_quiz_of_a_link_is_answered_and_scored(app: str, page: Page):
    page.goto(f"{app}/concepts?concept=quiz&arch=lenet5&level=1&seed=7")
    expect(reading(page)).to_contain_text("Score 0 of", timeout=PATIENCE)
    field = page.get_by_role("textbox", name=re.compile("^Output of conv1"))
    field.fill("32x32x6")
    field.press("Enter")
    expect(page.get_by_text("Look at the rows and columns again")).to_be_visible()
    field.fill("28 × 28 × 6")
    field.press("Enter")
    expect(page.get_by_text("⌊(32 − 5)/1⌋ + 1 = 28")).to_be_visible()
    expect(reading(page)).to_contain_text("Score ½ of")
    other = page.get_by_role("textbox", name=re.compile("^Output of pool1"))
    other.fill("14, 14, 6")
    other.press("Enter")
    expect(reading(page)).to_contain_text("Score 1½ of")


@pytest.mark.parametrize("name", some(BY_NAME, 5))
def test_a_concept_fits_on_a_projector_and_speaks_the_words_of_the_field(app: str, page: Page, name: str):
    page.goto(f"{app}/concepts?concept={name}")
    expect(reading(page)).not_to_be_empty(timeout=PATIENCE)
    assert over(page) == (0, 0)
    assert not (found := avoidable(page.locator(".cnnlab-concept").inner_text().splitlines())), found


@pytest.mark.parametrize("scene", [*some(BY_NAME, 99), *some(CROWDED, 5)])
def test_a_concept_fits_on_an_old_projector(app: str, page: Page, scene: str):
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{app}/concepts?concept={scene}")
    expect(reading(page)).not_to_be_empty(timeout=PATIENCE)
    assert over(page) == (0, 0)


def over(page: Page) -> tuple[int, int]:
    """Return by how many pixels the page is too high and too wide for its window."""
    main = page.get_by_test_id("stMain")
    sizes = "node => [node.scrollHeight - node.clientHeight, node.scrollWidth - node.clientWidth]"
    high, wide = main.evaluate(sizes)
    return max(0, high), max(0, wide)
