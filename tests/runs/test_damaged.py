"""A run folder that anybody may have written: one damaged run in the list, and no other run is touched."""

import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnlab import runs
from cnnlab.cli import main
from cnnlab.errors import CnnLabError, RunError
from cnnlab.runs import Run, Supervisor
from cnnlab.runs.status import Status
from cnnlab.settings import RunConfig

CONFIG = {"architecture": "lenet5", "dataset": "digits", "epochs": 3, "title": "One"}
FACTS = {"classes": ["a", "b"], "input_shape": [8, 8, 1], "split": {"train": 9, "validation": 5}, "params": 7}
ROW = {"kind": "epoch", "epoch": 1, "step": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.0}
FILES = ("config.json", "status.json", "model.json", "notes.json", "fork.json", "metrics.jsonl")
OTHERS = ("evaluation.json", "control/claim", "control/learning_rate", "log.txt")


class Launches:
    """A launcher that only remembers what it was asked to start."""

    def __init__(self) -> None:
        self.launched: list[Run] = []

    def launch(self, run: Run, slot: int) -> None:
        self.launched.append(run)
        run.write_status(Status(state="finished"))

    def tick(self, soon: bool) -> None:
        """Nothing to keep."""

    def close(self) -> None:
        """Nothing to let go of."""


def whole(**status: object) -> Run:
    """Return a run with every file that a run can have."""
    run = runs.create(RunConfig.from_dict(CONFIG))
    (run.folder / "model.json").write_text(json.dumps(FACTS))
    (run.folder / "metrics.jsonl").write_text(json.dumps(ROW) + "\n")
    run.rename("One")
    if status:
        run.write_status(Status(**status))
    return run


def looked_at(run: Run) -> None:
    """Read all that pages, the command line and the supervisor read: only our own errors come out."""
    reads: list[Callable[[], object]] = [
        *(run.status, run.metrics, run.log, run.stop_requested, run.weights, run.release_if_abandoned),
        *(lambda: run.config, lambda: run.model_facts, lambda: run.title, lambda: run.damage),
        *(lambda: run.imported, lambda: run.starred, lambda: runs.origin(run)),
        *(lambda: run.metrics().downsample(10), lambda: runs.learning_rate.asked(run)),
    ]
    for read in reads:
        try:
            read()
        except CnnLabError as error:
            assert "\n" not in str(error)
    run.title.encode()


def pipe(path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes in folders")
    os.mkfifo(path)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**33)  # takes no space


IN_PLACE_OF_A_FILE: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "pipe": pipe,
    "link to nowhere": lambda path: path.symlink_to("nowhere"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "huge": huge,
    "many objects": lambda path: path.write_bytes(b'{"a":[' + b"{}," * 10**6 + b"{}]}"),
    "empty": lambda path: path.write_bytes(b""),
    "list": lambda path: path.write_bytes(b"[]"),
    "null": lambda path: path.write_bytes(b"null"),
    "text": lambda path: path.write_bytes(b'"text"'),
    "brackets": lambda path: path.write_bytes(b"[" * 50_000),
    "braces": lambda path: path.write_bytes(b'{"a":' * 50_000),
    "deep and whole": lambda path: path.write_bytes(b'{"config":' + b"[" * 400 + b"]" * 400 + b"}"),
    "not UTF-8": lambda path: path.write_bytes(b'{"state": "\xff\xfe"}'),
    "half a character": lambda path: path.write_bytes(b'{"config": {"title": "\\ud800"}}'),
    "long number": lambda path: path.write_bytes(b'{"created": ' + b"9" * 5000 + b"}"),
}
"""What may lie where a file of a run belongs."""


