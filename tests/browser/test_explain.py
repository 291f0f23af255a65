"""An answer explained in a browser: a digit is drawn, a square dragged, a map opened, an epoch chosen."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cnnlab import runs
from cnnlab.training import recipes
from cnnlab.worker import execute
from tests.browser import chromium
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 180_000  # milliseconds; two cores may be busy with other tests


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explained")


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[tuple[str, str]]:
    """A server with a small network that has learned digits; its address, and the run's id."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(home))
        config = recipes.get("lenet5-digits").config.changed(architecture="baseline", epochs=3)
        run = runs.create(config)
        execute(run.folder, own_process=False)
        assert run.status().state == "finished"
    with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
        yield address, run.id


@pytest.fixture
def training(home: Path, served: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A run that trains while it is watched."""
    monkeypatch.setenv("CNNLAB_HOME", str(home))
    run = runs.create(recipes.get("lenet5-digits").config.changed(epochs=2000))
    yield run.id
    run.request_stop()
    wait_for(lambda: not run.status().is_active, PATIENCE / 1000)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["camera"])
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_a_digit_is_drawn_and_a_square_moves_the_answer(page: Page, served: tuple[str, str]):
    address, run = served
    page.goto(f"{address}/classify?run={run}&source=draw")
    pad = page.locator(".cnnlab-draw canvas")
    pad.wait_for()
    chromium.wait_until_still(page, PATIENCE)
    box = pad.bounding_box()
    for number, (x, y) in enumerate(((0.25, 0.2), (0.7, 0.2), (0.45, 0.85))):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if not number:
            page.mouse.down()
    page.mouse.up()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("%", timeout=PATIENCE)

    page.get_by_text("Cover a part").click()
    stage = page.locator(".cnnlab-cover .stage")
    stage.wait_for()
    bars = page.locator(".cnnlab-cover .said")
    expect(bars).to_have_count(10)
    before = bars.all_inner_texts()
    stage.scroll_into_view_if_needed()
    chromium.wait_until_still(page, PATIENCE)
    box = stage.bounding_box()
    middle, width = box["x"] + box["width"] / 2, box["width"]
    page.mouse.move(middle, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(middle, box["y"] + 0.15 * width, steps=6)
    page.mouse.up()
    page.wait_for_function(
        "before => [...document.querySelectorAll('.cnnlab-cover .said')]"
        ".some((bar, place) => bar.textContent !== before[place])",
        arg=before,
    )


def test_two_heat_maps_stand_side_by_side_and_a_cell_tells_its_sum(page: Page, served: tuple[str, str]):
    address, run = served
    page.goto(f"{address}/classify?run={run}")
    page.get_by_text("Heat map").click()
    expect(page.get_by_text(re.compile("^Grad-CAM for"))).to_have_count(2, timeout=PATIENCE)
    page.get_by_text("Feature maps").click()
    expect(page.get_by_text(re.compile("^Patch × kernel, summed"))).to_be_visible(timeout=PATIENCE)


def test_the_slider_of_the_inside_goes_to_another_epoch(page: Page, served: tuple[str, str]):
    address, run = served
    page.goto(f"{address}/train?run={run}&epoch=1")
    page.get_by_role("tab", name="Inside").click()
    expect(page.get_by_text(re.compile("^Epoch 1, step"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile("^Epoch 2, step"))).to_be_visible(timeout=PATIENCE)
    page.wait_for_url("**epoch=2*")


def test_a_probe_is_picked_while_the_filters_change(page: Page, served: tuple[str, str], training: str):
    address, _ = served
    page.goto(f"{address}/train?run={training}")
    page.get_by_role("tab", name="Inside").click()
    first = page.get_by_alt_text("filter 0", exact=True)
    first.wait_for()
    before = first.get_attribute("src")
    page.get_by_role("button", name="Other probe").click()
    page.get_by_role("combobox", name="Validation image").click()
    page.get_by_role("option").nth(3).click()
    page.get_by_role("button", name="Use as probe").click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("An image of your own.")).to_be_visible(timeout=PATIENCE)
    expect(first).not_to_have_attribute("src", before, timeout=PATIENCE)


def test_a_heat_map_lies_over_the_frames_of_the_camera(page: Page, served: tuple[str, str]):
    address, run = served
    page.goto(f"{address}/classify?run={run}&source=camera")
    told = page.locator(".cnnlab-live .told")
    expect(told).to_contain_text("Inference", timeout=PATIENCE)
    page.get_by_text("Heat map", exact=True).first.click()
    expect(told).to_contain_text("Answer and heat map", timeout=PATIENCE)
    shown = page.locator(".cnnlab-live .seen")
    expect(page.locator(".cnnlab-live figcaption")).to_contain_text("Grad-CAM for")
    before = shown.get_attribute("src")
    assert shown.evaluate("image => image.naturalWidth") >= 224  # enlarged: the network's own is 8 pixels
    boxes = [page.locator(f".cnnlab-live {part}").bounding_box() for part in ("video", "ul", ".seen")]
    assert [box["x"] for box in boxes] == sorted(box["x"] for box in boxes)  # beside each other
    assert all(box["y"] + box["height"] <= 900 for box in boxes)
    page.get_by_text("Heat map", exact=True).first.click()
    expect(told).to_contain_text("Inference", timeout=PATIENCE)
    assert shown.get_attribute("src") != before


WATCH = """() => {
    const main = document.querySelector("[data-testid=stMain]")
    window.seen = []
    window.addresses = [new URLSearchParams(location.search).get("epoch")]
    const look = () => {
        const caption = [...main.querySelectorAll("[data-testid=stCaptionContainer]")]
            .map((node) => node.textContent.match(/^Epoch (\\d+), step/)).find(Boolean)
        const slider = main.querySelector("[data-testid=stSlider]")?.getBoundingClientRect().top ?? null
        const now = [Number(caption?.[1] ?? 0), slider, main.scrollTop]
        const epoch = new URLSearchParams(location.search).get("epoch")
        if (epoch !== window.addresses.at(-1)) window.addresses.push(epoch)
        if (JSON.stringify(now) !== JSON.stringify(window.seen.at(-1))) window.seen.push(now)
        requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
}"""


def test_the_epochs_play_one_after_the_other_to_the_last_and_nothing_jumps(
    page: Page, served: tuple[str, str]
):
    address, run = served
    page.goto(f"{address}/train?run={run}&epoch=1")
    page.get_by_role("tab", name="Inside").click()
    expect(page.get_by_text(re.compile("^Epoch 1, step"))).to_be_visible(timeout=PATIENCE)
    chromium.wait_until_still(page, PATIENCE)
    page.get_by_test_id("stMain").evaluate("node => node.scrollTo(0, 120)")
    page.evaluate(WATCH)
    page.get_by_role("button", name="Play", exact=True).press("Enter")  # a click may scroll by itself
    page.get_by_role("button", name="Pause", exact=True).wait_for()
    expect(page.get_by_text(re.compile("^Epoch 3, step"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Play", exact=True).wait_for()
    seen = page.evaluate("window.seen")
    assert page.evaluate("window.addresses") == ["1", "2", "3"]
    epochs = [epoch for epoch, *_ in seen]
    assert epochs == sorted(epochs) and epochs[-1] == 3, seen  # a busy browser may draw two at once
    assert len({slider for _, slider, *_ in seen}) == 1, seen
    assert len({scrolled for _, _, scrolled in seen}) == 1, seen
