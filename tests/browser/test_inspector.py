"""The layer inspector in a real browser: click a row, move the unit, edit a kernel, follow a deep link."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 60_000  # milliseconds; the first view waits for TensorFlow
ROW_PIXELS = 35


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1300})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_a_row_a_unit_a_kernel_and_a_deep_link(app: str, page: Page, browser: Browser):
    page.goto(f"{app}/architecture?arch=lenet5")
    expect(page.get_by_role("heading", name="conv1 · Conv2D")).to_be_visible(timeout=PATIENCE)

    click_row(page, 4)  # the header is row 0, the picture row 1
    expect(page.get_by_role("heading", name="conv2 · Conv2D")).to_be_visible()
    expect(page.get_by_text("16×5×5×6 + 16 = 2,416")).to_be_visible()

    page.get_by_role("tab", name="What a unit sees").click()
    expect(page.get_by_text("Rows 10 to 23 and columns 10 to 23")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("slider", name="Unit's row").press("ArrowRight")
    expect(page.get_by_text("Rows 12 to 25 and columns 10 to 23")).to_be_visible(timeout=PATIENCE)

    page.get_by_role("tab", name="What if").click()
    kernel = page.get_by_role("spinbutton", name="Kernel size")
    kernel.fill("3")
    kernel.press("Enter")
    expect(metric(page, "Receptive field")).to_contain_text("12×12")
    expect(page).to_have_url(re.compile("layer=conv2&edit=conv2.kernel_size.3"))

    elsewhere = browser.new_context().new_page()
    elsewhere.goto(page.url)
    expect(metric(elsewhere, "Receptive field")).to_contain_text("12×12", timeout=PATIENCE)
    expect(elsewhere.get_by_role("heading", name="conv2 · Conv2D")).to_be_visible()
    elsewhere.context.close()


def test_a_block_opens_and_folds_by_a_click(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=resnet18")
    expect(page.get_by_role("heading", name="conv1 · Conv2D")).to_be_visible(timeout=PATIENCE)
    block, inside = cell(page, "▸ stage1_block1"), cell(page, "conv2_norm")
    expect(block).to_have_count(1, timeout=PATIENCE)
    click_row(page, 5)
    expect(page.get_by_role("heading", name="stage1_block1 · 7 layers")).to_be_visible(timeout=PATIENCE)
    expect(inside).to_have_count(1, timeout=PATIENCE)
    click_row(page, 5)
    expect(inside).to_have_count(0, timeout=PATIENCE)
    expect(block).to_have_count(1)


def test_a_layer_is_added_and_exactly_the_network_on_the_page_is_trained(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=lenet5&input=32x32x1&layer=conv1")
    expect(metric(page, "Parameters")).to_contain_text("61,706", timeout=PATIENCE)
    page.get_by_role("tab", name="What if").click()
    kinds = page.get_by_role("combobox", name="Add a layer after this one")
    kinds.fill("Batch norm")
    kinds.press("Enter")
    expect(metric(page, "Parameters")).to_contain_text("61,730")  # scale, shift, mean, variance of 6 maps
    expect(metric(page, "Trained")).to_contain_text("61,718")
    expect(cell(page, "batch_norm_1")).to_have_count(1, timeout=PATIENCE)

    page.get_by_role("button", name="Train this").click()
    chosen = page.get_by_role("combobox", name="Architecture")
    expect(chosen).to_have_value("LeNet-5, edited", timeout=PATIENCE)
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name="LeNet-5, edited on Digits")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Finished after 5 epochs")).to_be_visible(timeout=3 * PATIENCE)


def cell(page: Page, text: str) -> Locator:
    """Return the cells of the layer table with this text; the browser keeps them behind the picture."""
    cells = page.get_by_test_id("stDataFrame").first.locator("td")
    return cells.filter(has_text=re.compile(rf"^\s*{re.escape(text)}$"))


def click_row(page: Page, number: int) -> None:
    """Click a cell of the layer table, which is a picture without elements of its own."""
    page.get_by_test_id("stDataFrame").first.click(position={"x": 200, "y": ROW_PIXELS * number + 17})


def metric(page: Page, label: str):
    return page.get_by_test_id("stMetric").filter(has_text=label)
