"""A workspace that takes no files, read-only or full: what is there is shown, each change says why not."""

import errno
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from cnnlab import datasets, runs, workspace
from cnnlab.architectures.own import library as networks
from cnnlab.datasets.own import collection, corrections, deleted
from cnnlab.datasets.own import library as own_datasets
from cnnlab.errors import CnnLabError, WorkspaceError
from cnnlab.runs import Run, Supervisor, jobs, snapshots
from cnnlab.runs.kinds import EVALUATE
from cnnlab.runs.launchers import ProcessLauncher
from cnnlab.runs.status import Status
from cnnlab.settings import RunConfig
from cnnlab.training import own_recipes
from cnnlab.ui import arriving_zip
from tests.fuzz.doors import NETWORK, small_images

CONFIG = RunConfig("lenet5", "digits")
FILES = [(f"{name}/{i}.png", small_images()[0]) for name in "ab" for i in range(3)]


def zipped() -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, data in FILES:
            file.writestr(name, data)
    return target


class Lab:
    """A workspace with one of each thing, and one of each in the trash."""

    def __init__(self) -> None:
        self.run, gone = runs.create(CONFIG), runs.create(CONFIG)
        for run in (self.run, gone):
            run.write_status(Status(state="finished", epoch=1, epochs=1))
        runs.delete(gone)
        self.gone_run = gone.id
        datasets.import_files("hands", FILES)
        datasets.import_files("gone", FILES)
        self.gone_dataset = datasets.remove("gone")
        networks.save(networks.Definition.from_dict(NETWORK))
        name = networks.save(networks.Definition.from_dict(NETWORK | {"title": "Gone"}))
        self.gone_network = networks.delete(name)
        own_recipes.save("Mine", CONFIG)
        workspace.cache_dir()
        self.image = datasets.load("hands").train.names[0]
        jobs.jobs_dir()


def other_network() -> networks.Definition:
    return networks.Definition.from_dict(NETWORK | {"title": "New"})


CHANGES: dict[str, Callable[[Lab], object]] = {
    "start a run": lambda lab: runs.create(CONFIG),
    "rename a run": lambda lab: lab.run.rename("x"),
    "star a run": lambda lab: lab.run.star(True),
    "resume a run": lambda lab: lab.run.resume(9),
    "delete a run": lambda lab: runs.delete(lab.run),
    "restore a run": lambda lab: runs.restore(lab.gone_run),
    "ask for a job": lambda lab: jobs.ask(EVALUATE, {"run": lab.run.id}),
    "ask for a probe": lambda lab: snapshots.ask_probe(lab.run, np.zeros((8, 8, 1), np.uint8)),
    "upload a run": lambda lab: arriving_zip._stored(memoryview(b"x" * 9000)),
    "import files": lambda lab: datasets.import_files("new", FILES),
    "import a ZIP": lambda lab: datasets.import_zip("new", zipped()),
    "extend a dataset": lambda lab: own_datasets.extend("hands", zipped()),
    "rename a dataset": lambda lab: own_datasets.rename("hands", "other"),
    "remove a dataset": lambda lab: datasets.remove("hands"),
    "restore a dataset": lambda lab: deleted.restore(lab.gone_dataset),
    "begin a collection": lambda lab: collection.create("new", ["a", "b"]),
    "add an image": lambda lab: collection.add_images("hands", "a", [small_images()[0]]),
    "delete an image": lambda lab: collection.delete_images("hands", [f"a/{lab.image.rpartition('/')[2]}"]),
    "add a class": lambda lab: collection.add_class("hands", "c"),
    "rename a class": lambda lab: collection.rename_class("hands", "a", "c"),
    "delete a class": lambda lab: collection.delete_class("hands", "a"),
    "correct a label": lambda lab: corrections.correct(
        "hands", lab.image, "b" if lab.image[0] == "a" else "a"
    ),
    "save a network": lambda lab: networks.save(other_network()),
    "save over a network": lambda lab: networks.save(
        networks.get("two-blocks"), over=("two-blocks", networks.get("two-blocks").version)
    ),
    "rename a network": lambda lab: networks.rename("two-blocks", "Three"),
    "delete a network": lambda lab: networks.delete("two-blocks"),
    "restore a network": lambda lab: networks.restore(lab.gone_network),
    "save a recipe": lambda lab: own_recipes.save("New", CONFIG),
    "delete a recipe": lambda lab: own_recipes.delete("mine"),
}


