"""A lesson from Home to its end, in a browser and two languages: Next, answers, Back, reload, leaving it."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from cnnlab import lessons
from cnnlab.lessons import Address, addresses
from cnnlab.ui.lessons import next_lesson
from tests.browser import chromium
from tests.long import LONG

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 120_000  # milliseconds
PANEL = ".st-key-lesson_panel"
READY = lessons.all_lessons().lessons
FIRST = next_lesson.first_to_show(READY)
SCENES = sorted(
    {
        str(step.address)
        for lesson in READY
        for step in lesson.steps
        if step.address and step.address.page == "concepts"
    }
)
OF_SCENE = """async ([scene, query]) => {
  const loaded = performance.getEntriesByType("resource").map((one) => one.name);
  const folder = loaded.find((name) => name.includes("concepts/state")).replace(/state[^/]*$/, "");
  const { default: { state } } = await import(`${folder}${scene}.js`);
  const asked = Object.entries(query).filter(([name]) => name in state);
  const written = (name, value) => (state[name].write ?? String)(value);
  return asked.filter(([name, text]) => %s).map(([name]) => name);
}"""
STATE = OF_SCENE % "written(name, state[name].read(text)) !== text"
"""Returns which arguments of an address a scene does not read as they are written."""
AS_USUAL = OF_SCENE % "written(name, state[name].usual) === text"
"""Returns which arguments of an address say what a scene shows without them."""


def opened(browser: Browser, address: str, width: int = 1440, height: int = 900) -> Page:
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    return page


def at_step(page: Page, number: int) -> None:
    """Wait until this step shows, and the address says so."""
    expect(page.locator(PANEL)).to_contain_text(f"Step {number} of", timeout=PATIENCE)
    page.wait_for_url(re.compile(f"lesson_step={number}(&|$)"))


def opens(page: Page, address: Address) -> None:
    """Wait until the browser's address asks for all of this one, and still does a moment later.

    A scene leaves out of the address what is as usual.
    """
    query = dict(address.query)
    if address.page == "concepts":
        expect(page.locator(f".cnnlab-concept.{query['concept']} .reading")).not_to_be_empty(timeout=PATIENCE)
        for name in page.evaluate(AS_USUAL, [query["concept"], query]):
            query.pop(name)

    def asks(url: str) -> bool:
        found = dict(parse_qsl(urlsplit(url).query))
        return f"/{address.page}?" in url and all(found.get(name) == value for name, value in query.items())

    page.wait_for_url(asks)
    page.wait_for_timeout(700)  # a scene that was replaced would write its own state now
    assert asks(page.url), page.url


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click()


def test_a_lesson_is_walked_from_home_to_its_end(app: str, browser: Browser):
    page = opened(browser, app)
    press(page, f"begin-{FIRST.name}")
    at_step(page, 1)
    counted = page.locator(".cnnlab-concept .counted")
    expect(counted).not_to_have_text(re.compile("^1 of"), timeout=PATIENCE)  # it moves by itself
    answer = page.locator(PANEL).get_by_text(FIRST.steps[0].questions[0].answer[:12])
    expect(answer).to_be_hidden()
    page.locator(PANEL).get_by_text("Show the answer").first.click()
    expect(answer).to_be_visible()
    for number, step in enumerate(FIRST.steps[1:], start=2):
        press(page, "lesson_next")
        at_step(page, number)
        if step.address:
            opens(page, step.address)
    press(page, "lesson_back")
    at_step(page, len(FIRST.steps) - 1)
    page.reload()
    at_step(page, len(FIRST.steps) - 1)
    press(page, "lesson_next")
    at_step(page, len(FIRST.steps))
    press(page, "lesson_next")
    expect(page.get_by_role("heading", level=1)).to_have_text(FIRST.title, timeout=PATIENCE)
    expect(page.locator(PANEL)).to_have_count(0)
    page.wait_for_function("!location.search.includes('lesson_step')")
    page.context.close()


def test_a_lesson_is_walked_to_its_end_in_chinese(app: str, browser: Browser):
    lesson = lessons.get(FIRST.name, "zh")
    page = opened(browser, f"{app}/lessons?about={lesson.name}&lang=zh")
    expect(page.get_by_role("heading", level=1)).to_have_text(lesson.title)
    press(page, f"begin-{lesson.name}")
    panel = page.locator(PANEL)
    for number, step in enumerate(lesson.steps, start=1):
        expect(panel).to_contain_text(step.title, timeout=PATIENCE)
        page.wait_for_url(re.compile(f"lesson_step={number}(&|$)"))
        if step.questions:
            answer = panel.get_by_text(step.questions[0].answer[:6])
            expect(answer).to_be_hidden()
            panel.locator("summary").first.click()
            expect(answer).to_be_visible()
        assert "**" not in panel.inner_text()  # bold type that Markdown did not find
        press(page, "lesson_next")
    expect(page.get_by_role("heading", level=1)).to_have_text(lesson.title, timeout=PATIENCE)
    expect(panel).to_have_count(0)
    page.wait_for_function("location.search.includes('lang=zh') && !location.search.includes('lesson_step')")
    page.context.close()


@LONG
def test_a_lesson_stays_in_the_address_of_every_page_until_it_is_left(app: str, browser: Browser):
    page = opened(browser, f"{app}/concepts?concept=pooling&lesson={FIRST.name}&lesson_step=2")
    at_step(page, 2)
    page.locator("[data-testid=stExpandSidebarButton]").click()  # a lesson takes its place
    page.get_by_role("link", name="Data", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Data", timeout=PATIENCE)
    at_step(page, 2)
    page.reload()
    at_step(page, 2)
    assert "/data" in page.url
    page.go_back()
    page.wait_for_url("**/concepts*")
    at_step(page, 2)
    press(page, "lesson_leave")
    expect(page.locator(PANEL)).to_have_count(0, timeout=PATIENCE)
    page.wait_for_url(re.compile("^[^?]*/concepts(?!.*lesson)"))
    page.context.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), pytest.param(1024, 768, marks=LONG), (390, 844)])
def test_the_step_covers_nothing_of_its_page(app: str, browser: Browser, width: int, height: int):
    page = opened(browser, f"{app}/train?lesson={FIRST.name}&lesson_step=2", width, height)
    at_step(page, 2)
    chromium.wait_until_still(page, PATIENCE)
    expect(page.locator(".st-key-lesson_next button")).to_be_in_viewport(ratio=1)
    panel = page.locator(PANEL).bounding_box()
    for part in (page.get_by_role("heading", level=1), page.get_by_role("combobox", name="Recipe")):
        box = part.bounding_box()
        assert panel and box
        beside = box["x"] + box["width"] <= panel["x"] or box["y"] >= panel["y"] + panel["height"]
        assert beside, (box, panel)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.locator(".st-key-lesson_text")
    if width <= 640:
        expect(text).to_be_hidden()
        page.locator(".cnnlab-lesson-clock button").click()
    expect(text).to_be_visible()
    page.context.close()


def test_scenes_of_the_lessons_are_read_as_they_are_written(app: str, browser: Browser):
    page = opened(browser, f"{app}/concepts?concept=convolution")
    expect(page.locator(".cnnlab-concept .body")).to_be_visible(timeout=PATIENCE)
    for text in SCENES:
        address: Address = addresses.parse(text)
        scene = address.query["concept"]
        assert page.evaluate(STATE, [scene, dict(address.query)]) == [], text
    page.context.close()
