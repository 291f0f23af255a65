"""``lessons``: the list, own ones included, and the check of a file."""

import json
from pathlib import Path

import pytest

from cnnlab import lessons
from cnnlab.cli import main
from tests.cli.conftest import answer
from tests.lessons.made_up import LESSON, written


def test_lessons_are_listed_with_their_steps_and_a_damaged_file_stops_nothing(
    capsys: pytest.CaptureFixture[str],
):
    written(lessons.own_folder(), name="mine.md")
    written(lessons.own_folder(), "no lesson", "broken.md")
    listed = answer(capsys, "lessons")
    assert [one["name"] for one in listed] == [one.name for one in lessons.all_lessons().lessons]
    mine = listed[-1]
    assert (mine["name"], mine["title"], mine["minutes"], mine["questions"]) == (
        "mine",
        "A short lesson",
        10,
        3,
    )
    assert mine["needs"] == ["training"] and len(mine["goals"]) == 2 and mine["own"]
    steps = [(step["page"], step["minutes"], step["bet"]) for step in mine["steps"]]
    assert steps[2:] == [(None, 1, None), ("experiments?experiment=dropout", 3, "dropout")]
    assert main(["lessons"]) == 0
    printed = capsys.readouterr().out
    assert "broken.md" in printed and "A short lesson" in printed


def test_a_file_is_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    good, bad = written(tmp_path), written(tmp_path, LESSON.replace("minutes = 10", "minutes = 11"), "bad.md")
    layer = "architecture?arch=lenet5&layer=conv9"
    worse = written(
        tmp_path, LESSON.replace("concepts?concept=image&image=digits-3&across=8", layer), "worse.md"
    )
    assert main(["lessons", "--check", str(good)]) == 0
    capsys.readouterr()
    assert main(["lessons", "--check", str(bad), "--json"]) == 1
    heard = capsys.readouterr()
    assert len(json.loads(heard.out)["faults"]) == 1 and len(heard.err.strip().splitlines()) == 1
    assert main(["lessons", "--check", str(worse)]) == 1
    assert "conv9" in capsys.readouterr().out
    for missing in (tmp_path / "nothing.md", tmp_path):
        assert main(["lessons", "--check", str(missing)]) == 1
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
