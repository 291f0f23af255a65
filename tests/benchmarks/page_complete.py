"""Pages in Chromium, from the click until the page stands: its heading is there and its script has ended.

All pages in turn, in a warm server, idle and while a network trains; and what people do on a page: a tab, a
number, a choice. Beside them a bare Streamlit app with ten widgets a page, in the same browser and run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from cnnlab import runs, settings, workspace
from tests.benchmarks.result import Result, quantile
from tests.browser import chromium
from tests.waiting import wait_for

ROUNDS = 6
PAGES = (
    "Data",
    "Collect",
    "Concepts",
    "Architecture",
    "Train",
    "Runs",
    "Experiments",
    "Classify",
    "Lessons",
    "Before class",
    "Home",
)
HEADINGS = {"Home": "Convolutional networks"}
SHORT = settings.RunConfig("lenet5", "digits", epochs=2, image_size=32, channels=1)
LONG = settings.RunConfig("baseline", "digits", epochs=10_000, image_size=32, channels=3)
BARE = """
import streamlit as st

def page(name):
    def show():
        st.title(name)
        for number in range(5):
            st.slider(f"{name} {number}", 0, 100)
            st.selectbox(f"{name} choice {number}", list("abcdef"))
    return show

st.navigation([st.Page(page(name), title=name, url_path=name.lower()) for name in ("One", "Two")]).run()
"""
CLICK = """([title, heading]) => new Promise((done, fail) => {
    const began = performance.now()
    const app = () => document.querySelector("[data-testid=stApp]")
    const stands = () => document.querySelector("h1")?.textContent.startsWith(heading)
        && app().dataset.testScriptState === "notRunning"
        && !document.querySelector("[data-stale=true]")
    const look = () => {
        const now = performance.now()
        if (stands()) return done(now - began)
        return now - began > 60000 ? fail(new Error(title)) : requestAnimationFrame(look)
    }
    const links = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")]
    links.find(link => link.textContent.trim().endsWith(title)).click()
    requestAnimationFrame(look)
})"""
BEGIN = """() => {
    const app = document.querySelector("[data-testid=stApp]")
    window.took = new Promise((done, fail) => {
        let began = null, ran = false
        const begin = () => (began ??= performance.now())
        for (const kind of ["click", "keydown"]) addEventListener(kind, begin, { capture: true, once: true })
        const look = () => {
            const now = performance.now(), idle = app.dataset.testScriptState === "notRunning"
            ran ||= !idle
            if (ran && idle && !document.querySelector("[data-stale=true]")) return done(now - began)
            if (began !== null && !ran && now - began > 3000) return done(null)
            if (began !== null && now - began > 30000) return fail(new Error("it does not end"))
            requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
    })
}"""


def run() -> Iterator[Result]:
    home = workspace.home()
    (bare_app := home / "bare.py").write_text(BARE)
    with chromium.launched() as browser:
        with chromium.served(bare_app, home / "bare") as address, opened(browser, address) as page:
            bare = walk(page, ("Two", "One"), {})
        with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
            something_trained()
            with opened(browser, address) as page:
                idle, touched = walk(page, PAGES, HEADINGS), interactions(page)
                beside = runs.create(LONG)
                wait_for(lambda: beside.status().state == "running", 120)
                busy, touched_busy = walk(page, PAGES, HEADINGS), interactions(page)
                beside.request_stop()
    other = {"other_is": "a bare Streamlit app of ten widgets, p50", "other": median_of(bare)}
    for when, times, touches in (("idle", idle, touched), ("a run trains", busy, touched_busy)):
        for fraction, most in ((50, 250), (95, 400)):
            yield result(f"page complete, {when}, p{fraction}", flat(times), fraction, most, other)
        yield result(f"interaction on a page, {when}, p50", flat(touches), 50, 200, other)
        for name, found in (times | touches).items():
            yield result(f"page complete, {when}: {name}, p50", found, 50, 250, other)


def result(name: str, times: list[float], fraction: int, most: float, other: dict) -> Result:
    return Result(name, "ms", f"{len(times)} clicks", quantile(times, fraction), ours_at_most=most, **other)


def walk(page: Page, pages: tuple[str, ...], headings: dict[str, str]) -> dict[str, list[float]]:
    """Click through all pages, once to warm up; return the milliseconds of each click by page."""
    found: dict[str, list[float]] = {name: [] for name in pages}
    for number in range(ROUNDS + 1):
        for name in pages:
            took = page.evaluate(CLICK, [name, headings.get(name, name)])
            page.wait_for_timeout(300)  # what arrives late belongs to the page before
            if number:
                found[name].append(took)
    return found


def interactions(page: Page) -> dict[str, list[float]]:
    """Do what people do on a page, several times each."""
    found = {}
    for name, (place, act) in ACTS.items():
        page.evaluate(CLICK, [place, HEADINGS.get(place, place)])
        page.wait_for_timeout(1000)
        times = [timed(page, act, number) for number in range(ROUNDS + 2)][1:]
        found[name] = [took for took in times if took is not None]
        if len(found[name]) < ROUNDS - 1:
            raise RuntimeError(f"{name}: nothing ran {len(times) - len(found[name])} times of {len(times)}")
    return found


def timed(page: Page, act: Callable[[Page, int], None], number: int) -> float | None:
    """Return the milliseconds until the page stands; None where what was chosen had been chosen already."""
    page.evaluate(BEGIN)
    act(page, number)
    took = page.evaluate("() => window.took")
    page.wait_for_timeout(300)
    return took


def pill(page: Page, number: int) -> None:
    page.locator("[data-testid=stButtonGroup] button").nth(number % 10).click()


def tab(page: Page, number: int) -> None:
    page.get_by_role("tab", name=("Receptive field", "Arithmetic")[number % 2]).click()


def network(page: Page, number: int) -> None:
    field = page.get_by_role("spinbutton", name="Height", exact=True)
    field.press("ArrowUp")
    field.press("Enter")


def layer(page: Page, number: int) -> None:
    """Click a block of the diagram; the place is the middle of its letter."""
    page.locator('.cnnlab-diagram [role="treeitem"]').nth(2 + number % 3).click()


def sample(page: Page, number: int) -> None:
    page.locator(".cnnlab-wall button").nth((number + 1) % 10).click()


ACTS: dict[str, tuple[str, Callable[[Page, int], None]]] = {
    "Architecture, a tab": ("Architecture", tab),
    "Architecture, another height": ("Architecture", network),
    "Architecture, another layer": ("Architecture", layer),
    "Classify, another sample": ("Classify", sample),
    "Data, one class": ("Data", pill),
}


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(address)
    page.locator("h1").first.wait_for()
    page.wait_for_timeout(8000)  # the server imports what it needs later, a worker waits for a run
    yield page
    page.close()


def something_trained() -> None:
    """Leave a run with weights for Runs and Classify; the server's own worker trains it."""
    short = runs.create(SHORT)
    wait_for(lambda: short.status().state == "finished", 180)


def flat(times: dict[str, list[float]]) -> list[float]:
    return [took for found in times.values() for took in found]


def median_of(times: dict[str, list[float]]) -> float:
    return quantile(flat(times), 50)
