"""How long the first visitor of a server that has just started waits for the whole home page."""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser

from tests.benchmarks.result import Result
from tests.browser import chromium

STANDS = """() => document.querySelector("h1")
    && document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
    && !document.querySelector("[data-stale=true]")"""
SETTLED_SECONDS = 10.0
"""So long after its start a server has imported what it uses later."""
PATIENCE = 120_000  # milliseconds


def run() -> Result:
    """Open the home page of a new server, and again once it has settled."""
    app = chromium.REPOSITORY / "app.py"
    with tempfile.TemporaryDirectory() as home, chromium.launched() as browser:
        page = browser.new_page()  # Chromium's own start is not ours
        page.goto("about:blank")
        page.close()
        with chromium.served(app, Path(home)) as address:
            first = _seconds(browser, address)
            time.sleep(SETTLED_SECONDS)
            again = _seconds(browser, address)
    return Result(
        "home page complete",
        "s",
        ours_is="first visit to a server that has just started",
        ours=first,
        other_is="a visit by another browser ten seconds later",
        other=again,
        ours_at_most=3,
    )


def _seconds(browser: Browser, address: str) -> float:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address, timeout=PATIENCE)
    page.wait_for_function(STANDS, polling="raf", timeout=PATIENCE)
    seconds = time.perf_counter() - began
    context.close()
    return seconds
