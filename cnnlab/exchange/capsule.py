"""A lesson to hand on: one ZIP with the lesson and the runs that it speaks of, opened on any laptop.

    cnnlab-lesson.json         format, the name of the lesson, the ids that its runs had
    lesson.md                  the lesson, as ``cnnlab.lessons`` reads it
    lesson.zh.md               the same in Chinese, where it has a translation
    runs/1/run.zip             a run, as ``open_run`` reads it
    runs/1/snapshots/1.npz     the inside of its network after an epoch, in the order of the epochs
    runs/1/validation.npz      the validation images whose predictions these snapshots tell
    recordings/depth.json      what a race of an experiment in the lesson gave, where the app has no result

What the lesson says of a run, by its id in an address, becomes the id that the run gets where it is opened.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from cnnlab import access, experiments, lessons, machine, runs, strict_json, workspace
from cnnlab.errors import CnnLabError, LessonError, RunError
from cnnlab.exchange import documents
from cnnlab.exchange.files import prepared
from cnnlab.exchange.members import Members
from cnnlab.exchange.opening import open_run
from cnnlab.experiments import handed_over, recorded
from cnnlab.languages import LANGUAGES
from cnnlab.lessons import Lesson, reading, shelf, translations
from cnnlab.runs import Run, races, snapshots
from cnnlab.runs import reading as reading_of_runs
from cnnlab.runs.races import Race
from cnnlab.runs.reading import DamagedError
from cnnlab.runs.run import RUN_ID
from cnnlab.runs.snapshot_file import arrays_of, snapshot_of
from cnnlab.shelf import replacing

FORMAT = 1
MANIFEST, LESSON = "cnnlab-lesson.json", "lesson.md"
TRANSLATIONS = {language: f"lesson.{language}.md" for language in LANGUAGES}
MOST_RUNS, MOST_SNAPSHOTS = 8, 64
RUN_BYTES = 2**30
MOST_NAMES = 1000
Progress = Callable[[float, str], None]
LIMITS = {
    MANIFEST: 10**5,
    **dict.fromkeys((LESSON, *TRANSLATIONS.values()), reading.MOST_BYTES),
    **{f"runs/{run}/run.zip": RUN_BYTES for run in range(1, MOST_RUNS + 1)},
    **{f"runs/{run}/validation.npz": snapshots.MOST_FILE_BYTES for run in range(1, MOST_RUNS + 1)},
    **{
        f"runs/{run}/snapshots/{number}.npz": snapshots.MOST_FILE_BYTES
        for run in range(1, MOST_RUNS + 1)
        for number in range(1, MOST_SNAPSHOTS + 1)
    },
    **{f"recordings/{name}.json": handed_over.MOST_BYTES for name in experiments.READY},
}
"""What a capsule may hold, and how many bytes are read of each at most."""


def make(lesson: Lesson, chosen: Sequence[Run], file: Path, progress: Progress) -> None:
    """Write a lesson and runs into a ZIP.

    Args:
        lesson: the lesson.
        chosen: at most ``MOST_RUNS``, each with weights.
        file: a file that does not exist yet.
        progress: told how far it is, 0 to 1.

    Raises:
        LessonError: there are too many runs, or the file is there already or cannot be written.
        RunError: a run has no weights yet.
    """
    chosen = list(dict.fromkeys(chosen))
    if len(chosen) > MOST_RUNS:
        raise LessonError(f"A lesson takes at most {MOST_RUNS} runs along; choose fewer.")
    if file.exists():
        raise LessonError(f"{file} is there already, and nothing is overwritten; choose another name.")
    manifest = {"format": FORMAT, "name": lesson.name, "runs": [run.id for run in chosen]}
    try:
        with replacing(file) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr(MANIFEST, strict_json.dumps(manifest, indent=1))
            for name, path in _texts(lesson):
                target.writestr(name, path.read_bytes())
            for number, run in enumerate(chosen, start=1):
                _pack(run, f"runs/{number}", target, _part(progress, number - 1, len(chosen)))
            for name, found in _recorded(lesson):
                target.writestr(f"recordings/{name}.json", strict_json.dumps(found))
    except OSError as error:
        raise LessonError(f"{file} cannot be written ({error.strerror}); choose another folder.") from error


def _texts(lesson: Lesson) -> Iterator[tuple[str, Path]]:
    """Yield the file of a lesson and those of its translations, each with its name in the ZIP."""
    original = translations.original_of(lesson.path)
    own = reading.read(original, lesson.is_own) if original else lesson
    yield LESSON, own.path
    for language, name in TRANSLATIONS.items():
        found = shelf.translated(own, language)
        if isinstance(found, Lesson) and found.path != own.path:
            yield name, found.path


def _recorded(lesson: Lesson) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the results of experiments in a lesson that another machine would not have, by their names."""
    addresses = (step.address for step in lesson.steps if step.address)
    wanted = {address.query.get("experiment", "") for address in addresses} & set(experiments.READY)
    for name in sorted(name for name in wanted if recorded.of_app(name) is None):
        if handed_over.recording(name):
            yield name, reading_of_runs.document(handed_over.path_of(name), handed_over.MOST_BYTES)
        elif race := next(filter(_is_over, _races_of(name)), None):
            yield name, recorded.document(race, experiments.of_race(race), str(machine.describe()))


