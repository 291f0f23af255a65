"""A lesson from its file: Markdown with facts in front, and a heading of the second level for each step.

    +++
    title = "An image is numbers"
    minutes = 25
    needs = ["camera"]
    goals = ["say what a pixel is"]
    [without]
    camera = "Use a sample of the dataset."
    +++

    One paragraph: what this lesson is about.

    ## Zoom into the pixels

    page: concepts?concept=image
    minutes: 25

    **Do.** Move the window.

    > **Question.** How many numbers has a colour image of 32 × 32 pixels?
    >
    > **Answer.** 3,072: 32 × 32 × 3.

In a Chinese lesson ``**问题**：`` and ``**答案**：`` may stand for the two words.

A file may come from anybody: it is of a limited size, images and scripts in it are refused, and each error
names the file and the line.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from cnnlab.errors import LessonError
from cnnlab.lessons import addresses, translations
from cnnlab.lessons.addresses import Address
from cnnlab.lessons.lesson import NEEDS, WITHOUT, Lesson, Question, Step
from cnnlab.plain_text import one_line, showable
from cnnlab.runs.reading import DamagedError, data
from cnnlab.shelf import slug

MOST_BYTES = 200_000
MOST_STEPS, MOST_QUESTIONS, MOST_GOALS = 40, 12, 12
MOST_MINUTES = 600
LONGEST_TITLE, LONGEST_GOAL, LONGEST_TEXT = 100, 300, 20_000
FENCE = "+++"
_FACT = re.compile(r"([a-z]+):\s*(.*)")
_FACTS = ("page", "minutes", "bet")
_QUESTION = re.compile(r"\*\*(Question\.\*\*|问题[：。:]?\*\*[：:]?)")
_ANSWER = re.compile(r"\*\*(Answer\.\*\*|答案[：。:]?\*\*[：:]?)")
_TOML_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")
_IMAGE = re.compile(r"!\[|<\s*(img|script|iframe|object|embed|link|style|svg)\b", re.IGNORECASE)
_TARGET = re.compile(
    r"(?m)\]\(\s*<?([^)\s>]*)|^\s{0,3}\[[^\]]+\]:\s*<?(\S*?)>?\s*$|<([a-z][a-z0-9+.-]*:[^>\s]*)>"
)
_OUTSIDE = re.compile(r"https?://[\w.-]+(:\d{1,5})?(/\S*)?$")


def name_of(path: Path) -> str:
    """Return the name of the lesson in a file: ``04-lenet-5.md`` and ``04-lenet-5.zh.md`` are ``lenet-5``."""
    title = re.sub(r"^\d+[-_. ]+", "", translations.unmarked(path.stem))
    return slug(title, 60, noun="lesson") or "lesson"


def read(path: Path, is_own: bool = False) -> Lesson:
    """Return the lesson in a file.

    Raises:
        LessonError: it is no lesson, is too long, or holds what a lesson may not; one sentence with file and
            line.
    """
    try:
        return parse(data(path, MOST_BYTES), path, is_own)
    except FileNotFoundError as error:
        raise LessonError(f"There is no file {path.name[:80]!r}; check its name.") from error
    except DamagedError as error:
        raise LessonError(f"{error}; a lesson is a text file of at most {MOST_BYTES // 1000} kB.") from error


def parse(content: bytes, path: Path, is_own: bool = False) -> Lesson:
    """Return the lesson in the bytes of a file; ``path`` gives it its name.

    Raises:
        LessonError: as ``read``.
    """
    return _Reader(content, path).lesson(is_own)


def linked(markdown: str) -> Iterator[Address]:
    """Yield the pages of the app that a text of a lesson links to."""
    for match in _TARGET.finditer(markdown):
        target = next(filter(None, match.groups()), "")
        if not _OUTSIDE.match(target):
            yield addresses.parse(target)


class _Reader:
    """The lines of one file; every error names it, and a line counted from 1."""

    def __init__(self, content: bytes, path: Path):
        self.path = path
        if len(content) > MOST_BYTES:
            name = path.name[:80]
            raise LessonError(
                f"{name} is larger than {MOST_BYTES // 1000} kB; a lesson is text, make it shorter."
            )
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.refuse(content[: error.start].count(b"\n") + 1, "is not UTF-8; save the file as UTF-8")
        self.lines = showable(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")

    def refuse(self, line: int, fault: str) -> NoReturn:
        name = self.path.name[:80]
        raise LessonError(f"{name}, line {line}, {fault}.")

    def lesson(self, is_own: bool) -> Lesson:
        end = self._end_of_front()
        front = self._front(end)
        starts = list(self._headings(end + 1))
        if not starts:
            self.refuse(len(self.lines), "has no step; begin each with a line such as ## Look at the pixels")
        if len(starts) > MOST_STEPS:
            self.refuse(starts[MOST_STEPS] + 1, f"has more than {MOST_STEPS} steps; make two lessons of it")
        about = self._markdown(end + 1, starts[0])
        stops = [*starts[1:], len(self.lines)]
        steps = tuple(self._step(start, stop) for start, stop in zip(starts, stops, strict=True))
        return Lesson(name_of(self.path), **front, about=about, steps=steps, path=self.path, is_own=is_own)

    def _end_of_front(self) -> int:
        if self.lines[0].strip() != FENCE:
            self.refuse(1, f"must be {FENCE}, with title, minutes, needs and goals below it")
        ends = (number for number, line in enumerate(self.lines[1:], start=1) if line.strip() == FENCE)
        if (end := next(ends, None)) is None:
            self.refuse(1, f"begins what no second line {FENCE} ends; add it below the goals")
        return end

    def _front(self, end: int) -> dict[str, Any]:
        try:
            known = tomllib.loads("\n".join(self.lines[1:end]))
        except (ValueError, RecursionError) as error:  # numbers without end are no TOMLDecodeError
            at = _TOML_PLACE.search(str(error))
            words = _TOML_PLACE.sub("", str(error)) or "it is nested too deeply"
            self.refuse(int(at[1]) + 1 if at and at[1] else 2, f"is not written as TOML ({words[:80]})")
        for key in known.keys() - {"title", "minutes", "needs", "goals", "without"}:
            self.refuse(
                self._line_of(key), f"has {key[:40]!r}; known are title, minutes, needs, goals, without"
            )
        minutes, needs = known.get("minutes"), known.get("needs", [])
        if type(minutes) is not int or not 1 <= minutes <= MOST_MINUTES:
            self.refuse(
                self._line_of("minutes"), f"must give minutes, a whole number from 1 to {MOST_MINUTES}"
            )
        if not isinstance(needs, list) or any(need not in NEEDS for need in needs):
            self.refuse(self._line_of("needs"), f"must list what it needs, any of {', '.join(NEEDS)}")
        return {
            "title": self._short(known, "title", LONGEST_TITLE),
            "minutes": minutes,
            "needs": tuple(dict.fromkeys(needs)),
            "goals": self._goals(known.get("goals", [])),
            "without": self._without(known.get("without", {})),
        }

    def _short(self, known: dict[str, Any], key: str, longest: int) -> str:
        value = known.get(key)
        if not isinstance(value, str) or not one_line(value) or len(value) > longest:
            self.refuse(self._line_of(key), f"must give a {key}, one line of at most {longest} characters")
        return one_line(value)

    def _goals(self, goals: Any) -> tuple[str, ...]:
        right = isinstance(goals, list) and 1 <= len(goals) <= MOST_GOALS
        if not right or any(not isinstance(goal, str) or len(goal) > LONGEST_GOAL for goal in goals):
            self.refuse(self._line_of("goals"), f"must list 1 to {MOST_GOALS} goals, each a short text")
        return tuple(one_line(goal) for goal in goals)

    def _without(self, known: Any) -> dict[str, str]:
        line = self._line_of("[without]")
        if not isinstance(known, dict) or known.keys() - set(WITHOUT):
            self.refuse(line, f"may say what to do without {', '.join(WITHOUT)}, and nothing else")
        for key, text in known.items():
            if not isinstance(text, str) or len(text) > LONGEST_TEXT:
                self.refuse(self._line_of(key), f"must say in a text what to do without {key}")
            self._check_markup(text.splitlines(), self._line_of(key), each=0)
        return {key: text.strip() for key, text in known.items()}

    def _line_of(self, key: str) -> int:
        """Return the line of the front on which a key stands; its first where it stands nowhere."""
        for number, line in enumerate(self.lines[1:MOST_BYTES], start=2):
            if line.strip().startswith(key):
                return number
            if line.strip() == FENCE:
                break
        return 1

    def _headings(self, begin: int) -> Iterator[int]:
        """Yield the lines, counted from 0, that begin a step; not those within a block of code."""
        in_code = False
        for number in range(begin, len(self.lines)):
            if self.lines[number].lstrip().startswith(("```", "~~~")):
                in_code = not in_code
            elif not in_code and self.lines[number].startswith("## "):
                yield number

    def _step(self, start: int, stop: int) -> Step:
        title = one_line(self.lines[start][3:])
        if not title or len(title) > LONGEST_TITLE:
            self.refuse(start + 1, f"must name the step in 1 to {LONGEST_TITLE} characters")
        facts, places, body = self._facts(start + 1, stop)
        minutes = facts.get("minutes", "")
        if not re.fullmatch(r"[1-9]\d{0,2}", minutes):
            self.refuse(
                places.get("minutes", start + 1), "must say how many minutes the step takes: minutes: 5"
            )
        address = self._address(facts["page"], places["page"]) if "page" in facts else None
        bet = facts.get("bet")
        if bet and address is None:
            address = Address("experiments", {"experiment": bet})
        questions, text_lines = self._questions(body, stop)
        text = self._joined(text_lines, body)
        return Step(title, int(minutes), text, tuple(questions), address, bet, start + 1, places)

    def _facts(self, begin: int, stop: int) -> tuple[dict[str, str], dict[str, int], int]:
        facts: dict[str, str] = {}
        places: dict[str, int] = {}
        number = begin
        while number < stop and not self.lines[number].strip():
            number += 1
        while number < stop and (match := _FACT.fullmatch(self.lines[number].strip())):
            key, value = match[1], match[2].strip()
            if key not in _FACTS or key in facts or not value:
                self.refuse(
                    number + 1, f"says {key[:40]}: of a step; known are {', '.join(_FACTS)}, each once"
                )
            facts[key], places[key] = value, number + 1
            number += 1
        return facts, places, number

    def _address(self, text: str, line: int) -> Address:
        try:
            return addresses.parse(text)
        except LessonError as error:
            name = self.path.name[:80]
            raise LessonError(f"{name}, line {line}, cannot be opened: {error}") from error

    def _questions(self, begin: int, stop: int) -> tuple[list[Question], list[str]]:
        """Return the questions of a step, and its other lines; an empty one stands where a question was."""
        found: list[Question] = []
        others: list[str] = []
        number = begin
        while number < stop:
            if not _QUESTION.match(self._quoted(number)):
                others.append(self.lines[number])
                number += 1
                continue
            first = number
            while number < stop and self.lines[number].startswith(">"):
                number += 1
            found.append(self._question([self._quoted(n) for n in range(first, number)], first))
            others += [""] * (number - first)
            if len(found) > MOST_QUESTIONS:
                self.refuse(first + 1, f"asks more than {MOST_QUESTIONS} questions in one step")
        return found, others

    def _quoted(self, number: int) -> str:
        line = self.lines[number]
        return line[1:].removeprefix(" ") if line.startswith(">") else ""

    def _question(self, lines: list[str], first: int) -> Question:
        at = next((n for n, line in enumerate(lines) if _ANSWER.match(line)), None)
        text = _QUESTION.sub("", self._joined(lines[:at], first), count=1).strip()
        said = self._joined(lines[at:], first + at) if at is not None else ""
        answer = _ANSWER.sub("", said, count=1).strip()
        if not text or not answer:
            self.refuse(first + 1, "begins a question without an answer; add the line > **Answer.** below it")
        return Question(text, answer)

    def _markdown(self, begin: int, stop: int) -> str:
        return self._joined(self.lines[begin:stop], begin)

    def _joined(self, lines: list[str], begin: int) -> str:
        """Return lines of Markdown as one text; ``begin`` counts the first from 0."""
        self._check_markup(lines, begin + 1)
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
        if len(text) > LONGEST_TEXT:
            self.refuse(begin + 1, f"begins a text of more than {LONGEST_TEXT:,} characters; make it shorter")
        return text

    def _check_markup(self, lines: list[str], first: int, each: int = 1) -> None:
        for number, line in enumerate(lines):
            at = first + number * each
            if _IMAGE.search(line):
                self.refuse(at, "holds an image or HTML, which a lesson may not; open a page that shows it")
            for match in _TARGET.finditer(line):
                target = next(filter(None, match.groups()), "")
                if not _OUTSIDE.match(target):
                    self._address(target, at)
