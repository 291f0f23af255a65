"""A class on one server: thirty students, then a hundred, all at once, each with a cookie of their own."""

import asyncio
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from cnnlab import access, runs
from cnnlab.access import entry
from cnnlab.training import recipes
from tests import coroutines
from tests.benchmarks.sessions import PAGES, Clicks, Session
from tests.browser import chromium

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TOKEN = "a-token-of-the-teacher"


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv(entry.VARIABLE, TOKEN)
    with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
        yield address


@pytest.mark.parametrize(("students", "pages"), [(30, PAGES), (100, PAGES[::4])])
def test_nobody_in_a_class_sees_an_error_or_stops_what_is_not_theirs(
    server: str, students: int, pages: tuple[str, ...]
):
    with access.acting_as(access.Visitor("0123456789abcdef", access.Role.STUDENT, "Anna")):
        run = runs.create(recipes.get("lenet5-digits").config, claimed=True)  # no supervisor takes it
    seen = Clicks()

    async def attend(number: int) -> tuple[str, bool]:
        cookie = await asyncio.to_thread(cookie_of, server)
        socket = server.replace("http", "ws") + "/_stcore/stream"
        more = {"subprotocols": ["streamlit"], "max_size": None, "open_timeout": 120}
        async with connect(socket, additional_headers={"Cookie": cookie}, **more) as connection:
            student = Session(connection, seen)
            for page in (*pages[number % len(pages) :], *pages[: number % len(pages)]):
                await student.open(page)
            return cookie, await student.try_to_stop(run)

    async def everyone() -> list[tuple[str, bool]]:
        return await asyncio.gather(*map(attend, range(students)))

    found = coroutines.run(everyone())
    assert seen.errors == []
    assert len({cookie for cookie, _ in found}) == students
    assert all(switched_off for _, switched_off in found)
    assert not run.stop_requested()
    assert len(seen.seconds) == students * (len(pages) + 2)


def cookie_of(address: str) -> str:
    """Return the cookies that a new browser is given, as it sends them back."""
    asked = urllib.request.Request(address, headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=120) as answer:
        given = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(one.partition(";")[0] for one in given)