def _races_of(name: str) -> Iterator[Race]:
    labels = [arm.label for arm in experiments.READY[name].arms]
    for race in races.listed():
        with suppress(CnnLabError):
            if race.plan.experiment == name and [arm.label for arm in race.plan.arms] == labels:
                yield race


def _is_over(race: Race) -> bool:
    with suppress(CnnLabError):
        return race.job.status().state == "finished"
    return False


def _part(progress: Progress, before: int, count: int) -> Progress:
    return lambda done, words: progress((before + done) / count, words)


def _pack(run: Run, folder: str, target: zipfile.ZipFile, progress: Progress) -> None:
    made = prepared(run, progress)
    target.write(made.folder / "run.zip", f"{folder}/run.zip", zipfile.ZIP_STORED)
    inside = run.folder / snapshots.FOLDER
    for number, epoch in enumerate(snapshots.epochs(run)[-MOST_SNAPSHOTS:], start=1):
        target.write(inside / f"epoch-{epoch:05}.npz", f"{folder}/snapshots/{number}.npz", zipfile.ZIP_STORED)
    if snapshots.validation(run) is not None:
        target.write(inside / "validation.npz", f"{folder}/validation.npz", zipfile.ZIP_STORED)


def open_lesson(
    file: Path | BinaryIO,
    progress: Progress = lambda fraction, words: None,
    owner: str = "",
    open_one: Callable[..., Run] = open_run,
) -> Lesson:
    """Add the lesson in a ZIP, with its runs, to the workspace; all of it, or nothing.

    Raises:
        AccessError: only the teacher may add a lesson.
        LessonError: the lesson is none.
        RunError: the ZIP is damaged, holds what a capsule does not, or a run in it is refused.
        ExperimentError: a recorded result in it is refused.
    """
    access.require("", "add a lesson")
    opened: list[Run] = []
    try:
        with Members(file, LIMITS, "The ZIP", "lesson") as members:
            ids = _ids(members)
            content = members.read(LESSON)
            path = _free_path(reading.parse(content, Path(LESSON)).title)
            texts = {path: content} | {
                translations.path_in(language, path, is_own=True): members.read(name)
                for language, name in TRANSLATIONS.items()
                if name in members
            }
            with workspace.scratch(workspace.runs_dir()) as temporary:
                for number in range(1, len(ids) + 1):
                    progress((number - 1) / len(ids), f"Opening run {number} of {len(ids)}.")
                    opened.append(_opened(members, number, temporary, owner, open_one))
            texts = {at: _with_ids(text, ids, opened) for at, text in texts.items()}
            lesson = _checked(texts)
            results = {name: members.read(f"recordings/{name}.json") for name in _results_in(members)}
            for name, content in results.items():
                handed_over.checked(name, content)
            for name, content in results.items():
                handed_over.accept(name, content)
            _store(texts)
            return lesson
    except BaseException as error:
        for run in opened:
            runs.delete(run)
        if isinstance(error, OSError):
            raise LessonError(
                f"The lesson cannot be stored ({error.strerror or error}); free some space."
            ) from error
        raise


