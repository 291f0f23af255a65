"""What surrounds the pages: a sidebar that leaves a small screen to the page, and cuts no title."""

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

PATIENCE = 120_000  # milliseconds


def opened(browser: Browser, address: str, width: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 768})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    return page


def test_the_sidebar_is_folded_on_a_small_screen_and_stays_open_for_who_opens_it(app: str, browser: Browser):
    wide = opened(browser, app, 1440)
    in_sidebar = "[data-testid=stSidebarNav]"
    expect(wide.locator(in_sidebar)).to_be_in_viewport()
    wide.context.close()
    small = opened(browser, app, 1024)
    expect(small.locator(in_sidebar)).not_to_be_in_viewport(timeout=PATIENCE)
    small.locator("[data-testid=stExpandSidebarButton]").click()
    expect(small.locator(in_sidebar)).to_be_in_viewport()
    small.get_by_role("link", name="Train", exact=True).first.click()
    expect(small.get_by_role("button", name="Start training")).to_be_visible(timeout=PATIENCE)
    expect(small.locator(in_sidebar)).to_be_in_viewport()
    small.context.close()


def test_on_a_phone_start_and_what_refuses_it_are_in_reach(app: str, browser: Browser):
    phone = opened(browser, f"{app}/train", 390)
    start = phone.get_by_role("button", name="Start training")
    expect(start).to_be_in_viewport(ratio=1, timeout=PATIENCE)
    size = phone.get_by_role("spinbutton", name="Image size")
    size.fill("8")
    size.press("Tab")
    expect(phone.get_by_role("alert")).to_have_count(1)  # in its place, below the fields
    start.click()
    expect(phone.get_by_role("alert").filter(has_text="does not fit")).to_be_in_viewport(ratio=1)
    expect(start).to_be_in_viewport(ratio=1)
    phone.context.close()
