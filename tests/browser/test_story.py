"""The main job, as a teacher does it: pick, train, watch, and ask, in a real browser."""

import io
import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.browser import chromium
from tests.browser.conftest import image_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

EPOCHS = 60
PATIENCE = 120_000  # milliseconds; two cores may be busy with other tests
CHART = "document.querySelector('.cnnlab-chart')"
POINTS = f"{CHART}?._fullData?.[0]?._length ?? 0"
ZOOM = f"{CHART}._fullLayout.xaxis.range"


def a_visitor(browser: Browser) -> Page:
    """Open a page with cookies and storage of its own, as on another machine."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["camera"])
    context.set_default_timeout(PATIENCE)
    return context.new_page()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = a_visitor(browser)
    yield page
    page.context.close()


def test_a_lesson_from_the_first_click_to_the_photo(app: str, page: Page, browser: Browser):
    complaints = chromium.complaints(page)
    start_lenet_on_digits(page, app)
    wait_until(page, f"{POINTS} > 10")

    zoomed = zoom_in(page)
    wait_until(page, zoomed)
    watched = page.evaluate(POINTS)
    page.evaluate(f"{CHART}.dataset.tag = 'the same node'")
    wait_until(page, f"{POINTS} > {watched}")
    assert page.evaluate(f"{CHART}.dataset.tag") == "the same node"
    wait_until(page, zoomed)

    page.reload()
    wait_until(page, f"{POINTS} >= {watched}")  # the history is there, not only what came after
    second = a_visitor(browser)
    second.goto(page.url)
    wait_until(second, f"{POINTS} >= {watched}")
    expect(second.get_by_text(f"of {EPOCHS}").first).to_be_visible()
    second.context.close()

    page.evaluate(f"{CHART}.dataset.tag = 'the same node'")
    expect(page.get_by_text(f"Finished after {EPOCHS} epochs")).to_be_visible(timeout=3 * PATIENCE)
    assert page.evaluate(f"{CHART}.dataset.tag") == "the same node"  # whatever came above it
    page.get_by_role("button", name="Try it").click()

    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").set_input_files([png_of(0), not_an_image()])
    expect(answer(page)).to_have_text(re.compile(r"^0, \d"), timeout=PATIENCE)
    expect(page.get_by_role("alert")).to_have_count(1)

    page.get_by_role("radio", name="Camera").click()
    wait_until(page, "document.querySelector('video')?.readyState === HTMLMediaElement.HAVE_ENOUGH_DATA")
    expect(answer(page)).to_have_text(re.compile(r"^7, \d"), timeout=PATIENCE)
    page.get_by_text("Live", exact=True).click()
    page.evaluate("document.querySelector('.cnnlab-live h2').textContent = ''")
    page.get_by_role("button", name="Take photo").click()
    expect(answer(page)).to_have_text(re.compile(r"^7, \d"), timeout=PATIENCE)
    assert not complaints, "\n".join(complaints)


def test_the_address_of_a_page_opens_the_app_around_it_first_thing_after_a_start(app: str, page: Page):
    page.goto(f"{app}/train?run=../../etc/passwd")
    expect(page.get_by_role("alert")).to_have_text(re.compile("There is no run with this id"))
    expect(page.get_by_role("link", name="Classify", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_visible(timeout=PATIENCE)


def start_lenet_on_digits(page: Page, app: str) -> None:
    page.goto(app)
    expect(page.get_by_role("heading", name="Convolutional networks, live")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Set up training").click()
    recipe = page.get_by_role("combobox", name="Recipe")
    expect(recipe).to_have_value("LeNet-5 on digits", timeout=PATIENCE)
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill(str(EPOCHS))
    epochs.press("Tab")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**/train?run=*")
    expect(epochs).to_be_hidden(timeout=PATIENCE)  # the form has gone, and its chart of the learning rate


def zoom_in(page: Page) -> str:
    """Zoom into the left third of the accuracy curve; return the condition that it is still so."""
    before = page.evaluate(ZOOM)
    zoomed = f"{ZOOM}[1] < {before[1] / 2}"
    for _ in range(10):  # a chart that is redrawn while the box is drawn gives the box up
        chromium.drag_over_left_third(page)
        with suppress(TimeoutError):
            page.wait_for_function(f"() => {zoomed}", timeout=3000)
            break
    return zoomed


def wait_until(page: Page, condition: str) -> None:
    page.wait_for_function(f"() => {condition}", timeout=PATIENCE)


def answer(page: Page):
    return page.get_by_role("heading", level=2).first


def png_of(digit: int) -> dict:
    file = io.BytesIO()
    Image.fromarray(image_of(digit, (64, 64))).save(file, "PNG")
    return {"name": f"{digit}.png", "mimeType": "image/png", "buffer": file.getvalue()}


def not_an_image() -> dict:
    return {"name": "text.png", "mimeType": "image/png", "buffer": b"only text"}
