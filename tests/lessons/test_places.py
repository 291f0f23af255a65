"""Where somebody stands is kept for each visitor, with the time spent; what cannot be read is nothing."""

from pathlib import Path

import pytest

from cnnlab import access
from cnnlab.access import GUEST, Role, Visitor
from cnnlab.lessons import places
from cnnlab.lessons.places import Place

ANNA, BEN = Visitor("a" * 16, Role.STUDENT), Visitor("b" * 16, Role.STUDENT)


def test_each_visitor_has_a_place_of_their_own():
    for visitor, step in ((ANNA, 2), (BEN, 3)):
        with access.acting_as(visitor):
            places.keep("one", Place(step, 10.0, 5.0))
    with access.acting_as(ANNA):
        assert places.all_places() == {"one": Place(2, 10.0, 5.0)}
    assert places.all_places() == {}
    with access.acting_as(GUEST):
        places.keep("one", Place(4))
        assert places.all_places() == {}


def test_time_between_two_steps_counts_and_a_break_does_not(monkeypatch: pytest.MonkeyPatch):
    now = 1e9
    monkeypatch.setattr("time.time", lambda: now)
    place = Place().moved(1)
    assert place.seconds == 0
    now += 60
    place = place.moved(2)
    assert (place.step, place.seconds) == (2, 60)
    now += places.LONGEST_STEP + 1
    place = place.moved(3)
    assert place.seconds == 60
    now += 30
    assert place.moved(3, is_over=True) == Place(3, 90, now, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"a": 3}',
        '{"a": {"step": -1, "seconds": 0, "at": 0}}',
        "[" * 100_000,
        '{"a": {"step": 1, "seconds": 1e400, "at": 0}}',
        '{"a": {"step": true, "seconds": 0, "at": 0}}',
        "x" * 10**6,
    ],
)
def test_a_damaged_file_is_no_place_and_is_written_over(home: Path, text: str):
    path = home / "lesson_places" / "all-rights.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert places.all_places() == {}
    places.keep("one", Place(2, 1.0, 1.0))
    assert places.all_places() == {"one": Place(2, 1.0, 1.0)}


def test_only_the_latest_places_are_kept():
    for number in range(places.MOST_PLACES + 5):
        places.keep(f"lesson-{number}", Place(1, 0.0, float(number)))
    found = places.all_places()
    assert len(found) == places.MOST_PLACES and "lesson-0" not in found


def test_a_workspace_that_takes_nothing_keeps_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "file" / "home"))
    places.keep("one", Place(2))
    assert places.all_places() == {}
