"""The live chart in a browser: its files behind a base path, its colours, its size."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 60_000  # milliseconds
SCRIPT = """
from cnnlab import charts, ui
ui.live_chart(charts.class_bars(["rock", "paper"], [0.8, 0.2]), key="bars")
"""
NODE = "document.querySelector('.cnnlab-chart')"
WIDTH = f"{NODE}._fullLayout?.width"
INK = f"{NODE}._fullLayout?.font.color"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("chart")
    (folder / "page.py").write_text(SCRIPT)
    with chromium.served(folder / "page.py", folder / "home", base="class/room") as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 700}, color_scheme="light")
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".cnnlab-chart .bars", timeout=PATIENCE)
    yield page
    context.close()


def test_the_chart_draws_behind_a_base_path_without_another_host(page: Page, address: str):
    loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert any(url.endswith("cnnlab.plotly/plotly.min.js") for url in loaded)
    host = address.removesuffix("/class/room")
    assert [url for url in loaded if not url.startswith((host, "data:", "blob:"))] == []


def test_the_chart_takes_the_colours_of_the_page_and_follows_its_theme(page: Page):
    assert page.evaluate(INK) == "#1e2a32"  # theme.light.textColor of .streamlit/config.toml
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{INK} === '#e3e9ec'", timeout=PATIENCE)  # theme.dark.textColor


def test_the_chart_is_as_wide_as_its_place(page: Page):
    wide = page.evaluate(WIDTH)
    page.set_viewport_size({"width": 500, "height": 700})
    page.wait_for_function(f"{WIDTH} < {wide} - 200", timeout=PATIENCE)
