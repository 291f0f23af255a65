"""From the errors of a run to what made them: heat maps, the sum behind a cell, a corrected label."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from cnnlab import images, runs
from cnnlab.datasets.own import collection
from cnnlab.settings import RunConfig
from cnnlab.worker import execute
from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds
SIDE, EACH, WRONG = 16, 40, 8


def bars(upright: bool, seed: int) -> bytes:
    """Return an image of upright or level bars in noise."""
    draw = np.random.default_rng(seed)
    pixels = draw.integers(0, 80, (SIDE, SIDE, 3))
    lines = np.arange(SIDE) % 4 < 2
    pixels[:, lines] += 150
    pixels = pixels if upright else pixels.transpose(1, 0, 2)
    return images.encode_png(pixels.astype(np.uint8))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, runs.Run, str]]:
    """A server with a network that has learned upright and level bars, of which some have the wrong label."""
    home: Path = tmp_path_factory.mktemp("why")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(home))
        dataset = collection.create("Bars", ["level", "upright"]).name
        for number, name in enumerate(("level", "upright")):
            right = [bars(bool(number), seed) for seed in range(number, 2 * EACH, 2)]
            wrong = [bars(not number, 1000 + seed) for seed in range(number, 2 * WRONG, 2)]
            collection.add_images(dataset, name, right + wrong)
        config = RunConfig(
            "baseline",
            dataset,
            epochs=6,
            image_size=SIDE,
            batch_size=8,
            validation_fraction=0.5,
            title="Bars",
        )
        run = runs.create(config)
        execute(run.folder, own_process=False)
        assert run.status().state == "finished"
        with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
            yield address, run, dataset


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_an_error_of_the_matrix_is_explained_and_its_label_corrected(page: Page, served):
    address, run, _ = served
    before = {one.name: len(one.images) for one in collection_of(served).classes}
    page.goto(f"{address}/train?run={run.id}")
    page.get_by_role("tab", name="Confusion").click()
    errors = page.locator("td[data-row='0'][data-column='1']")
    errors.click()
    sheet = page.get_by_role("group", name="The images of the chosen cell")
    expect(sheet).to_be_visible(timeout=PATIENCE)
    expect(sheet.get_by_role("button")).to_have_count(int(errors.inner_text()), timeout=PATIENCE)
    sheet.get_by_role("button").first.click()

    opened = page.get_by_role("dialog")
    heat = opened.get_by_text(re.compile("^Grad-CAM for"))
    expect(heat).to_have_count(2, timeout=PATIENCE)
    expect(heat.first).to_contain_text("upright")
    expect(heat.last).to_contain_text("level")

    opened.get_by_text("Feature maps").click()
    told = opened.get_by_text(re.compile("^Patch × kernel, summed"))
    expect(told).to_be_visible(timeout=PATIENCE)
    cells = opened.locator(".cnnlab-cells")
    cells.click(position={"x": 20, "y": 20})
    expect(
        opened.get_by_text(re.compile("Row 1, column 1[.]|Row 0, column [01][.]|Row 1, column 0[.]"))
    ).to_be_visible(timeout=PATIENCE)
    said = told.inner_text()
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", said)]
    assert numbers[0] + numbers[1] == pytest.approx(numbers[2], rel=2e-2, abs=2e-3)  # products + bias = sum

    opened.get_by_text("Correct the label").click()
    page.get_by_role("combobox", name="True class").last.click()
    page.get_by_role("option", name="upright").click()
    page.get_by_role("button", name="Correct", exact=True).click()
    expect(opened.get_by_text("Label corrected: level → upright.")).to_be_visible(timeout=PATIENCE)
    opened.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Its data has changed: 1 label corrected")).to_be_visible(timeout=PATIENCE)
    after = {one.name: len(one.images) for one in collection_of(served).classes}
    assert after == {"level": before["level"] - 1, "upright": before["upright"] + 1}


def collection_of(served) -> collection.Collection:
    _, run, dataset = served
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(run.folder.parent.parent))
        return collection.get(dataset)


def test_a_point_of_the_projection_shows_its_image_and_opens_it(page: Page, served):
    address, run, _ = served
    page.goto(f"{address}/train?run={run.id}")
    page.get_by_role("tab", name="Projection").click()
    points = page.locator(".cnnlab-plane circle")
    expect(points.first).to_be_visible(timeout=PATIENCE)
    shown = page.locator(".cnnlab-plane .tip img")
    for _ in range(20):  # a plane that is drawn again takes the tip away until the mouse moves
        points.first.hover(force=True)
        page.wait_for_timeout(1000)
        if shown.is_visible():
            break
        page.mouse.move(0, 0)
    expect(shown).to_be_visible(timeout=PATIENCE)
    assert shown.evaluate("image => image.naturalWidth") == SIDE
    points.first.click(force=True)
    expect(page.get_by_role("dialog").get_by_text(re.compile("^Grad-CAM for"))).to_have_count(
        2, timeout=PATIENCE
    )


def test_t_sne_is_computed_when_it_is_asked_for_and_its_points_open(page: Page, served):
    address, run, _ = served
    page.goto(f"{address}/train?run={run.id}")
    page.get_by_role("tab", name="Projection").click()
    points = page.locator(".cnnlab-plane circle")
    expect(points.first).to_be_visible(timeout=PATIENCE)
    place = "circle => [circle.style.cx, circle.style.cy]"
    chromium.wait_until_still(page, PATIENCE)
    pca = points.first.evaluate(place)
    page.get_by_text("t-SNE", exact=True).click()
    begin = page.get_by_role("button", name="Compute t-SNE")
    expect(begin).to_be_visible(timeout=PATIENCE)
    expect(points).to_have_count(0, timeout=PATIENCE)
    begin.click()
    expect(points.first).to_be_visible(timeout=3 * PATIENCE)
    assert points.first.evaluate(place) != pca
    points.first.scroll_into_view_if_needed()
    chromium.wait_until_still(page, PATIENCE)
    beside = points.first.bounding_box()  # new points do not fly in, and one need not be hit exactly
    assert beside is not None
    page.mouse.click(beside["x"] + beside["width"] / 2 + 7, beside["y"] + beside["height"] / 2)
    expect(page.get_by_role("dialog").get_by_text(re.compile("^Grad-CAM for"))).to_have_count(
        2, timeout=PATIENCE
    )


def test_the_epoch_that_is_chosen_stays_for_the_other_views_and_in_the_address(page: Page, served):
    address, run, _ = served
    page.goto(f"{address}/train?run={run.id}&epoch=1")
    page.get_by_role("tab", name="Confusion").click()
    expect(page.get_by_text(re.compile("^Epoch 1: "))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("slider", name="Network of epoch").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**epoch=2*")
    expect(page.get_by_text(re.compile("^Epoch 2: "))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Inside").click()
    expect(page.get_by_text(re.compile("^Epoch 2, step"))).to_be_visible(timeout=PATIENCE)
