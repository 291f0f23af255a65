"""``lessons``: what there is to teach with, whether one of one's own is right, and lessons to hand on."""

import argparse
from pathlib import Path
from typing import Any

from cnnlab import lessons, runs
from cnnlab.cli.export import keep_off_the_gpu
from cnnlab.cli.output import Answer, ProgressBar, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.exchange import capsule
from cnnlab.lessons import Lesson


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    listing = verbs.add_parser("lessons", help="list the lessons, or check one of your own")
    listing.add_argument("--check", metavar="FILE", type=Path, help="say what is wrong in a lesson's file")
    listing.set_defaults(verb=_lessons)
    doing = listing.add_subparsers(metavar="export | open")

    away = doing.add_parser("export", help="pack a lesson and runs into one ZIP, to open on another machine")
    away.add_argument("name", metavar="NAME")
    away.add_argument(
        "--run", metavar="RUN", action="append", default=[], help="a run to take along; may be repeated"
    )
    away.add_argument(
        "--to", metavar="FILE.zip", type=Path, required=True, help="a file that is not there yet"
    )
    away.set_defaults(verb=_export)

    arrived = doing.add_parser("open", help="add a lesson with its runs from such a ZIP; it is checked first")
    arrived.add_argument("zip", metavar="FILE.zip", type=Path)
    arrived.set_defaults(verb=_open)
    for verb in (away, arrived):
        verb.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def _lessons(arguments: argparse.Namespace) -> Answer:
    return _check(arguments.check) if arguments.check else _list()


def _export(arguments: argparse.Namespace) -> Answer:
    lesson = lessons.get(arguments.name)
    chosen = [runs.get(run_id) for run_id in arguments.run]
    file = arguments.to.expanduser().absolute()
    keep_off_the_gpu()
    with ProgressBar() as bar:
        capsule.make(lesson, chosen, file, bar)
    document = {"file": str(file), "bytes": file.stat().st_size, "lesson": lesson.name, "runs": arguments.run}
    return Answer(document, f"{lesson.title} and {len(chosen)} runs are in {file}.")


def _open(arguments: argparse.Namespace) -> Answer:
    keep_off_the_gpu()
    with ProgressBar() as bar:
        lesson = capsule.open_lesson(arguments.zip.expanduser(), bar)
    return Answer(
        {"lesson": lesson.name, "title": lesson.title}, f"Imported {lesson.title} as {lesson.name}."
    )


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
