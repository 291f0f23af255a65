"""The confusion matrix in a browser: a cell is chosen with the mouse and with the keyboard, and is marked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds
SCRIPT = """
import streamlit as st
from cnnlab.ui.confusion_table import confusion_table
counts = [[8, 1, 1], [0, 5, 5], [2, 0, 9]]
before = st.session_state.get("cell", (-1, -1))
scores = [0.8, 0.5, None]
classes = ["paper", "<b>rock</b>", "scissors"]
picked = confusion_table(classes, counts, scores, scores, 0.71, before, key="matrix")
if picked:
    st.session_state.cell = picked
    st.rerun()
st.write("picked", before)
"""


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    (tmp_path / "page.py").write_text(SCRIPT)
    with chromium.served(tmp_path / "page.py", tmp_path / "home") as address:
        context = browser.new_context(viewport={"width": 1000, "height": 700})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(address)
        yield page
        context.close()


def cell(page: Page, row: int, column: int) -> Locator:
    return page.locator(f"td[data-row='{row}'][data-column='{column}']")


def test_a_cell_is_chosen_by_mouse_and_keyboard_and_marked(page: Page):
    cell(page, 1, 2).click()
    expect(page.get_by_text("(1, 2)")).to_be_visible(timeout=PATIENCE)
    expect(cell(page, 1, 2)).to_have_attribute("aria-selected", "true")
    for key in ("ArrowLeft", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("(2, 1)")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("td[aria-selected=true]")).to_have_count(1)
    expect(page.locator("td[tabindex='0']")).to_have_count(1)  # one stop for the Tab key

    expect(page.get_by_role("rowheader", name="<b>rock</b>")).to_have_text("<b>rock</b>")  # letter for letter
    assert page.locator("tbody tr").first.locator("td").last.inner_text() == "80.0"
    assert page.locator("tfoot td").all_inner_texts() == ["80.0", "50.0", "–", "71.0"]
