"""How long the first visitor of a server that has just started waits for the whole home page."""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.benchmarks.result import Result
from tests.browser import chromium

LAST_THING = "The first one is a click away."
PATIENCE = 120_000  # milliseconds


def run() -> Result:
    """Open the home page of a new server, and again once TensorFlow is loaded."""
    app = chromium.REPOSITORY / "app.py"
    with tempfile.TemporaryDirectory() as home, chromium.launched() as browser:
        _seconds(browser, "about:blank", text="")  # Chromium's own start is not ours
        with chromium.served(app, Path(home)) as address:
            first = _seconds(browser, address)
            again = _seconds(browser, address, text="TensorFlow is ready.") and _seconds(browser, address)
    return Result(
        "home page complete",
        "s",
        ours_is="first visit to a server that has just started",
        ours=first,
        other_is="a visit when TensorFlow is ready",
        other=again,
        ours_at_most=3,
    )


def _seconds(browser: Browser, address: str, text: str = LAST_THING) -> float:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    began = time.perf_counter()
    page.goto(address, timeout=PATIENCE)
    if text:
        expect(page.get_by_text(text)).to_be_visible(timeout=PATIENCE)
    seconds = time.perf_counter() - began
    page.close()
    return seconds
