"""A lesson handed on with a run: it opens as it was, or is refused in one sentence and leaves nothing."""

import io
import json
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from cnnlab import experiments, lessons, runs
from cnnlab.errors import CnnLabError, ExperimentError, LessonError, RunError
from cnnlab.exchange import Export, capsule
from cnnlab.experiments import recorded
from cnnlab.lessons import places
from cnnlab.runs import Run, snapshots
from tests.experiments.made_up import prepared
from tests.experiments.made_up import trained as trained_run
from tests.lessons.made_up import LESSON, written


def silent(fraction: float, words: str) -> None: ...


@pytest.fixture(scope="module")
def packed(trained: tuple[Run, Export], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lesson whose first step opens a run, with that run."""
    run, _ = trained
    folder = tmp_path_factory.mktemp("capsule")
    text = LESSON.replace("page: concepts?concept=image&image=digits-3&across=8", f"page: train?run={run.id}")
    path = folder / "lesson.zip"
    capsule.make(lessons.read(written(folder, text)), [run, run], path, silent)
    return path


@pytest.fixture(scope="module")
def members(packed: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(packed) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(members: dict[str | zipfile.ZipInfo, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
    return file


def test_a_lesson_and_its_run_arrive_as_they_were(packed: Path, trained: tuple[Run, Export]):
    there, _ = trained
    lesson = capsule.open_lesson(packed)
    [here] = runs.list_runs()
    assert lessons.get("a-short-lesson").is_own and lesson.title == "A short lesson"
    assert lesson.steps[0].address and lesson.steps[0].address.query == {"run": here.id}
    assert lessons.check(lesson) == []
    assert here.id != there.id and here.title == there.title
    assert snapshots.epochs(here) == snapshots.epochs(there) != []
    for epoch in snapshots.epochs(there):
        mine, yours = snapshots.read(here, epoch), snapshots.read(there, epoch)
        assert mine.filters is not None and (mine.filters == yours.filters).all()
    assert snapshots.validation(here) is not None
    again = capsule.open_lesson(packed)
    assert again.name == "a-short-lesson-2" and len(runs.list_runs()) == 2
    assert places.all_places() == {}


def test_a_translation_goes_along_with_the_ids_of_the_runs_here(
    trained: tuple[Run, Export], tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
):
    run, _ = trained
    page = "page: concepts?concept=image&image=digits-3&across=8"
    text = LESSON.replace(page, f"page: train?run={run.id}")
    own = lessons.own_folder()
    written(own, text, "mine.md")
    written(own, text.replace("A short lesson", "一堂短课"), "mine.zh.md")
    for language in ("en", "zh"):  # whatever the language is in which somebody packs it
        capsule.make(lessons.get("mine", language), [run], tmp_path / f"{language}.zip", silent)
    monkeypatch.setenv("CNNLAB_HOME", str(home / "elsewhere"))
    for language in ("en", "zh"):
        name = capsule.open_lesson(tmp_path / f"{language}.zip").name
        english, chinese = lessons.get(name, "en"), lessons.get(name, "zh")
        assert (english.title, chinese.title) == ("A short lesson", "一堂短课")
        here = runs.list_runs()[0]
        assert chinese.steps[0].address and chinese.steps[0].address.query == {"run": here.id}
        runs.delete(here)


def test_nothing_is_overwritten_and_too_many_runs_are_refused(packed: Path, tmp_path: Path):
    lesson = lessons.read(written(tmp_path))
    with pytest.raises(LessonError, match="there already"):
        capsule.make(lesson, [], packed, silent)
    many = [Run(tmp_path / f"run-number-{number}") for number in range(capsule.MOST_RUNS + 1)]
    with pytest.raises(LessonError, match="at most"):
        capsule.make(lesson, many, tmp_path / "x.zip", silent)
    capsule.make(lesson, [], tmp_path / "x.zip", silent)
    assert capsule.open_lesson(tmp_path / "x.zip").title == lesson.title


def test_the_result_of_a_race_goes_along_where_the_app_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
):
    monkeypatch.setattr(recorded, "FOLDER", tmp_path / "none")
    recorded.of_app.cache_clear()
    race = prepared(experiments.READY["dropout"].plan((0, 1)))
    for arm in range(len(race.plan.arms)):
        for seed in (0, 1):
            trained_run(race, arm, seed, [0.5, 0.6 + arm / 10])
    race.job.write_status(replace(race.job.status(), state="finished"))
    path = tmp_path / "lesson.zip"
    capsule.make(lessons.read(written(tmp_path)), [], path, silent)
    found = experiments.of_race(race).about(experiments.READY["dropout"])
    monkeypatch.setenv("CNNLAB_HOME", str(home / "elsewhere"))
    assert experiments.recording("dropout") is None
    capsule.open_lesson(path)
    known = experiments.recording("dropout")
    assert known and known.results.about(experiments.READY["dropout"]) == found
    recorded.of_app.cache_clear()


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("lesson.md")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


MANIFEST = {"format": 1, "name": "x", "runs": []}
CHANGES = {
    "no manifest": {capsule.MANIFEST: None},
    "manifest no JSON": {capsule.MANIFEST: b"[" * 10_000},
    "of later": {capsule.MANIFEST: json.dumps(MANIFEST | {"format": 2}).encode()},
    "runs no list": {capsule.MANIFEST: json.dumps(MANIFEST | {"runs": 3}).encode()},
    "run without an id": {capsule.MANIFEST: json.dumps(MANIFEST | {"runs": ["../x"]}).encode()},
    "run that is not there": {
        capsule.MANIFEST: json.dumps(MANIFEST | {"runs": ["run-one-1", "run-two-2"]}).encode()
    },
    "no lesson": {capsule.LESSON: None},
    "lesson with an image": {capsule.LESSON: LESSON.replace("Press", "![](http://a.b)").encode()},
    "lesson without end": {capsule.LESSON: b"a" * 10**6},
    "lesson a link": {capsule.LESSON: None, link(): b"/etc/passwd"},
    "translation of another lesson": {"lesson.zh.md": LESSON.replace("bet: dropout", "bet: depth").encode()},
    "translation with an image": {"lesson.zh.md": LESSON.replace("Press", "![](http://a.b)").encode()},
    "translation into no language": {"lesson.xx.md": LESSON.encode()},
    "path outside": {"../evil.md": b"x"},
    "unknown file": {"evil.py": b"x"},
    "snapshot damaged": {"runs/1/snapshots/1.npz": b"PK"},
    "snapshot no array": {"runs/1/snapshots/2.npz": zipped({"facts.npy": b"x"}).getvalue()},
    "images damaged": {"runs/1/validation.npz": b"x"},
    "result no JSON": {"recordings/dropout.json": b"{"},
    "result of nothing": {"recordings/dropout.json": b'{"sides": []}'},
    "result of an unknown experiment": {"recordings/nothing.json": b"{}"},
    "run damaged": {"runs/1/run.zip": b"PK\x03\x04"},
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_no_lesson_is_refused_in_one_sentence_and_leaves_nothing(
    case: str, members: dict[str, bytes]
):
    changed = {name: data for name, data in (members | CHANGES[case]).items() if data is not None}
    with pytest.raises((RunError, LessonError, ExperimentError)) as caught:
        capsule.open_lesson(zipped(changed))
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
    assert not runs.list_runs() and not list(lessons.own_folder().glob("*.md"))


@pytest.mark.parametrize("data", [b"", b"no ZIP", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_zip_is_refused(data: bytes):
    with pytest.raises(CnnLabError):
        capsule.open_lesson(io.BytesIO(data))
    assert not lessons.own_folder().exists() or not list(lessons.own_folder().iterdir())
