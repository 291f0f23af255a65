"""Every page in both themes, looked at by axe-core: nothing serious, and headings in their order."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium
from tests.long import LONG

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 120_000  # milliseconds; two cores may be busy with other tests
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
FORBIDDEN_IMPACTS = {"serious", "critical"}
FORBIDDEN_RULES = {"heading-order"}
EXCEPTIONS: dict[tuple[str, str], str] = {}
"""Findings within Streamlit's own markup: the rule and a pattern of the element's HTML, to the reason."""
PAGES = {
    "home": "",
    "data": "data",
    "collect": "collect",
    "architecture": "architecture",
    "concepts": "concepts",
    "a concept": "concepts?concept=convolution&run={run}",
    "a quiz": "concepts?concept=quiz",
    "train": "train",
    "a run": "train?run={run}",
    "runs": "runs",
    "evaluation": "runs?run={run}&view=evaluation",
    "curves": "runs?run={run}&view=curves",
    "settings": "runs?run={run}&view=settings",
    "downloads": "runs?run={run}&view=downloads",
    "experiments": "experiments",
    "an experiment": "experiments?experiment=activations",
    "futures": "experiments?futures={run}",
    "classify": "classify?run={run}",
    "before class": "before_class",
    "presentation": "train?run={run}&present=1",
}
MORE = {"concepts", "a quiz", "architecture", "evaluation", "curves", "settings", "downloads", "futures"}
"""What is much like another of them, or tested elsewhere: behind the flag."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a workspace and the id of the run in it."""
    home = tmp_path_factory.mktemp("access")
    environment = os.environ | {"CNNLAB_HOME": str(home), "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-m", "cnnlab", "train", "--recipe", "lenet5-digits", "--epochs", "2"]
    done = subprocess.run(
        [*command, "--json"],
        cwd=chromium.REPOSITORY,
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    return home, json.loads(done.stdout)["run_id"]


@pytest.fixture(scope="module")
def lesson(trained: tuple[Path, str]) -> Iterator[tuple[str, str]]:
    """Yield the address of an app with a run, and its id."""
    home, run_id = trained
    with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
        yield address, run_id


@pytest.fixture(scope="module", params=["light", pytest.param("dark", marks=LONG)])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=request.param)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def open_settled(page: Page, address: str) -> None:
    """Open a page and wait until the server has drawn all of it."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stSpinner")).to_have_count(0, timeout=PATIENCE)
    chromium.wait_until_still(page, PATIENCE)


def findings(page: Page) -> list[str]:
    """Return what axe-core finds, but for the exceptions: rule, what is wrong, and the element."""
    found: list[dict[str, Any]] = Axe().run(page, options={"runOnly": list(RULES)}).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['failureSummary']}\n  {node['html'][:300]}"
        for rule in found
        if rule["impact"] in FORBIDDEN_IMPACTS or rule["id"] in FORBIDDEN_RULES
        for node in rule["nodes"]
        if not any(rule["id"] == name and re.search(part, node["html"]) for name, part in EXCEPTIONS)
    ]


@pytest.mark.parametrize("name", [pytest.param(name, marks=LONG if name in MORE else ()) for name in PAGES])
def test_axe_finds_nothing_serious_and_the_console_is_silent(page: Page, lesson: tuple[str, str], name: str):
    address, run_id = lesson
    complaints = chromium.complaints(page)
    open_settled(page, f"{address}/{PAGES[name].format(run=run_id)}")
    assert not (found := findings(page)), "\n".join(found)
    for chart in page.locator(".cnnlab-chart svg.main-svg:first-child").all():
        area = chart.bounding_box()
        for number in range(20 if area else 0):
            x, y = area["width"] * (number + 0.5) / 20, area["height"] * (0.15 + 0.7 * (number % 4) / 3)
            page.mouse.move(area["x"] + x, area["y"] + y)
    assert not complaints, "\n".join(complaints)


def test_axe_sees_text_that_is_too_pale(page: Page, lesson: tuple[str, str]):
    open_settled(page, f"{lesson[0]}/runs")
    page.evaluate("document.querySelector('h1').style.color = '#8888'")
    assert any("color-contrast" in finding for finding in findings(page))
