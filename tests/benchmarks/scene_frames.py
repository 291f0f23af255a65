"""Frames of the scenes of Concepts while they play at 60 steps a second, in Chromium.

The times between frames of the screen, from the press of "Play" until the scene has ended or for a few
seconds, beside those of the same page that does nothing.
"""

from collections.abc import Iterator
from itertools import pairwise

from playwright.sync_api import Page

from cnnlab import workspace
from tests.benchmarks.page_complete import opened
from tests.benchmarks.result import Result, quantile
from tests.browser import chromium

SCENES = (
    "convolution&image=gestures_drawn-0",
    "size&example=alexnet_55",
    "channels",
    "pooling&image=gestures_drawn-0&window=3/1",
    "activations",
    "backward",
    "normalisation",
    "normalisation&part=response",
    "dropout",
    "dropout&part=maps",
    "dropout&part=ensemble",
    "receptive-field&stack=vgg16",
    "minibatch",
    "minibatch&size=1&optimiser=adam",
)
FRAMES = """(play) => new Promise((done) => {
    const button = document.querySelector(".cnnlab-concept .play"), times = []
    if (play) button.click()
    const frame = (now) => {
        times.push(now)
        const over = play ? button.textContent === "Play" : false
        return over || now - times[0] > 2500 ? done(times) : requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
})"""


def run() -> Iterator[Result]:
    found: dict[str, list[float]] = {}
    with (
        chromium.served(chromium.REPOSITORY / "app.py", workspace.home()) as address,
        chromium.launched() as browser,
        opened(browser, address) as page,
    ):
        for name in SCENES:
            show(page, f"{address}/concepts?concept={name}")
            idle = quantile(between_frames(page, False), 50)
            found[name] = between_frames(page, True)
            yield result(f"scene plays: {name}, p50", found[name], 50, 20, idle)
    yield result("scene plays: all, p95", [ms for times in found.values() for ms in times], 95, 50, idle)


def result(name: str, times: list[float], fraction: int, most: float, idle: float) -> Result:
    measured = quantile(times, fraction)
    other = {"other_is": "the same page, idle, p50", "other": idle}
    return Result(name, "ms/frame", f"{len(times)} frames", measured, **other, ours_at_most=most)


def show(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("document.querySelector('.cnnlab-concept .reading')?.textContent")
    page.wait_for_timeout(1000)
    page.locator(".cnnlab-concept .speed").select_option("60")


def between_frames(page: Page, play: bool) -> list[float]:
    """Return the milliseconds between the frames of the screen."""
    return [later - earlier for earlier, later in pairwise(page.evaluate(FRAMES, play))]
