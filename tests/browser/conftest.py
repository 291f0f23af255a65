"""Chromium, the app, and a camera that films one scanned digit."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from sklearn.datasets import load_digits

from tests.browser import chromium

FILM_SIZE = (240, 320)

PATIENCE = 120_000  # milliseconds
expect.set_options(timeout=PATIENCE)  # what a busy machine may take; what is wrong stays wrong for longer


def image_of(digit: int, size: tuple[int, int]) -> np.ndarray:
    """Return the first scan of this digit, light on black, as uint8 ``size``."""
    scans = load_digits()
    scan = scans.images[list(scans.target).index(digit)] * 255 / 16
    rows, columns = (np.arange(n) * 8 // n for n in size)
    return scan[rows][:, columns].astype(np.uint8)


@pytest.fixture(scope="session", autouse=True)
def needs_chromium() -> None:
    if not chromium.EXECUTABLE:
        pytest.skip("no chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory, needs_chromium: None) -> Iterator[Browser]:
    film = tmp_path_factory.mktemp("camera") / "seven.y4m"
    luma = image_of(7, FILM_SIZE).tobytes()
    chroma = bytes([128]) * (len(luma) // 2)
    height, width = FILM_SIZE
    header = f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode()
    film.write_bytes(header + (b"FRAME\n" + luma + chroma) * 5)
    with chromium.launched(*chromium.camera_flags(film)) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, in which no script may end in an error."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert not problems


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, needs_chromium: None) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("workspace")
    with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
        yield address
