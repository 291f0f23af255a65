"""A lesson is read from its file; what is no lesson is refused in one sentence with file and line."""

import os
from pathlib import Path

import pytest

from cnnlab import lessons
from cnnlab.errors import LessonError
from cnnlab.lessons import reading
from tests.lessons.made_up import FRONT, LESSON, STEPS, written


def lesson(text: str = LESSON) -> lessons.Lesson:
    return reading.parse(text.encode(), Path("01-a-short-lesson.md"))


def test_a_lesson_has_its_facts_steps_questions_and_addresses():
    found = lesson()
    assert (found.name, found.title, found.minutes) == ("a-short-lesson", "A short lesson", 10)
    assert found.needs == ("training",) and len(found.goals) == 2 and "training" in found.without
    assert [step.minutes for step in found.steps] == [3, 3, 1, 3]
    assert found.planned(3) == 6
    first, second, third, bet = found.steps
    assert str(first.address) == "concepts?concept=image&image=digits-3&across=8"
    assert first.questions[0].answer == "64: 8 × 8." and "Question" not in first.text
    assert len(second.questions) == 2 and "And then:" in second.text
    assert third.address is None
    assert (bet.bet, str(bet.address)) == ("dropout", "experiments?experiment=dropout")
    assert found.questions == 3 and lessons.check(found) == []


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_marks_of_other_systems_change_nothing(end: str):
    text = "\ufeff" + LESSON.replace("\n", end)
    assert lesson(text).steps == lesson().steps


def test_a_heading_within_code_begins_no_step():
    text = LESSON.replace("**Do.** Press play.", "```\n## no step\n```")
    assert len(lesson(text).steps) == 4 and "## no step" in lesson(text).steps[1].text


PARTS = {
    "no front": ("+++\ntitle", "title", 1),
    "front without end": ("]\n[without]", "]\n[without", 6),
    "no title": ('title = "A short lesson"\n', "", 1),
    "minutes in words": ("minutes = 10", 'minutes = "ten"', 3),
    "minutes true": ("minutes = 10", "minutes = true", 3),
    "minutes without end": ("minutes = 10", f"minutes = {'9' * 5000}", 2),
    "unknown need": ('"training"]', '"robots"]', 4),
    "goals no list": ('goals = ["say what a pixel is", "train a network"]', "goals = 3", 5),
    "unknown key": ("minutes = 10", "minutes = 10\ncolour = 1", 4),
    "unknown lack": ("training = ", "electricity = ", 6),
    "step without minutes": ("play=4\nminutes: 3", "play=4", 25),
    "minutes of a step in words": ("play=4\nminutes: 3", "play=4\nminutes: three", 28),
    "page that is none": ("page: concepts?concept=convolution", "page: concept?concept=convolution", 27),
    "page on another server": ("page: concepts?concept=convolution", "page: http://a.b/concepts?", 27),
    "page with a slash": ("page: concepts?concept=convolution", "page: /concepts?concept=convolution", 27),
    "page out of the app": ("page: concepts?concept=convolution", "page: ../../etc/passwd?", 27),
    "fact twice": ("play=4\n", "play=4\nminutes: 2\n", 29),
    "unknown fact": ("play=4\n", "play=4\nminute: 2\n", 28),
    "question without answer": ("> **Answer.** Edges.", "> Edges.", 32),
    "image": ("**Do.** Press play.", "![x](http://a.b/c.png)", 30),
    "image by reference": ("**Do.** Press play.", "![x][y]", 30),
    "image in an answer": ("64: 8 × 8.", "![x](http://a.b/c.png)", 23),
    "image in front": ("Look at a run", "![x](http://a.b) Look at a run", 7),
    "HTML": ("**Do.** Press play.", "<IMG src=x onerror=alert(1)>", 30),
    "script link": ("**Do.** Press play.", "[x](javascript:alert(1))", 30),
    "data link": ("**Do.** Press play.", "[x](data:text/html,hi)", 30),
    "reference to a script": ("**Do.** Press play.", "[x]: javascript:alert(1)", 30),
    "link to a file": ("**Do.** Press play.", "[x](file:///etc/passwd)", 30),
    "link to a page that is none": ("**Do.** Press play.", "[x](nowhere?a=b)", 30),
    "endless title": ("Zoom into the pixels", "a" * 5000, 12),
    "endless text": ("**Do.** Press play.", "a " * 15_000, 29),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_fault_is_one_sentence_with_file_and_line(case: str):
    before, after, line = PARTS[case]
    assert before in LESSON
    with pytest.raises(LessonError) as caught:
        lesson(LESSON.replace(before, after, 1))
    said = str(caught.value)
    assert said.startswith(f"01-a-short-lesson.md, line {line}, "), said
    assert said.endswith(".") and "\n" not in said and len(said) < 400


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"+++",
        b"\xff\xfe+\0",
        b"+++\n+++\n",
        FRONT.encode(),
        b"+++\n" + b"a=" + b"[" * 50_000,
        b"\0" * 999,
        ("+" * 3 + "\n" + "x = {" * 3000).encode(),
        (FRONT + "## a\n\nminutes: 1\n\n" * 2000).encode(),
    ],
)
def test_what_is_no_lesson_is_refused(data: bytes):
    with pytest.raises(LessonError):
        reading.parse(data, Path("x.md"))


def test_directions_and_control_characters_are_left_out():
    text = LESSON.replace("A short lesson", "A \u202eshort lesson").replace("Press play", "Press\x1b[2J play")
    found = lesson(text)
    assert found.title == "A short lesson" and "\x1b" not in found.steps[1].text


def test_own_lessons_are_listed_after_the_ready_ones_and_a_damaged_file_is_one_line(home: Path):
    own = lessons.own_folder()
    written(own, name="mine.md")
    written(own, "no lesson", "broken.md")
    written(own, name="notes.txt")
    written(own, name="mine.zh.md")
    (own / "folder.md").mkdir()
    written(home, name="outside.md")
    (own / "link.md").symlink_to(home / "outside.md")
    (own / "turning.md").symlink_to("turning.md")
    os.mkfifo(own / "pipe.md")
    (own / "large.md").write_bytes(b"a" * (reading.MOST_BYTES + 1))
    (own / f"{'ß' * 40}.md").write_text(LESSON, "utf-8")
    shelf = lessons.all_lessons()
    mine = [one for one in shelf.lessons if one.is_own]
    assert {one.name for one in mine} >= {"mine"} and len(mine) == 2
    assert not shelf.lessons[0].is_own
    for name in ("broken.md", "folder.md", "link.md", "turning.md", "pipe.md", "large.md"):
        assert [fault for fault in shelf.faults if name in fault], name
    assert lessons.get("mine").minutes == 10


def test_a_changed_file_is_read_again_and_two_of_one_name_are_told(home: Path):
    path = written(lessons.own_folder(), name="mine.md")
    assert lessons.get("mine").title == "A short lesson"
    path.write_text(LESSON.replace("A short lesson", "Another lesson"), "utf-8")
    assert lessons.get("mine").title == "Another lesson"
    written(lessons.own_folder(), name="02-mine.md")
    assert any("rename" in fault for fault in lessons.all_lessons().faults)


def test_an_unknown_lesson_names_those_that_there_are():
    with pytest.raises(LessonError, match="an-image-is-numbers"):
        lessons.get("../../etc/passwd")


def test_steps_are_told_by_their_lines():
    assert [step.line for step in lesson().steps] == [
        number for number, line in enumerate(LESSON.split("\n"), start=1) if line.startswith("## ")
    ]
    assert STEPS in LESSON
