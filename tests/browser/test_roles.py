"""One teacher and two students in three browsers: who may, who may not, and what is left after a restart."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.asyncio.client import connect

from cnnlab import access, runs
from cnnlab.access import entry
from cnnlab.training import recipes
from tests import coroutines, waiting
from tests.benchmarks.sessions import Clicks, Session
from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 120_000  # milliseconds
TOKEN = "a-token-of-the-teacher"
wait_for = partial(waiting.wait_for, seconds=120.0)


@pytest.fixture
def lesson(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[chromium.Server]:
    monkeypatch.setenv(entry.VARIABLE, TOKEN)
    found = chromium.Server(home)
    found.start()
    yield found
    for run in runs.list_runs():
        with suppress(runs.run.RunError):
            run.request_stop()
    wait_for(lambda: not any(run.status().is_active for run in runs.list_runs()))
    found.close()


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE)
    return page


def ours(context: BrowserContext) -> list[dict]:
    """Return the cookies that are not Streamlit's own."""
    return [cookie for cookie in context.cookies() if cookie["name"].startswith("cnnlab")]


def stop_of(page: Page):
    return page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True)


def test_one_teacher_and_two_students_who_may_and_who_may_not(lesson: chromium.Server, browser: Browser):
    anna, ben, teacher = (browser.new_context(viewport={"width": 1440, "height": 900}) for _ in range(3))

    # a student starts a run, and may stop it
    page = opened(anna, lesson.address)
    page.get_by_role("button", name="Train LeNet-5 now").click()
    page.wait_for_url("**/train?run=*")
    [run] = runs.list_runs()
    expect(stop_of(page)).to_be_enabled()
    [cookie] = ours(anna)
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert run.owner in cookie["value"]

    # another student sees it, and may not; nor may a message for the button that is disabled
    path = f"train?run={run.id}"
    other = opened(ben, f"{lesson.address}/{path}")
    expect(stop_of(other)).to_be_disabled(timeout=PATIENCE)
    assert not forged_stop(lesson.address, run, ben)
    assert not forged_stop(lesson.address, run, None)
    expect(other.get_by_role("button", name="Fork")).to_be_visible()

    # the teacher comes by the link, of which nothing is left, and may
    desk = opened(teacher, f"{lesson.address}/cnnlab/teacher#{TOKEN}")
    assert TOKEN not in desk.url
    assert TOKEN not in desk.evaluate("JSON.stringify([document.referrer, document.cookie, localStorage])")
    desk.go_back()
    assert TOKEN not in desk.url
    desk.goto(f"{lesson.address}/{path}")
    stop_of(desk).click()
    wait_for(lambda: not run.status().is_active)
    assert TOKEN not in (lesson.home / "server.log").read_text(errors="replace")

    # the server starts again: each is who they were
    lesson.start()
    for context, may in ((anna, True), (ben, False), (teacher, True)):
        page = opened(context, f"{lesson.address}/{path}")
        more = page.get_by_role("button", name="More", exact=True)
        more.click()
        name = page.get_by_label("Name", exact=True)
        (expect(name).to_be_enabled if may else expect(name).to_be_disabled)(timeout=PATIENCE)
    assert runs.get(run.id).owner == run.owner

    # a cookie that is deleted is gone with what it owned, and another is no better
    anna.clear_cookies()
    page = opened(anna, f"{lesson.address}/{path}")
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_label("Name", exact=True)).to_be_disabled(timeout=PATIENCE)

    # the teacher signs out in one tab; the other one has no rights left either
    second = opened(teacher, lesson.address)
    first = opened(teacher, lesson.address)
    first.get_by_role("button", name="Sign out").click()
    expect(first.get_by_role("button", name="Sign out")).to_have_count(0)
    second.reload()
    expect(second.get_by_text("You are a student here")).to_be_visible(timeout=PATIENCE)
    for context in (anna, ben, teacher):
        context.close()


def forged_stop(address: str, run: runs.Run, context: BrowserContext | None) -> bool:
    """Send what a click on Stop sends, as a browser that was changed can; return whether the run heard it."""
    cookies = context.cookies() if context else []
    headers = {"Cookie": "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)}

    async def send() -> None:
        socket = address.replace("http", "ws") + "/_stcore/stream"
        more = {"subprotocols": ["streamlit"], "max_size": None, "open_timeout": 60}
        async with connect(socket, additional_headers=headers, **more) as connection:
            assert await Session(connection, Clicks()).try_to_stop(run)

    coroutines.run(asyncio.wait_for(send(), 120))
    return run.stop_requested()


def test_without_a_token_one_person_at_home_has_all_rights(home: Path, browser: Browser, monkeypatch):
    monkeypatch.delenv(entry.VARIABLE, raising=False)
    run = runs.create(recipes.get("lenet5-digits").config, claimed=True)  # no supervisor takes it
    with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
        context = browser.new_context()
        page = opened(context, f"{address}/train?run={run.id}")
        expect(stop_of(page)).to_be_enabled(timeout=PATIENCE)
        assert ours(context) == []
        assert not (home / "access" / "teacher_token").exists()
        context.close()
    assert access.door().token is None