def _ids(members: Members) -> list[str]:
    """Return the ids that the runs had, as the manifest tells them."""
    manifest = documents.parsed(MANIFEST, members.read(MANIFEST))
    if manifest.get("format") != FORMAT:
        raise RunError("This lesson was exported by a newer CNN Lab; update this one to open it.")
    ids: Any = manifest.get("runs")
    right = isinstance(ids, list) and len(ids) <= MOST_RUNS and len(set(map(str, ids))) == len(ids)
    if not right or any(not isinstance(one, str) or not RUN_ID.fullmatch(one) for one in ids):
        raise RunError(f"{MANIFEST} is not as CNN Lab writes it; export the lesson again.")
    return ids


def _with_ids(text: bytes, ids: Sequence[str], opened: Sequence[Run]) -> bytes:
    """Return a text with the ids that its runs have here."""
    for old, run in zip(ids, opened, strict=True):
        text = re.sub(rb"\brun=%b(?![a-z0-9-])" % old.encode(), b"run=" + run.id.encode(), text)
    return text


def _checked(texts: Mapping[Path, bytes]) -> Lesson:
    """Return the lesson of these files, the first; the others are its translations, and nothing else."""
    lesson, *others = [reading.parse(text, path, is_own=True) for path, text in texts.items()]
    for other in others:
        for _line, fault in translations.differences(lesson, other):
            raise LessonError(f"{other.path.name} is no translation of the lesson. {fault}")
    return lesson


def _store(texts: Mapping[Path, bytes]) -> None:
    """Write the files of a lesson, all or none; the lesson comes last, for without it the others are none."""
    try:
        for path, text in reversed(list(texts.items())):
            with replacing(path) as aside:
                aside.write_bytes(text)
    except BaseException:
        for path in texts:
            path.unlink(missing_ok=True)
        raise


def _results_in(members: Members) -> list[str]:
    return [name for name in experiments.READY if f"recordings/{name}.json" in members]


def _opened(members: Members, number: int, temporary: Path, owner: str, open_one: Callable[..., Run]) -> Run:
    folder, file = f"runs/{number}", temporary / "run.zip"
    members.copy(f"{folder}/run.zip", file)
    run = open_one(file, owner=owner)
    try:
        for place in range(1, MOST_SNAPSHOTS + 1):
            if (name := f"{folder}/snapshots/{place}.npz") in members:
                members.copy(name, file)
                _keep(run, file, name)
        if (name := f"{folder}/validation.npz") in members:
            place_of = workspace.made(run.folder / snapshots.FOLDER) / "validation.npz"
            members.copy(name, place_of)
            if snapshots.validation(run) is None:
                raise RunError(f"{name} is damaged within the ZIP; export the lesson again.")
    except BaseException:
        runs.delete(run)
        raise
    finally:
        file.unlink(missing_ok=True)
    return run


def _keep(run: Run, file: Path, name: str) -> None:
    """Write a snapshot of the ZIP anew, once every value in it was checked."""
    try:
        snapshot = snapshot_of(arrays_of(file, snapshots.MOST_FILE_BYTES))
    except (DamagedError, OSError) as error:
        raise RunError(f"{name} is damaged within the ZIP; export the lesson again.") from error
    if not 1 <= snapshot.epoch <= run.status().epochs:
        raise RunError(f"{name} is of an epoch that the run does not have; export the lesson again.")
    workspace.made(run.folder / snapshots.FOLDER)
    snapshots.write(run, snapshot)


def _free_path(title: str) -> Path:
    """Return a path of our own in the folder of lessons, under a name that no lesson has."""
    taken = {lesson.name for lesson in lessons.all_lessons().lessons}
    folder = workspace.made(lessons.own_folder())
    first = reading.name_of(Path(f"{title}.md"))
    for number in range(1, MOST_NAMES):
        name = first if number == 1 else f"{first[:50]}-{number}"
        if name not in taken and not any(folder.glob(f"{name}.*")):
            return folder / f"{name}.md"
    raise LessonError("There are too many lessons of this name; delete some.")
