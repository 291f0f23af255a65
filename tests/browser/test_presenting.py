"""Presentation mode: type for the last row, nothing but the step, a clicker, and the way out."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.long import LONG

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 120_000  # milliseconds
PAGES = (
    "",
    "data",
    "collect",
    "train",
    "runs",
    "experiments",
    "experiments?experiment=dropout",
    "concepts?concept=convolution",
    "concepts?concept=activations",
    "concepts?concept=softmax",
    "concepts?concept=quiz",
)
SMALLEST = """() => {
  const clipped = (node) => {
    for (let at = node; at; at = at.parentElement)
      if (/^inset\\(50/.test(getComputedStyle(at).clipPath)) return true;
  };
  const found = [];
  const walk = document.createTreeWalker(document.querySelector(".stApp"), NodeFilter.SHOW_TEXT);
  for (let text; (text = walk.nextNode()); ) {
    const node = text.parentElement;
    if (!text.textContent.trim() || ["STYLE", "SCRIPT", "TITLE", "DESC"].includes(node.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    const seen = box.width > 1 && box.height > 1 && node.checkVisibility({ visibilityProperty: true });
    if (!seen || clipped(node)) continue;
    const matrix = node.closest("svg") && node.getScreenCTM?.();
    const scale = matrix ? Math.hypot(matrix.a, matrix.b) : 1;
    const pixels = parseFloat(getComputedStyle(node).fontSize) * scale;
    found.push([Math.round(pixels * 10) / 10, text.textContent.trim().slice(0, 40), node.className]);
  }
  return found.sort((one, other) => one[0] - other[0]).slice(0, 3);
}"""
LESSON = """() => {
  const panel = document.createElement("div");
  panel.innerHTML = `<div class="st-key-lesson_back"><button>Back</button></div>
    <div class="st-key-lesson_next"><button>Next</button></div>
    <input class="typed"><input type="range" class="slid">`;
  document.body.append(panel);
  window.steps = 0;
  panel.querySelector(".st-key-lesson_next button").onclick = () => (window.steps += 1);
  panel.querySelector(".st-key-lesson_back button").onclick = () => (window.steps -= 1);
}"""


def opened(browser: Browser, address: str, size: tuple[int, int] = (1440, 900), theme: str = "light") -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE)
    return page


def presenting(address: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}present=1"


def listening(page: Page) -> None:
    """Wait until the browser listens to keys: from then on there is a way out."""
    expect(page.locator(".cnnlab-leave")).to_be_visible(timeout=PATIENCE)


def settled(page: Page) -> None:
    """Wait until a page and its charts and scenes are drawn."""
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=PATIENCE)
    if "experiment=" in page.url:
        expect(page.locator(".xtick").first).to_be_visible(timeout=PATIENCE)
    if "concept=" in page.url:
        expect(page.locator(".cnnlab-concept .reading")).not_to_be_empty(timeout=PATIENCE)


@LONG
@pytest.mark.parametrize("size", [(1440, 900), (1024, 768)])
def test_nothing_is_smaller_than_18_pixels_on_a_projector(app: str, browser: Browser, size: tuple[int, int]):
    page = opened(browser, presenting(app), size)
    for path in PAGES:
        page.goto(presenting(f"{app}/{path}"))
        expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE)
        settled(page)
        expect(page.get_by_test_id("stSidebar")).to_be_hidden(timeout=PATIENCE)
        smallest = page.evaluate(SMALLEST)
        assert smallest and smallest[0][0] >= 18, (path, smallest)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, path
    page.context.close()


@pytest.mark.parametrize(
    ("theme", "text", "ground"),
    [
        ("light", "rgb(0, 0, 0)", "rgb(255, 255, 255)"),
        pytest.param("dark", "rgb(255, 255, 255)", "rgb(0, 0, 0)", marks=LONG),
    ],
)
def test_only_the_step_is_left_in_full_contrast_until_escape(
    app: str, browser: Browser, theme: str, text: str, ground: str
):
    page = opened(browser, app, theme=theme)
    page.get_by_role("button", name="Present", exact=True).click()
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar).to_be_hidden()
    page.wait_for_url("**/*present=1*")
    heading = page.get_by_role("heading", level=1).first
    expect(heading).to_have_css("color", text)
    expect(page.locator(".stApp")).to_have_css("background-color", ground)
    expect(page.get_by_test_id("stCaptionContainer").locator("visible=true")).to_have_count(0)

    page.get_by_role("link", name="Look at data").click()  # kept over a change of the page, and a reload
    expect(page.get_by_role("heading", level=1, name="Data")).to_be_visible()
    page.wait_for_url("**/data?*present=1*")
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Data")).to_be_visible()
    expect(sidebar).to_be_hidden()

    listening(page)
    page.keyboard.press("Escape")
    expect(sidebar).to_be_visible()
    page.wait_for_function("!location.search.includes('present')")
    page.reload()
    expect(sidebar).to_be_visible(timeout=PATIENCE)
    page.context.close()


def test_a_clicker_turns_the_steps_of_a_lesson_and_takes_no_key_from_others(app: str, browser: Browser):
    page = opened(browser, presenting(app))
    listening(page)
    steps = lambda: page.evaluate("window.steps")  # noqa: E731
    page.keyboard.press("PageDown")  # without a lesson nothing is taken
    page.evaluate(LESSON)
    for keys, expected in ((["ArrowRight", "PageDown", "PageDown"], 3), (["ArrowLeft", "PageUp"], 1)):
        for key in keys:
            page.keyboard.press(key)
        assert steps() == expected
    page.locator(".typed").focus()
    for key in ("ArrowRight", "PageDown", "ArrowLeft", "PageUp"):
        page.keyboard.press(key)
    assert steps() == 1
    page.locator(".slid").focus()  # what was touched last keeps its arrows, not the keys of the clicker
    page.keyboard.press("ArrowRight")
    assert steps() == 1
    page.keyboard.press("PageDown")
    assert steps() == 2

    page.goto(presenting(f"{app}/concepts?concept=convolution"))
    expect(page.locator(".cnnlab-concept .counted")).to_have_text("1 of 36", timeout=PATIENCE)
    listening(page)
    page.evaluate(LESSON)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".cnnlab-concept .counted")).to_have_text("2 of 36")
    assert steps() == 0
    page.keyboard.press("PageDown")
    assert steps() == 1
    expect(page.locator(".cnnlab-concept .counted")).to_have_text("2 of 36")

    page.keyboard.press("Escape")  # over: the keys belong to the page again
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    page.keyboard.press("PageDown")
    assert steps() == 1
    page.context.close()