@pytest.fixture
def lab(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The workspace; from the end of this fixture on the system refuses every change in it."""
    made = Lab()
    refuse = _refusing(monkeypatch, home)
    yield made
    refuse()


def _refusing(monkeypatch: pytest.MonkeyPatch, home: Path) -> Callable[[], None]:
    """Let each function of the system that changes files below ``home`` fail, as on a read-only disk.

    Permissions would not do: root, who runs such tests in containers, has them all.
    """
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    before = {
        name: getattr(os, name) for name in ("open", "mkdir", "rename", "replace", "unlink", "rmdir", "utime")
    }
    true_open = io.open

    def below(path: object) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(str(home))

    def failing(name: str) -> Callable:
        def fail(path: object, *arguments: object, **named: object) -> object:
            if below(path) and (name != "open" or (arguments and int(arguments[0]) & writes)):  # type: ignore[call-overload]
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), os.fsdecode(path))  # type: ignore[arg-type]
            return before[name](path, *arguments, **named)

        return fail

    def open_to_read(path: object, mode: str = "r", *arguments: object, **named: object) -> object:
        if below(path) and set(mode) & set("wax+"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), os.fsdecode(path))  # type: ignore[arg-type]
        return true_open(path, mode, *arguments, **named)  # type: ignore[call-overload]

    for name in before:
        monkeypatch.setattr(os, name, failing(name))
    monkeypatch.setattr(io, "open", open_to_read)
    monkeypatch.setattr("builtins.open", open_to_read)
    return monkeypatch.undo


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_refused_in_one_sentence(change: str, lab: Lab):
    with pytest.raises(CnnLabError) as refused:
        CHANGES[change](lab)
    sentence = str(refused.value)
    assert sentence.endswith(".") and "\n" not in sentence and "Read-only" in sentence, sentence


def test_what_is_there_is_shown(lab: Lab):
    assert [seen.run for seen in runs.overview(0)] == [lab.run] and not lab.run.damage
    assert "hands" in datasets.names() and len(datasets.load("hands").train) > 3
    assert list(networks.own()) == ["two-blocks"] and own_recipes.get("mine")
    assert [made.name for made in collection.every()] == ["hands"]
    assert [run.run.id for run in runs.list_deleted()] == [lab.gone_run]
    assert isinstance(runs.get(lab.run.id), Run) and not jobs.unfinished(0)
    workspace.tidy()


def test_a_supervisor_works_on_and_a_run_that_cannot_be_begun_waits(lab: Lab):
    boss = Supervisor(ProcessLauncher((os.devnull,))).start()
    assert boss._thread.is_alive()
    boss.close()
    with workspace.log("worker.log") as file:
        assert file.name == os.devnull


def test_a_disk_that_is_full_stops_an_import_and_looks_like_no_unreadable_image(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    """Else some of the images would be missing, and a dataset of the others be kept."""
    write, count = Path.write_bytes, []

    def full(path: Path, data: bytes) -> int:
        count.append(path)
        if len(count) > 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WorkspaceError, match="free some space"):
        datasets.import_files("hands", FILES)
    assert "hands" not in datasets.names()


def test_a_log_without_end_is_begun_anew(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workspace, "LOG_BYTES", 100)
    for _ in range(30):
        with workspace.log("worker.log") as file:
            file.write(b"x" * 30)
    assert (home / "worker.log").stat().st_size <= 130
