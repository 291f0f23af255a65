"""The live chart in a browser: its files behind a base path, its colours, its size."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds
SCRIPT = """
from cnnlab import charts
from cnnlab.ui.live_chart import live_chart
live_chart(charts.class_bars(["rock", "paper"], [0.8, 0.2]), key="bars")
import numpy as np
from cnnlab.runs import Metrics
steps = np.arange(1.0, 9)
names = ("loss", "accuracy", "val_loss", "val_accuracy")
batches = {"step": steps, "loss": 1 / steps, "accuracy": 1 - 1 / steps}
epochs = {"epoch": steps[:4]} | {name: steps[:4] / 8 for name in names}
live_chart(charts.learning_curves(Metrics(batches, epochs), 2, charts.Frame(epochs=8)), key="curves")
"""
NODE = "document.querySelector('.cnnlab-chart')"
WIDTH = f"{NODE}._fullLayout?.width"
CURVES = "[...document.querySelectorAll('.cnnlab-chart')].at(-1)"
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


def test_curves_are_read_and_zoomed_with_the_keyboard_and_have_a_table_behind_them(page: Page):
    chart = page.get_by_role("group", name="after 4 epochs")
    chart.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status").filter(has_text="epoch 2:")).to_contain_text("validation: 25")
    width = (
        "(() => { const [low, high] = document.activeElement._fullLayout.xaxis.range; return high - low; })()"
    )
    whole = page.evaluate(width)
    page.keyboard.press("+")
    page.wait_for_function(f"{width} < {whole} * 0.6", timeout=PATIENCE)
    page.keyboard.press("0")
    page.wait_for_function(f"Math.abs({width} - {whole}) < 1e-6", timeout=PATIENCE)
    table = page.get_by_role("table").filter(has_text="accuracy validation")
    assert [row.split() for row in table.get_by_role("row").all_inner_texts()][-1] == ["4", "50"]


def test_the_loss_on_a_log_scale_has_no_labels_over_each_other(page: Page):
    page.wait_for_function(f"{CURVES}?._fullLayout?.yaxis2?.type === 'log'", timeout=PATIENCE)
    for low, high in [(-0.3, 0.3), (-0.6, 0.41), (-1.1, 0.48), (-2, 0.48), (-1.6, 0), (-6, 1)]:
        page.evaluate(f"window.Plotly.relayout({CURVES}, {{'yaxis2.range': [{low}, {high}]}})")
        boxes = page.evaluate(
            f"[...{CURVES}.querySelectorAll('.y2tick text')].map((one) => one.getBoundingClientRect())"
            ".map(({ top, bottom }) => [top, bottom]).sort(([one], [other]) => one - other)"
        )
        assert len(boxes) >= 2, (low, high)
        assert all(above[1] <= below[0] + 1 for above, below in pairwise(boxes)), (low, high)
