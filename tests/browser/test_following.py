"""Watch with me: a student's browser goes where the teacher goes, changes nothing, leaves and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cnnlab import runs
from cnnlab.access import entry
from cnnlab.training import recipes
from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 120_000  # milliseconds
TOKEN = "a-token-of-the-teacher"


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[chromium.Server]:
    monkeypatch.setenv(entry.VARIABLE, TOKEN)
    found = chromium.Server(home, chromium.free_port())
    found.start()
    yield found
    found.close()


def opened(browser: Browser, address: str, size: tuple[int, int] = (1440, 900)) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    expect(title(page)).to_be_visible(timeout=PATIENCE)
    return page


def title(page: Page, name: str | None = None):
    return page.get_by_role("heading", level=1, name=name).first


def go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(title(page, name)).to_be_visible(timeout=PATIENCE)


def test_a_student_follows_the_teacher_read_only_leaves_and_comes_back(
    server: chromium.Server, browser: Browser
):
    run = runs.create(recipes.get("lenet5-digits").config.changed(title="Run on stage"))
    run.request_stop()
    teacher = opened(browser, f"{server.address}/cnnlab/teacher#{TOKEN}")
    student = opened(browser, f"{server.address}/train", (390, 844))

    # a student at work is invited; the form stays in its tab while the teacher moves
    teacher.get_by_role("button", name="Watch with me").click()
    teacher.get_by_role("button", name="Share this tab").click()
    expect(teacher.get_by_role("button", name="Sharing this tab")).to_be_visible()
    epochs = student.get_by_role("spinbutton", name="Epochs").first
    epochs.fill("7")
    follower = opened(browser, f"{server.address}/?follow=1", (390, 844))
    expect(follower.get_by_text("Following the teacher")).to_be_visible()
    go(teacher, "Concepts")
    expect(title(follower, "Concepts")).to_be_visible(timeout=PATIENCE)
    expect(epochs).to_have_value("7")

    # the scene: steps, then another concept
    counted = ".cnnlab-concept .counted"
    teacher.goto(f"{server.address}/concepts?concept=convolution")  # a reload: still the shared tab
    expect(teacher.locator(counted)).to_have_text("1 of 36", timeout=PATIENCE)
    expect(follower.locator(counted)).to_have_text("1 of 36", timeout=PATIENCE)
    for _ in range(4):
        teacher.keyboard.press("ArrowRight")
    expect(follower.locator(counted)).to_have_text("5 of 36", timeout=PATIENCE)

    # read only: no key and no click changes the scene
    follower.keyboard.press("ArrowRight")
    follower.locator(".cnnlab-concept .next").click(force=True)
    expect(follower.locator(counted)).to_have_text("5 of 36")
    expect(follower.get_by_test_id("stSidebar")).to_be_hidden()

    # the run
    teacher.goto(f"{server.address}/train?run={run.id}")
    expect(title(follower, "Run on stage")).to_be_visible(timeout=PATIENCE)
    expect(follower.get_by_role("button", name="Stop", exact=True)).to_be_hidden()

    # the server starts again: both go on in their tabs
    server.start()
    expect(teacher.get_by_role("button", name="Sharing this tab")).to_be_visible(timeout=PATIENCE)
    expect(follower.get_by_text("Following the teacher")).to_be_visible(timeout=PATIENCE)
    go(teacher, "Data")
    expect(title(follower, "Data")).to_be_visible(timeout=PATIENCE)
    follower.reload()
    expect(title(follower, "Data")).to_be_visible(timeout=PATIENCE)

    # leaves: stays where it is, with its own controls; comes back
    follower.get_by_role("button", name="Leave").click()
    expect(follower.get_by_role("combobox", name="Dataset")).to_be_enabled()
    go(teacher, "Experiments")
    expect(follower.get_by_role("button", name="Follow again")).to_be_visible()
    expect(title(follower, "Data")).to_be_visible()
    follower.get_by_role("button", name="Follow again").press("Enter")
    expect(title(follower, "Experiments")).to_be_visible(timeout=PATIENCE)

    # the teacher stops
    teacher.get_by_role("button", name="Sharing this tab").click()
    teacher.get_by_role("button", name="Stop sharing").click()
    expect(follower.get_by_text("Waiting")).to_be_visible(timeout=PATIENCE)
    for page in (teacher, student, follower):
        page.context.close()
