"""Pages while a network trains beside them, against an idle server: click to changed page in Chromium."""

import time
from statistics import median

from playwright.sync_api import Page

from cnnlab import runs, settings, workspace
from tests.benchmarks.result import Result
from tests.browser import chromium

CLICKS = 20
ROUNDS = 3
TRAINING = settings.RunConfig("baseline", "digits", epochs=10_000, image_size=32, channels=3)
PAGES = ("Classify", "Train")
CLICK = """title => new Promise(done => {
    const began = performance.now()
    const look = () => document.querySelector("h1")?.textContent.startsWith(title)
        ? done(performance.now() - began) : requestAnimationFrame(look)
    const links = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")]
    links.find(link => link.textContent.trim().endsWith(title)).click()
    look()
})"""


def run() -> Result:
    idle: list[float] = []
    busy: list[float] = []
    app = chromium.REPOSITORY / "app.py"
    with chromium.served(app, workspace.home()) as address, chromium.launched() as browser:
        page = browser.new_page()
        page.goto(f"{address}/train")
        page.get_by_role("button", name="Start training").wait_for(timeout=120_000)
        clicks(page)  # the first look at each page is slower
        for _ in range(ROUNDS):
            idle += clicks(page)
            beside = runs.create(TRAINING)  # the server finds it and starts it
            wait_for(beside, "running")
            busy += clicks(page)
            beside.request_stop()
            wait_for(beside, "stopped")
    return Result(
        name="page latency, click to changed page, p50",
        unit="ms",
        ours_is="while a worker trains",
        ours=median(busy),
        other_is="idle",
        other=median(idle),
        ratio_at_most=1.3,
    )


def clicks(page: Page) -> list[float]:
    """Walk between two pages and return the milliseconds of each click."""
    return [page.evaluate(CLICK, PAGES[i % 2]) for i in range(CLICKS)]


def wait_for(run: runs.Run, state: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while run.status().state != state:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the run is {run.status().state}, not {state}: {run.folder}")
        time.sleep(0.1)
