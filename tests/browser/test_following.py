"""Watch with me: a student's browser goes where the teacher goes, changes nothing, leaves and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cnnlab import lessons, runs
from cnnlab.access import entry
from cnnlab.languages.catalogues import translated
from cnnlab.training import recipes
from tests.browser import chromium
from tests.long import LONG

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


@pytest.mark.parametrize(("spoken", "read"), [("en", "zh"), pytest.param("zh", "en", marks=LONG)])
def test_a_lesson_is_presented_to_its_end_while_a_browser_follows_in_its_own_language(
    server: chromium.Server, browser: Browser, spoken: str, read: str
):
    name = "convolution-by-hand"
    steps = zip(lessons.get(name, spoken).steps, lessons.get(name, read).steps, strict=True)
    teacher = opened(browser, f"{server.address}/cnnlab/teacher#{TOKEN}")
    teacher.goto(f"{server.address}/lessons?about={name}&lang={spoken}")
    teacher.get_by_role("button", name=translated(spoken, "Watch with me")).click()
    teacher.locator(".st-key-share_tab button").click()
    expect(teacher.get_by_role("button", name=translated(spoken, "Sharing this tab"))).to_be_visible()
    teacher.locator(".st-key-present button").first.click()  # the other one is its tool tip
    follower = opened(browser, f"{server.address}/?follow=1&lang={read}", (390, 844))
    expect(title(follower, lessons.get(name, read).title)).to_be_visible(timeout=PATIENCE)

    teacher.locator(f".st-key-begin-{name} button").click()
    panels = [page.locator(".st-key-lesson_panel") for page in (teacher, follower)]
    for number, (said, followed) in enumerate(steps, start=1):
        for panel, step in zip(panels, (said, followed), strict=True):
            expect(panel).to_contain_text(step.title, timeout=PATIENCE)
        teacher.wait_for_url(lambda url, number=number: f"lesson_step={number}" in url and "present=1" in url)
        assert "present" not in follower.url and ("lang=zh" in follower.url) == (read == "zh")
        teacher.keyboard.press("PageDown")  # a clicker
    for panel in panels:
        expect(panel).to_have_count(0, timeout=PATIENCE)
    for page in (teacher, follower):
        page.context.close()
