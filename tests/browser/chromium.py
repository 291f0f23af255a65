"""A real Chromium, and a Streamlit server on a port and in a workspace of its own."""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
EXECUTABLE = shutil.which("chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


def camera_flags(film: Path) -> tuple[str, ...]:
    """Return the flags that make a Y4M film the machine's camera."""
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


@contextmanager
def launched(*flags: str) -> Iterator[Browser]:
    """Start Chromium with a profile of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *flags])
        yield browser
        browser.close()


@contextmanager
def served(
    script: Path, home: Path, base: str = "", port: int = 0, certificate: tuple[Path, Path] | None = None
) -> Iterator[str]:
    """Run ``streamlit run script`` under a base path and yield its address once it answers.

    ``port`` is that of a server which starts again. With a ``certificate`` and its key it answers by https,
    to the whole network.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"]
    command += ["--server.port", str(port)]
    command += ["--server.baseUrlPath", base]
    if certificate:
        command += ["--server.address", "0.0.0.0"]
        command += ["--server.sslCertFile", str(certificate[0]), "--server.sslKeyFile", str(certificate[1])]
    environment = os.environ | {"CNNLAB_HOME": str(home), "PYTHONPATH": str(REPOSITORY)}
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log)
        try:
            address = f"{'https' if certificate else 'http'}://localhost:{port}/{base}".rstrip("/")
            _wait_until_healthy(f"{address}/_stcore/health", server)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def complaints(page: Page) -> list[str]:
    """Return a list that grows by what the browser's console warns of and by errors of scripts.

    Streamlit looks for itself below the address of a page first, in vain.
    """
    found: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "trace"} and "/_stcore/" not in message.location["url"]:
            found.append(f"{page.url}: {message.text}")

    page.on("console", listen)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    return found


def wait_until_still(page: Page, patience: float) -> None:
    """Wait until the script has ended and nothing has moved for half a second; parts of a page load late.

    What is measured or clicked by its place before then may stand elsewhere a moment later. ``patience`` is
    in milliseconds.
    """
    page.wait_for_function(
        """() => {
            const main = document.querySelector("[data-testid=stMain]")
            const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState
            if (!main || state !== "notRunning") return false
            if (document.querySelector("[data-testid=stSkeleton]")) return false
            const boxes = [...main.querySelectorAll("[data-testid=stElementContainer]")].map((node) => {
                const box = node.getBoundingClientRect()
                return [box.x, box.y, box.width, box.height].map(Math.round)
            })
            const now = JSON.stringify(boxes)
            if (now !== window.stood?.now) window.stood = { now, since: performance.now() }
            return performance.now() - window.stood.since > 500
        }""",
        polling=100,
        timeout=patience,
    )


def drag_over_left_third(page: Page) -> None:
    """Zoom into the first plot of the page, as a person does: draw a box over its left third."""
    area = page.wait_for_function(
        """() => {
            const area = document.querySelector(".nsewdrag")?.getBoundingClientRect();
            return area && [area.x, area.y, area.width, area.height];
        }"""
    )
    left, top, width, height = area.json_value()
    page.mouse.move(left + 2, top + height * 0.1)
    page.mouse.down()
    page.mouse.move(left + width / 3, top + height * 0.9, steps=4)
    page.mouse.up()


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    for _ in range(int(seconds * 10)):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with status {server.returncode}")
        try:
            urllib.request.urlopen(address, timeout=5, context=ssl._create_unverified_context()).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} did not answer within {seconds:.0f} s")


class Server:
    """A server of the app on one workspace, which can be started again: with a port, at the same address."""

    def __init__(self, home: Path, port: int = 0):
        self.home, self.address = home, ""
        self._port, self._running = port, ExitStack()

    def start(self) -> None:
        self._running.close()
        running = served(REPOSITORY / "app.py", self.home, port=self._port)
        self.address = self._running.enter_context(running)

    def close(self) -> None:
        self._running.close()
