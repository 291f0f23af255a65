"""From the camera to the answer: two classes are collected, trained on, and told apart in the next photo."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

PATIENCE = 180_000  # milliseconds; two cores may be busy with other tests
SIZE = (120, 160)
SCENES = {"dark": 40, "bright": 215}
READY = "() => document.querySelector('.cnnlab-capture video')?.readyState >= 2"

OpenPage = Callable[[str, str], Page]


def film(path: Path, level: int) -> Path:
    """Write a scene of one brightness with a little noise."""
    height, width = SIZE
    noise = np.random.default_rng(0).integers(-20, 20, (10, height, width))
    header = f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode()
    chroma = bytes([128]) * (height * width // 2)
    frames = (b"FRAME\n" + (level + part).astype(np.uint8).tobytes() + chroma for part in noise)
    path.write_bytes(header + b"".join(frames))
    return path


@pytest.fixture
def before(browser: Browser, tmp_path: Path) -> Iterator[OpenPage]:
    """Return a function that opens an address in a browser of its own, whose camera films a scene."""
    opened = []

    def open_page(scene: str, address: str) -> Page:
        flags = chromium.camera_flags(film(tmp_path / f"{scene}.y4m", SCENES[scene]))
        other = browser.browser_type.launch(
            executable_path=chromium.EXECUTABLE, args=[*chromium.FLAGS, *flags]
        )
        opened.append(other)
        context = other.new_context(viewport={"width": 1280, "height": 900}, permissions=["camera"])
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for other in opened:
        other.close()


def test_two_classes_are_collected_trained_on_and_told_apart_live(app: str, before: OpenPage):
    """Five clicks and holds, and not one word typed, from the home page to the first live answer."""
    bright = before("bright", app)
    bright.get_by_role("link", name="Collect", exact=True).first.click()
    bright.wait_for_function(READY, timeout=PATIENCE)
    bright.evaluate("document.querySelector('.cnnlab-capture video').dataset.tag = 'the same film'")
    hold_up(bright, "Class 2", bright.mouse)
    bright.wait_for_url("**/collect?dataset=my-images")
    assert bright.evaluate("document.querySelector('.cnnlab-capture video').dataset.tag") == "the same film"
    expect(held(bright, "Class 2")).to_have_attribute("aria-label", re.compile(f" {taken(bright)} images"))

    dark = before("dark", bright.url)
    dark.get_by_role("textbox", name="Person (group)").fill("Anna")
    dark.get_by_role("textbox", name="Person (group)").press("Enter")
    hold_up(dark, "Class 1", dark.keyboard)
    for page, other, count in ((bright, "Class 1", taken(dark)), (dark, "Class 2", taken(bright))):
        expect(held(page, other)).to_have_attribute(
            "aria-label", re.compile(f" {count} images"), timeout=PATIENCE
        )  # each sees what the other one added, and nothing twice
    address = dark.url
    dark.goto("about:blank")  # two cameras and a training are much for two cores

    bright.get_by_role("button", name="Train now").click()
    bright.wait_for_url("**/train?run=*")
    run = bright.url.partition("run=")[2]
    try_it = bright.get_by_role("button", name="Try it")
    expect(try_it).to_be_enabled(timeout=4 * PATIENCE)
    try_it.click()
    expect(verdict(bright)).to_have_text(re.compile(r"^Class 2, \d"), timeout=PATIENCE)
    assert bars(bright) == ["Class 1", "Class 2"]
    assert bright.evaluate("document.querySelector('.cnnlab-live .seen').classList.contains('mirrored')")
    bright.goto("about:blank")
    camera = f"{app}/classify?run={run}&source=camera"

    dark.goto(address)
    dark.goto(camera)
    expect(verdict(dark)).to_have_text(re.compile(r"^Class 1, \d"), timeout=PATIENCE)
    assert bars(dark) == ["Class 1", "Class 2"]  # the order stays, whichever is first


def held(page: Page, class_name: str):
    return page.locator(f'.cnnlab-capture button[data-label="{class_name}"]')


def verdict(page: Page):
    return page.locator(".cnnlab-live h2")


def bars(page: Page) -> list[str]:
    return page.locator(".cnnlab-live li .name").all_inner_texts()


def hold_up(page: Page, class_name: str, held_with) -> None:
    """Collect a burst of at least twelve by holding a button, with the mouse or with the space bar."""
    page.wait_for_function(READY, timeout=PATIENCE)
    button = held(page, class_name)
    expect(button).to_be_enabled(timeout=PATIENCE)
    if held_with is page.mouse:
        button.hover()
        page.mouse.down()
    else:
        button.focus()
        page.keyboard.down("Space")
    page.wait_for_function(
        "() => parseInt(document.querySelector('.cnnlab-capture .told').textContent) >= 12", timeout=PATIENCE
    )
    page.mouse.up() if held_with is page.mouse else page.keyboard.up("Space")
    expect(page.locator(".cnnlab-capture .told")).to_have_text(
        re.compile(r"\d+ taken, all saved"), timeout=PATIENCE
    )


def taken(page: Page) -> int:
    return int(page.locator(".cnnlab-capture .told").inner_text().split()[0])
