"""A class of three bets on a race and watches it to its verdict; a live run is forked into two futures."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cnnlab import access, runs
from cnnlab.access import Role, Visitor, entry
from cnnlab.access.visitor import TEACHER_ID
from cnnlab.errors import RunError
from cnnlab.experiments import bets, of_race
from cnnlab.runs import jobs, races
from cnnlab.runs.kinds import RACE
from cnnlab.runs.races import Arm, Plan, Race
from cnnlab.settings import RunConfig
from tests import waiting
from tests.browser import chromium
from tests.long import LONG

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 120_000  # milliseconds
wait_for = partial(waiting.wait_for, seconds=120.0)
TINY = RunConfig("lenet5", "digits", epochs=3, image_size=16, channels=1, max_per_class=12)
SHUFFLE = Plan(
    "Shuffled or sorted",
    (
        Arm("shuffled", TINY.changed(learning_rate=0.01)),
        Arm("sorted by class", TINY.changed(learning_rate=0.01, shuffle=False, sort_by_class=True)),
    ),
    (0, 1),
    "shuffle",
)


@pytest.fixture
def school(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server with a teacher, so that each browser is somebody else."""
    monkeypatch.setenv(entry.VARIABLE, "a-token-of-the-teacher")
    with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
        yield address


@pytest.fixture
def alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of one person, who may do everything."""
    monkeypatch.delenv(entry.VARIABLE, raising=False)
    with chromium.served(chromium.REPOSITORY / "app.py", home) as address:
        yield address
        for run in runs.list_runs():
            with suppress(RunError):
                run.request_stop()
        wait_for(lambda: not any(run.status().is_active for run in runs.list_runs()))


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE)
    return page


def over(race: Race) -> bool:
    return not race.job.status().is_active


@LONG
def test_three_browsers_bet_on_a_race_that_is_watched_to_its_verdict(school: str, browser: Browser):
    with access.acting_as(Visitor(TEACHER_ID, Role.TEACHER)):
        race = Race(jobs.prepared(RACE, SHUFFLE.to_dict(), "Not started yet."))
    contexts = [browser.new_context(viewport={"width": 1440, "height": 900}) for _ in range(3)]
    pages = []
    for number, context in enumerate(contexts):
        opened(context, school)  # its cookie comes with the first page
        page = opened(context, f"{school}/experiments?race={race.id}")
        page.get_by_text(SHUFFLE.arms[number % 2].label, exact=True).first.click()
        page.get_by_role("button", name="Place my bet").click()
        expect(page.get_by_role("button", name="Change my bet")).to_be_visible(timeout=PATIENCE)
        assert bets.count(race) == number + 1
        pages.append(page)
    jobs.resume(race.job)
    pages[0].reload()
    for page in (pages[0], pages[2]):
        expect(page.get_by_text("Points", exact=True).first).to_be_attached(timeout=PATIENCE)
    wait_for(lambda: over(race))
    assert race.job.status().state == "finished"
    last = opened(contexts[1], f"{school}/experiments?race={race.id}")
    expect(last.get_by_text("over 2 seeds")).to_be_visible(timeout=PATIENCE)
    expect(last.get_by_role("button", name="Place my bet")).to_have_count(0)
    found = bets.standings(race, of_race(race))
    assert len(found) == 3 and sorted(s.bet.winner for s in found) == [0, 0, 1]
    assert max(s.points for s in found) >= bets.WINNER_POINTS
    for context in contexts:
        context.close()


@LONG
def test_a_run_at_work_is_forked_into_two_futures(alone: str, browser: Browser):
    run = runs.create(TINY.changed(epochs=500, max_per_class=None))
    wait_for(lambda: run.status().epoch >= 1)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = opened(context, f"{alone}/experiments?futures={run.id}")
    page.get_by_label("Epochs").fill("2")
    page.get_by_label("Epochs").press("Enter")
    page.get_by_role("button", name="Watch them").click()
    page.wait_for_url("**/experiments?race=*")
    [race] = races.listed()
    wait_for(lambda: run.status().state == "stopped")  # it made room, as the page offers
    wait_for(lambda: over(race))
    assert race.job.status().state == "finished"
    expect(page.get_by_text("minus unchanged")).to_be_visible(timeout=PATIENCE)
    [seed] = race.plan.seeds
    children = [race.run(arm, seed) for arm in (0, 1)]
    assert [runs.origin(child).run_id for child in children] == [run.id, run.id]
    context.close()
