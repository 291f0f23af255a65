"""Text of people in a browser: shown and copied letter for letter, and nothing is asked of strangers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.browser.peoples_text import TEXTS
from tests.long import LONG

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds
SCRIPT = """
import streamlit as st
from cnnlab.ui.tables import table
from cnnlab.ui.wording import plain
from tests.browser.peoples_text import TEXTS

for number, text in enumerate(TEXTS):
    said = plain(text)
    for where, draw in {
        "markdown": lambda: st.markdown(said),
        "caption": lambda: st.caption(f"a {said}"),
        "error": lambda: st.error(said),
        "heading": lambda: st.subheader(said, anchor=False),
        "bold": lambda: st.markdown(f"**{said}** :gray[{said}]"),
        "button": lambda: st.button(said, key=f"press {number}"),
        "progress": lambda: st.progress(0.5, said),
        "metric": lambda: st.metric(said, "1"),
        "pill": lambda: st.pills("a", [0], format_func=lambda _: said, key=f"choose {number}"),
        "link": lambda: st.page_link("https://localhost/here", label=said),
        "cell": lambda: table([{"Setting": text, text: "x"}]),
    }.items():
        with st.container(key=f"{where}-{number}"):
            draw()
st.markdown("All is drawn.")
"""
MARKUP = (
    "a:not([data-testid=stPageLink-NavLink]), img, .katex, ul, ol, blockquote, hr, code, em, del, "
    "[data-testid=stIconMaterial]"
)


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("text")
    (folder / "text.py").write_text(SCRIPT)
    with chromium.served(folder / "text.py", folder / "home") as address:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.get_by_text("All is drawn.").wait_for()
        page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
        yield page
        assert not [url for url in asked if "example" in url]
        page.close()


@LONG
@pytest.mark.parametrize(
    "where",
    [
        "markdown",
        "caption",
        "error",
        "heading",
        "bold",
        "button",
        "progress",
        "metric",
        "pill",
        "link",
        "cell",
    ],
)
def test_text_of_people_is_shown_as_it_was_written(page: Page, where: str):
    for number, text in enumerate(TEXTS):
        place = page.locator(f".st-key-{where}-{number}")
        shown = " ".join(place.inner_text().split())
        assert " ".join(text.split()) in shown, (where, text, shown)
        assert place.locator(MARKUP).count() == 0, (where, text, place.inner_html())
