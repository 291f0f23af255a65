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
    dark = before("dark", f"{app}/collect")
    begin(dark)
    hold_up(dark, "Anna", "dark", dark.mouse)
    bright = before("bright", dark.url)
    hold_up(bright, "Ben", "bright", bright.keyboard)
    for page in (dark, bright):  # each sees what the other one added, and nothing twice
        expect(page.get_by_role("radio", name=re.compile("^dark"))).to_have_text(
            f"dark{taken(dark)}", timeout=PATIENCE
        )
        expect(page.get_by_role("radio", name=re.compile("^bright"))).to_have_text(f"bright{taken(bright)}")

    dark.goto("about:blank")  # two cameras and a training are much for two cores

    bright.get_by_role("button", name="Train on these").click()
    epochs = bright.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill("20")
    epochs.press("Tab")
    bright.get_by_role("button", name="Start training").click()
    try_it = bright.get_by_role("button", name="Try it")
    expect(try_it).to_be_enabled(timeout=2 * PATIENCE)
    try_it.click()
    bright.wait_for_function(READY)
    bright.get_by_role("button", name="Take photo").click()
    expect(bright.get_by_role("heading", level=3).first).to_have_text(
        re.compile(r"^bright, \d"), timeout=PATIENCE
    )

    dark.goto(bright.url + "&source=camera")
    dark.get_by_text("Live", exact=True).click()
    expect(dark.get_by_role("heading", level=3).first).to_have_text(
        re.compile(r"^dark, \d"), timeout=PATIENCE
    )


def begin(page: Page) -> None:
    page.get_by_role("textbox", name="Name of the dataset").fill("Lights")
    page.get_by_role("textbox", name="Classes").fill("dark, bright")
    page.get_by_role("textbox", name="Classes").press("Enter")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/collect?dataset=lights")


def hold_up(page: Page, person: str, class_name: str, held_with) -> None:
    """Collect a burst of at least twelve by holding the button, with the mouse or with the space bar."""
    who = page.get_by_role("textbox", name="Who is in front of the camera?")
    who.fill(person)
    who.press("Enter")
    page.wait_for_function(READY, timeout=PATIENCE)
    page.get_by_role("radio", name=re.compile(f"^{class_name}")).click()
    if held_with is page.mouse:
        page.locator(".cnnlab-capture .shutter").hover()
        page.mouse.down()
    else:
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
