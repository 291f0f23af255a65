"""The same lesson in another language: which file it is, and whether it is the same lesson.

    cnnlab/lessons/ready/02-….md    cnnlab/lessons/ready/zh/02-….md    of the app
    mine.md                         mine.zh.md                         a teacher's own

A translation says in other words what its original says: both have the same steps, pages, minutes and bets.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from cnnlab.languages import LANGUAGES, texts
from cnnlab.lessons.lesson import Lesson, Step

_MARK = re.compile(r"\.[a-z]{2}(-[A-Za-z]+)?$")


def unmarked(stem: str) -> str:
    """Return the name of a file without its language: ``mine.zh`` is a translation of ``mine``."""
    return _MARK.sub("", stem)


def path_in(language: str, original: Path, is_own: bool) -> Path:
    """Return where the translation of a lesson lies, if there is one."""
    if is_own:
        return original.with_name(f"{original.stem}.{language}{original.suffix}")
    return original.parent / language / original.name


def original_of(path: Path) -> Path | None:
    """Return the file that a translation belongs to; None of one that stands alone."""
    if unmarked(path.stem) != path.stem:
        found = path.with_name(unmarked(path.stem) + path.suffix)
    elif path.parent.name in LANGUAGES:
        found = path.parent.parent / path.name
    else:
        return None
    return found if found.is_file() else None


def differences(original: Lesson, translation: Lesson) -> Iterator[tuple[int, str]]:
    """Yield a line of the translation and a sentence for each fact in which it is another lesson."""
    name = original.path.name
    if translation.minutes != original.minutes:
        yield 1, texts(f"{name} says {original.minutes} minutes, this translation {translation.minutes}.")
    if translation.needs != original.needs:
        needs = ", ".join(original.needs) or "–"
        yield 1, texts(f"{name} says that it needs {needs}; let this translation say the same.")
    if len(translation.steps) != len(original.steps):
        yield 1, texts(f"{name} has {len(original.steps)} steps, this translation {len(translation.steps)}.")
        return
    for number, (one, other) in enumerate(zip(original.steps, translation.steps, strict=True), start=1):
        asked = len(one.questions)
        if _facts(one) != _facts(other):
            fault = texts(f"Step {number} has another page, bet or time than in {name}; copy them.")
            yield other.line, fault
        elif len(other.questions) != asked:
            yield other.line, texts(f"Step {number} asks {asked} questions in {name}; ask as many.")


def _facts(step: Step) -> tuple[str, str | None, int]:
    return str(step.address or ""), step.bet, step.minutes