@pytest.mark.parametrize("file", [*FILES, *OTHERS])
@pytest.mark.parametrize("what", IN_PLACE_OF_A_FILE)
def test_whatever_lies_in_place_of_a_file_the_lab_goes_on(
    file: str, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    odd, good = whole(), whole()
    (odd.folder / file).unlink(missing_ok=True)
    IN_PLACE_OF_A_FILE[what](odd.folder / file)
    looked_at(odd)
    launcher = Launches()
    boss = Supervisor(launcher, slots=2)
    boss.tick()
    assert good in launcher.launched
    assert {seen.run for seen in runs.overview(0)} >= {good} and good in runs.list_runs()
    assert main(["runs"]) == 0 and good.id in capsys.readouterr().out
    boss.close()


@pytest.mark.parametrize("file", ["config.json", "status.json", "model.json"])
@pytest.mark.parametrize("what", sorted({*IN_PLACE_OF_A_FILE} - {"nothing", "half a character"}))
def test_a_run_that_cannot_be_read_is_listed_as_damaged_is_never_started_and_can_be_deleted(
    file: str, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = whole()
    (odd.folder / file).unlink()
    IN_PLACE_OF_A_FILE[what](odd.folder / file)
    [seen] = runs.overview(0)
    assert (seen.run, seen.state) == (odd, "damaged")
    assert file in seen.damage and file in odd.damage and seen.damage.count("\n") == 0
    assert main(["runs", "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)
    assert (told["run_id"], told["state"], told["damage"]) == (odd.id, "damaged", seen.damage)
    launcher = Launches()
    Supervisor(launcher).tick()
    assert not launcher.launched and not odd.status().is_active
    runs.delete(odd)
    assert runs.list_runs() == [] and not runs.overview()


STATUS_VALUES = [None, "text", -1, math.nan, math.inf, 1e300, True, [], {}, {"pid": "x"}, "\ud800", 10**400]


@pytest.mark.parametrize("value", STATUS_VALUES, ids=ascii)
@pytest.mark.parametrize("field", [field for field in vars(Status()) if field != "state"])
def test_a_field_of_a_status_that_cannot_be_read_is_as_at_the_start_and_the_others_stay(
    field: str, value: object
) -> None:
    run = whole(state="finished", epoch=2, epochs=3, message="Done.", device="CPU")
    values = json.loads((run.folder / "status.json").read_bytes()) | {field: value}
    (run.folder / "status.json").write_text(json.dumps(values))
    now, before = run.status(), Status(state="finished", epoch=2, epochs=3, message="Done.", device="CPU")
    assert {**vars(now), field: None} == {**vars(before), field: None}
    assert getattr(now, field) in (value, getattr(Status(), field))
    assert bool(run.damage) == (getattr(now, field) is not value and getattr(now, field) != value)


def test_what_a_worker_writes_is_never_damaged() -> None:
    run = whole()
    memory = {"kind": "memory", "message": "Full.", "hint": "", "batch_size": None}
    for status in (
        Status(state="failed", error=memory, message="x" * 5000, created=time.time(), ended=time.time()),
        Status(state="failed", error=memory | {"batch_size": 16}),
        Status(
            state="stopped", images_per_second=math.inf, seconds_left=math.nan, best_val_accuracy=math.nan
        ),
    ):
        run.write_status(status)
        assert not run.damage and run.status().state == status.state and run.status().error == status.error


@pytest.mark.parametrize("value", [5, "", None, [], {}, "\ud800"], ids=ascii)
@pytest.mark.parametrize("field", ["architecture", "dataset", "epochs", "title", "options", "learning_rate"])
def test_a_setting_of_another_type_makes_a_damaged_run_and_the_others_start(
    field: str, value: object
) -> None:
    odd, good = whole(), whole()
    config = CONFIG | {field: value}
    (odd.folder / "config.json").write_text(json.dumps({"config": config, "versions": {}}))
    allowed = {("title", ""), ("epochs", 5), ("learning_rate", None), ("learning_rate", 5)}
    fits = (field, value if isinstance(value, str | int | None) else ascii(value)) in allowed
    fits = fits or (field == "options" and value == {})
    fits = fits or (field in {"architecture", "dataset", "title"} and value == "\ud800")  # paths have some
    assert bool(odd.damage) != fits
    launcher = Launches()
    Supervisor(launcher, slots=2).tick()
    assert (odd in launcher.launched) == fits and good in launcher.launched


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, bytes]:
    """Give a file of a run and what is in it now: one value changed, or anything."""
    file = draw(st.sampled_from(FILES))
    if draw(st.booleans()):
        return file, draw(st.binary(max_size=200))
    before = {
        "config.json": {"config": CONFIG},
        "status.json": vars(Status()),
        "model.json": FACTS,
        "notes.json": {"name": "a", "starred": True},
        "fork.json": {"run_id": "a-run-of-mine", "title": "a", "epoch": 3},
        "metrics.jsonl": ROW,
    }[file]
    inner = before["config"] if file == "config.json" else before
    changed = inner | {draw(st.sampled_from([*inner, "odd"])): draw(JSON)}
    whole_file = {"config": changed} if file == "config.json" else changed
    return file, json.dumps(draw(st.sampled_from([whole_file, draw(JSON)]))).encode() + b"\n"


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(some=st.lists(mutations(), min_size=1, max_size=4))
def test_no_content_of_the_files_of_one_run_reaches_another(
    some: list[tuple[str, bytes]], home: Path
) -> None:
    odd, good = whole(), whole()
    for file, content in some:
        (odd.folder / file).write_bytes(content)
    looked_at(odd)
    seen = {one.run: one for one in runs.overview(0)}
    assert not seen[good].damage and odd in seen and bool(seen[odd].damage) == bool(odd.damage)
    launcher = Launches()
    boss = Supervisor(launcher, slots=2)
    boss.tick()
    assert not boss.troubles and good in launcher.launched
    for run in (odd, good):
        assert not run.status().is_active
        runs.delete(run)


def test_the_thread_survives_every_fault_says_it_once_and_starts_the_other_runs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = whole(), whole()
    claim = Run.claim

    def odd(run: Run) -> bool:
        if run == first:
            raise ZeroDivisionError("nobody thought of this")
        return claim(run)

    monkeypatch.setattr(Run, "claim", odd)
    launcher = Launches()
    boss = Supervisor(launcher).start()
    for _ in range(5):
        boss.tick()
    assert launcher.launched == [second]
    assert len(boss.troubles) == 1 and first.id in boss.troubles[0] and boss.troubles[0].endswith(".")
    assert len(caplog.records) == 1
    assert boss._thread.is_alive()
    boss.close()


def test_a_folder_that_cannot_even_be_looked_at_is_one_damaged_run(monkeypatch: pytest.MonkeyPatch) -> None:
    odd, good = whole(), whole()
    judged = Run.judged

    def failing(run: Run, *read: object) -> Status:
        if run == odd:
            raise PermissionError(13, "not yours")
        return judged(run, *read)

    monkeypatch.setattr(Run, "judged", failing)
    assert {seen.run: seen.state for seen in runs.overview(0)} == {odd: "damaged", good: "queued"}
    assert {seen.run: seen.state for seen in runs.overview()} == {odd: "damaged", good: "queued"}


def test_what_is_seen_of_all_runs_is_new_when_something_changed_and_else_the_same() -> None:
    run, other = whole(), whole()
    assert runs.overview() is runs.overview()
    run.rename("Two")
    assert {seen.title for seen in runs.overview(60)} == {"One", "Two"}  # what we wrote ourselves at once
    assert not any(seen.has_weights for seen in runs.overview(60))
    (run.folder / "checkpoints" / "last.keras").write_bytes(
        b"weights"
    )  # as its worker does, before it says so
    run.write_status(Status(state="finished"))
    [seen] = [seen for seen in runs.overview(60) if seen.run == run]
    assert (seen.state, seen.has_weights) == ("finished", True)
    before = runs.overview(0)
    (other.folder / "config.json").write_text("{")  # by hand, in place
    assert {seen.run: seen.state for seen in runs.overview(0)}[other] == "damaged"
    assert runs.overview(0) is not before and runs.overview(0) is runs.overview(0)
    for older in (run, other):
        os.utime(older.folder / "config.json", (1, 1))
    third = whole()
    assert runs.list_runs()[0] == third and len(runs.overview()) == 3


def test_a_supervisor_starts_although_the_launcher_and_the_folder_of_runs_are_broken(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Launches):
        def tick(self, soon: bool) -> None:
            raise RuntimeError("no house to keep")

    boss = Supervisor(Broken()).start()
    assert boss.troubles
    boss.close()
    (home / "runs").rmdir()
    (home / "runs").write_text("a file where the folder should be")
    boss = Supervisor(Launches()).start()
    assert boss.troubles and boss._thread.is_alive()
    boss.close()


def test_a_damaged_run_cannot_be_resumed_and_what_it_lacks_is_a_sentence() -> None:
    run = whole(state="stopped", epoch=1, epochs=3)
    with pytest.raises(RunError, match=r"model\.json has no preprocessing"):
        assert run.model_facts.preprocessing
    (run.folder / "config.json").write_text("[]")
    with pytest.raises(RunError, match="damaged"):
        run.resume()


def test_settings_without_a_status_are_a_run_in_the_making_and_later_a_damaged_one() -> None:
    run = whole()
    (run.folder / "status.json").unlink()
    assert runs.list_runs() == []
    os.utime(run.folder / "config.json", (1, 1))
    assert [seen.state for seen in runs.overview(0)] == ["damaged"]
    runs.delete(runs.get(run.id))
    assert runs.list_runs() == []
