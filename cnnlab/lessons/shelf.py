"""All lessons there are: the ready ones of the app, and a teacher's own in ``CNNLAB_HOME/lessons``.

A lesson has one name in every language. It is returned in that of the page, where it has a translation.
"""

import os.path
from dataclasses import dataclass
from pathlib import Path

from cnnlab import languages, workspace
from cnnlab.errors import LessonError
from cnnlab.languages import texts
from cnnlab.lessons import reading, translations
from cnnlab.lessons.lesson import Lesson

READY = Path(__file__).parent / "ready"
MOST_OWN = 200
MOST_KEPT = 2 * MOST_OWN * len(languages.LANGUAGES)
_kept: dict[Path, tuple[tuple[int, int], Lesson | str]] = {}


@dataclass(frozen=True)
class Shelf:
    """The lessons in their order, the app's first, and a sentence for each file that is none."""

    lessons: tuple[Lesson, ...]
    faults: tuple[str, ...]


def own_folder() -> Path:
    """Return where a teacher's own lessons lie; it may not exist."""
    return workspace.home() / "lessons"


def all_lessons(language: str | None = None) -> Shelf:
    """Return what there is; a file is read again once it has changed.

    Args:
        language: of ``languages.LANGUAGES``; None for the one of the page. A lesson without a translation is
            returned as it was written.
    """
    language = language or languages.current()
    lessons: dict[str, Lesson] = {}
    own = _files(own_folder())[:MOST_OWN]
    faults: list[str] = []
    for path, is_own in [*((path, False) for path in _files(READY)), *((path, True) for path in own)]:
        found = _read(path, is_own)
        if isinstance(found, str):
            faults.append(found)
        elif found.name in lessons:
            other = lessons[found.name].path.name
            faults.append(texts(f"{path.name} has the name of another lesson, {other}; rename the file."))
        else:
            shown = translated(found, language)
            faults += [shown] if isinstance(shown, str) else []
            lessons[found.name] = found if isinstance(shown, str) else shown
    return Shelf(tuple(lessons.values()), tuple(faults))


def get(name: str, language: str | None = None) -> Lesson:
    """Return a lesson by its name, in a language as ``all_lessons``.

    Raises:
        LessonError: there is none.
    """
    known = all_lessons(language).lessons
    for lesson in known:
        if lesson.name == name:
            return lesson
    names = ", ".join(lesson.name for lesson in known) or "none"
    raise LessonError(f"There is no lesson {name[:60]!r}; there are {names}.")


def translated(lesson: Lesson, language: str) -> Lesson | str:
    """Return a lesson in a language, or the sentence that says why its translation is none.

    Where there is no translation the lesson is returned as it is.
    """
    path = translations.path_in(language, lesson.path, lesson.is_own)
    if not os.path.lexists(path):
        return lesson
    found = _read(path, lesson.is_own)
    if isinstance(found, str):
        return found
    for line, fault in translations.differences(lesson, found):
        return texts(f"{path.name}, line {line}: {fault}")
    return found


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if _is_lesson(path.name))
    except OSError:
        return []


def _is_lesson(name: str) -> bool:
    """Whether a file is a lesson; a translation beside it, ``NAME.zh.md``, is none by itself."""
    return name.endswith(".md") and name[0] not in "._" and translations.unmarked(name[:-3]) == name[:-3]


def _read(path: Path, is_own: bool) -> Lesson | str:
    """Return the lesson in a file, or the sentence that says why it is none."""
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
            return texts(f"{path.name} is a link that leads out of its folder; copy the file itself there.")
        if not path.is_file():
            return texts(f"{path.name} is no file; a lesson is a Markdown file.")
        known = path.stat()
    except (OSError, RuntimeError):
        return texts(f"{path.name} cannot be read; copy it again.")
    key = known.st_mtime_ns, known.st_size
    kept = _kept.get(path)
    if kept is None or kept[0] != key:
        if len(_kept) > MOST_KEPT:
            _kept.clear()
        try:
            _kept[path] = key, reading.read(path, is_own)
        except LessonError as error:
            _kept[path] = key, str(error)
        kept = _kept[path]
    return kept[1]
