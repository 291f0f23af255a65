"""The confusion matrix in a browser: a click on a cell tells the page which it was."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 60_000  # milliseconds
SCRIPT = """
import streamlit as st
from cnnlab import charts
from cnnlab.ui.live_chart import picked_in_chart
matrix = [[8, 1, 1], [0, 5, 5], [2, 0, 9]]
st.write("picked", picked_in_chart(charts.confusion(["paper", "rock", "scissors"], matrix), key="matrix"))
"""
CENTRE = """([column, row]) => {
  const node = document.querySelector('.cnnlab-chart'), { xaxis, yaxis } = node._fullLayout;
  const box = node.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.c2p(column), box.top + yaxis._offset + yaxis.c2p(row)];
}"""


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    (tmp_path / "page.py").write_text(SCRIPT)
    with chromium.served(tmp_path / "page.py", tmp_path / "home") as address:
        context = browser.new_context(viewport={"width": 1000, "height": 700})
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("document.querySelector('.cnnlab-chart')?._fullLayout", timeout=PATIENCE)
        yield page
        context.close()


def test_a_click_tells_column_and_row_also_where_a_number_stands(page: Page):
    for cell, said in (([2, 1], "(2, 1)"), ([0, 0], "(0, 0)"), ([0, 1], "(0, 1)")):
        until = time.monotonic() + PATIENCE / 1000
        while said not in page.inner_text("body"):  # the chart may not listen yet when it is first seen
            assert time.monotonic() < until
            page.mouse.click(*page.evaluate(CENTRE, cell))
            page.wait_for_timeout(300)
