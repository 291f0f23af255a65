"""The Architecture page in a real browser: the diagram by click and by keyboard, list, edits, deep links."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.long import LONG

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 120_000  # milliseconds; the first view waits for TensorFlow, and two cores may be busy


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1300})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_a_row_a_unit_a_kernel_and_a_deep_link(app: str, page: Page, browser: Browser):
    page.goto(f"{app}/architecture?arch=lenet5")
    expect(page.get_by_role("heading", name="conv1 · Conv2D")).to_be_visible(timeout=PATIENCE)

    row(page, "conv2").click()
    expect(page.get_by_role("heading", name="conv2 · Conv2D")).to_be_visible()
    expect(page.get_by_text("16×5×5×6 + 16 = 2,416")).to_be_visible()

    expect(block(page, "conv2,")).to_have_attribute("aria-selected", "true")  # list and diagram agree
    expect(row(page, "conv2")).to_have_attribute("aria-selected", "true")

    page.get_by_role("tab", name="Receptive field").click()
    expect(page.get_by_text("Rows 10 to 23 and columns 10 to 23")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("slider", name="Unit's row").press("ArrowRight")
    expect(page.get_by_text("Rows 12 to 25 and columns 10 to 23")).to_be_visible(timeout=PATIENCE)

    page.get_by_role("tab", name="Edit").click()
    kernel = page.get_by_role("spinbutton", name="Kernel size")
    kernel.fill("3")
    kernel.press("Enter")
    expect(totals(page)).to_contain_text("12×12")
    expect(page).to_have_url(re.compile("layer=conv2&edit=conv2.kernel_size.3"))

    elsewhere = browser.new_context().new_page()
    elsewhere.goto(page.url)
    expect(totals(elsewhere)).to_contain_text("12×12", timeout=PATIENCE)
    expect(elsewhere.get_by_role("heading", name="conv2 · Conv2D")).to_be_visible()
    elsewhere.context.close()


@LONG
def test_a_stage_opens_and_folds_by_a_click_in_the_list(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=resnet18")
    expect(page.get_by_role("heading", name="conv1 · Conv2D")).to_be_visible(timeout=PATIENCE)
    stage, inside = row(page, "stage1"), row(page, "block2")
    expect(stage).to_have_attribute("aria-expanded", "false", timeout=PATIENCE)
    stage.click()
    expect(page.get_by_role("heading", name="stage1 · 14 layers")).to_be_visible(timeout=PATIENCE)
    expect(inside).to_have_count(1, timeout=PATIENCE)
    expect(block(page, "stage1_block2,")).to_be_visible()
    expect(stage).to_have_attribute("aria-expanded", "true")
    stage.click()
    expect(inside).to_have_count(0, timeout=PATIENCE)
    expect(stage).to_have_attribute("aria-expanded", "false")
    expect(block(page, "stage1_block2,")).to_have_count(0)


@LONG
def test_the_list_is_worked_by_keyboard_and_fits_its_column(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=vgg16")
    expect(row(page, "stage 1")).to_have_attribute("aria-selected", "true", timeout=PATIENCE)
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(
            "() => (({ clientWidth, scrollWidth }) => clientWidth && clientWidth === scrollWidth)"
            "(document.querySelector('.cnnlab-layers'))"
        )
    row(page, "stage 1").press("ArrowDown")
    expect(page.get_by_role("heading", name="stage 2 · 3 layers")).to_be_visible()
    expect(row(page, "stage 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, "stage 2")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", name="conv2_1 · Conv2D")).to_be_visible()
    expect(row(page, "conv2_1")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("heading", name="output · Dense")).to_be_visible()


@LONG
def test_an_answer_to_an_older_click_never_takes_a_newer_one_back(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=lenet5")
    chosen = page.locator(".cnnlab-layers [aria-selected=true]")
    expect(chosen).to_have_attribute("data-name", "conv1", timeout=PATIENCE)
    page.evaluate(
        """() => {
            window.seen = ["conv1"]
            const list = document.querySelector('.cnnlab-layers')
            new MutationObserver(() => {
                const name = list.querySelector('[aria-selected=true]')?.dataset.name
                if (name !== window.seen.at(-1)) window.seen.push(name)
            }).observe(list, { attributes: true, subtree: true, childList: true })
        }"""
    )
    names = ["pool1", "conv2", "pool2", "fc3", "conv1", "output"]
    for name in names:
        row(page, name).click()
        page.wait_for_timeout(60)  # a person in a hurry; the server is behind
    expect(page.get_by_role("heading", name="output · Dense")).to_be_visible()
    expect(page).to_have_url(re.compile("layer=output"))
    assert page.evaluate("window.seen") == ["conv1", *names]


@LONG
def test_the_diagram_chooses_by_click_and_by_keyboard(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=lenet5")
    chosen = page.locator(".cnnlab-diagram [aria-selected=true]")
    expect(chosen).to_have_attribute("aria-label", re.compile("^conv1,"), timeout=PATIENCE)

    block(page, "conv2,").click()
    expect(page.get_by_role("heading", name="conv2 · Conv2D")).to_be_visible()
    expect(page.get_by_text("16×5×5×6 + 16 = 2,416")).to_be_visible()
    expect(page).to_have_url(re.compile("layer=conv2"))

    page.get_by_role("tree").press("ArrowRight")
    expect(page.get_by_role("heading", name="pool2 · MaxPooling2D")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_role("heading", name="output · Dense")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_role("heading", name="image · InputLayer")).to_be_visible()
    expect(chosen).to_have_attribute("aria-label", re.compile("^image,"))

    page.go_back()
    expect(page.get_by_role("heading", name="output · Dense")).to_be_visible()
    expect(chosen).to_have_attribute("aria-label", re.compile("^output,"))


def test_the_choice_shows_before_the_server_has_answered(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=lenet5")
    expect(page.locator(".cnnlab-diagram [aria-selected=true]")).to_have_count(1, timeout=PATIENCE)
    shown = page.evaluate(
        """() => {
            const item = document.querySelector('.cnnlab-diagram [aria-label^="pool2,"]')
            item.dispatchEvent(new MouseEvent("click", { bubbles: true }))
            return item.getAttribute("aria-selected")
        }"""
    )
    assert shown == "true"
    expect(page.get_by_role("heading", name="pool2 · MaxPooling2D")).to_be_visible()


@LONG
def test_a_stage_unfolds_in_the_diagram_and_folds_again(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=vgg16")
    stage = block(page, "stage 2,")
    expect(stage).to_have_attribute("aria-expanded", "false", timeout=PATIENCE)
    stage.click()
    expect(stage).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("heading", name="stage 2 · 3 layers")).to_be_visible()
    block(page, "conv2_2,").click()
    expect(page.get_by_role("heading", name="conv2_2 · Conv2D")).to_be_visible()
    expect(stage).to_have_attribute("aria-expanded", "true")
    page.reload()
    expect(page.get_by_role("heading", name="conv2_2 · Conv2D")).to_be_visible(timeout=PATIENCE)
    expect(block(page, "conv2_2,")).to_have_attribute("aria-selected", "true")
    stage.click()
    expect(stage).to_have_attribute("aria-expanded", "false")
    page.get_by_role("tree").press("Enter")
    expect(stage).to_have_attribute("aria-expanded", "true")


@LONG
def test_an_impossible_edit_greys_the_last_diagram_and_names_the_layer(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=lenet5&layer=conv2")
    page.get_by_role("tab", name="Edit").click(timeout=PATIENCE)
    kernel = page.get_by_role("spinbutton", name="Kernel size")
    kernel.fill("15")
    kernel.press("Enter")
    expect(page.locator(".cnnlab-diagram.broken")).to_have_count(1)
    expect(page.locator(".cnnlab-diagram .wrong")).to_have_attribute("aria-label", re.compile("^conv2,"))
    expect(page.get_by_text("conv2 slides a 15×15 window")).to_be_visible()
    page.get_by_role("button", name="Undo this edit").click()
    expect(page.locator(".cnnlab-diagram.broken")).to_have_count(0)


def test_a_layer_is_added_and_exactly_the_network_on_the_page_is_trained(app: str, page: Page):
    page.goto(f"{app}/architecture?arch=lenet5&input=32x32x1&layer=conv1")
    expect(totals(page)).to_contain_text("61,706", timeout=PATIENCE)
    page.get_by_role("tab", name="Edit").click()
    kinds = page.get_by_role("combobox", name="Add a layer after this one")
    kinds.fill("Batch norm")
    kinds.press("Enter")
    expect(totals(page)).to_contain_text("61,730")  # scale, shift, mean, variance of 6 maps
    expect(totals(page)).to_contain_text("61,718")
    expect(row(page, "batch_norm_1")).to_have_count(1, timeout=PATIENCE)

    page.get_by_role("button", name="Train this").click()
    chosen = page.get_by_role("combobox", name="Architecture")
    expect(chosen).to_have_value("LeNet-5, edited", timeout=PATIENCE)
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name="LeNet-5, edited on Digits")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Finished after 5 epochs")).to_be_visible(timeout=3 * PATIENCE)


def row(page: Page, label: str) -> Locator:
    """Return the row of the layer list whose first cell says so."""
    first = page.get_by_role("rowheader", name=label, exact=True)
    return page.locator(".cnnlab-layers [role=row]").filter(has=first)


def block(page: Page, said: str) -> Locator:
    """Return the block or the heading of the diagram whose words begin so."""
    return page.locator(f'.cnnlab-diagram [aria-label^="{said}"]')


def totals(page: Page) -> Locator:
    """Return the line of the network's totals."""
    return page.locator(".st-key-network_totals")
