"""``lessons``: what there is to teach with, and whether a lesson of one's own is right."""

import argparse
from pathlib import Path
from typing import Any

from cnnlab import lessons
from cnnlab.cli.output import Answer, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.lessons import Lesson


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    listing = verbs.add_parser("lessons", help="list the lessons, or check one of your own")
    listing.add_argument("--check", metavar="FILE", type=Path, help="say what is wrong in a lesson's file")
    listing.set_defaults(verb=_lessons)


def _lessons(arguments: argparse.Namespace) -> Answer:
    return _check(arguments.check) if arguments.check else _list()


def _list() -> Answer:
    shelf = lessons.all_lessons()
    rows = [
        (one.name, one.minutes, len(one.steps), one.questions, ", ".join(one.needs) or "–", one.title)
        for one in shelf.lessons
    ]
    text = table(("name", "minutes", "steps", "questions", "needs", "title"), rows)
    return Answer([_document(one) for one in shelf.lessons], "\n".join((text, *shelf.faults)))


def _document(lesson: Lesson) -> dict[str, Any]:
    return {
        "name": lesson.name,
        "title": lesson.title,
        "minutes": lesson.minutes,
        "needs": list(lesson.needs),
        "goals": list(lesson.goals),
        "own": lesson.is_own,
        "questions": lesson.questions,
        "steps": [
            {
                "title": step.title,
                "page": str(step.address) if step.address else None,
                "minutes": step.minutes,
                "bet": step.bet,
            }
            for step in lesson.steps
        ],
    }


def _check(path: Path) -> Answer:
    lesson = lessons.read(path.expanduser(), is_own=True)
    import_tensorflow()
    faults = lessons.check(lesson, layers=True)
    said = f"{lesson.title}: {len(lesson.steps)} steps, {lesson.minutes} min, {lesson.questions} questions."
    failure = f"{path.name} has {len(faults)} {'fault' if len(faults) == 1 else 'faults'}." if faults else ""
    text = "\n".join((said, *faults)) if faults else f"{said} Nothing is wrong in it."
    return Answer(_document(lesson) | {"faults": faults}, text, failure)
