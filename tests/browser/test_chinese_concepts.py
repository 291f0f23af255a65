"""The scenes of the Concepts page in Chinese: what they write, draw and say to a screen reader."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from cnnlab.ui.concepts.catalogue import BY_NAME
from cnnlab.ui.own_component import FRONTEND
from tests.languages.english import english_left

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds; two cores may be busy with other tests
NAMES = (
    *("valid", "same", "max", "exp", "ln", "He", "One weird trick", "Home", "End"),
    *("Dense", "Flatten", "flatten", "output"),
)
"""Kinds of padding, functions, an initialisation, the title of a paper, keys; layers of LeNet-5."""
DRAWN = """
  window.drawn = new Set();
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
    window.drawn.add(String(text));
    return fillText.call(this, text, ...more);
  };
"""
"""Keeps what is written on canvases."""
SAID = """() => {
  const scene = document.querySelector(".cnnlab-concept");
  const parts = [...scene.querySelectorAll("*")];
  const names = ["aria-label", "title", "data-title"];
  const named = parts.flatMap((one) => names.map((name) => one.getAttribute(name)));
  const texts = parts.filter((one) => !one.children.length).map((one) => one.textContent);
  return [...scene.innerText.split("\\n"), ...texts, ...named, ...window.drawn].filter(Boolean);
}"""
"""Returns what a scene shows, hidden parts of it, and what is drawn since the page was opened."""

DRAW = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
"""Waits until what was changed is drawn."""


def test_no_scene_says_anything_in_english(app: str, page: Page):
    page.add_init_script(DRAWN)
    page.goto(f"{app}/concepts?lang=zh")
    found: list[str] = []
    for name in BY_NAME:
        expect(page.locator(f".cnnlab-concept.{name} [role=status]")).not_to_be_empty(timeout=PATIENCE)
        expect(page.locator(".cnnlab-concept")).to_have_count(1)
        found += [f"{name}: {line}" for line in english_left(page.evaluate(SAID), names=NAMES)]
        for button in page.locator(".cnnlab-concept .segments button").all():
            if button.is_visible():
                button.click()
                page.evaluate(DRAW)
                found += [f"{name}: {line}" for line in english_left(page.evaluate(SAID), names=NAMES)]
        if name != list(BY_NAME)[-1]:
            page.get_by_role("button", name="下一个", exact=True).click()
    assert not found, "\n".join(sorted(set(found)))


def test_a_scene_turns_to_another_language_with_its_state(app: str, page: Page):
    page.goto(f"{app}/concepts?concept=quiz&arch=lenet5&level=1&seed=7&lang=zh")
    field = page.get_by_role("textbox", name=re.compile("^conv1 的输出"))
    field.fill("32x32x6")
    field.press("Enter")
    expect(page.get_by_text("再看看行和列。")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("Look at the rows and columns again.")).to_be_visible()
    field = page.get_by_role("textbox", name=re.compile("^Output of conv1"))
    expect(field).to_have_value("32x32x6")
    field.fill("28x28x6")
    field.press("Enter")
    expect(page.locator(".cnnlab-concept .reading")).to_contain_text("Score ½ of")
    page.goto(f"{app}/concepts?concept=convolution&kernel=box&image=edge&step=5&lang=zh")
    reading = page.locator(".cnnlab-concept .reading")
    expect(reading).to_contain_text("第 0 行第 5 列")
    page.get_by_role("button", name="English").click()
    expect(reading).to_contain_text("row 0, column 5")
    page.keyboard.press("ArrowRight")
    expect(reading).to_contain_text("row 0, column 6")


def test_words_that_do_not_arrive_are_english_and_asked_for_again(page: Page):
    asked: list[str] = []

    def answer(route: Route) -> None:
        url = route.request.url
        if "/cnnlab/words" in url:
            asked.append(url)
            if len(asked) == 1:
                route.abort()
            else:
                route.fulfill(json={"{n} of {all}": "{all} 中的 {n}", "Step": ""})
        elif url.endswith("words.js"):
            body = (FRONTEND / "words.js").read_text("utf-8")
            route.fulfill(body=body, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route("http://words.test/**", answer)
    page.goto("http://words.test/")
    said = page.evaluate("""async () => {
      const { joined, spoken, t } = await import("/a/b/c/words.js");
      const filled = () => t("{n} of {all}", { n: 0, all: "{n}" });
      const texts = () => [filled(), t("Step"), t("{what} else"), joined("a", "", false, "b")];
      const found = [texts()];
      for (const language of ["zh", "zh", "zh", "en"]) {
        await spoken(language);
        found.push(texts());
      }
      const [late, last] = [spoken("zh"), spoken("en")]; // the page turns back before the first has come
      await Promise.all([late, last]);
      return [...found, texts()];
    }""")
    english = ["0 of {n}", "Step", "{what} else", "a b"]
    chinese = ["{n} 中的 0", *english[1:]]
    assert said == [english, english, chinese, chinese, english, english]
    assert len(asked) == 2 and all(url.startswith("http://words.test/cnnlab/words?lang=zh") for url in asked)
