"""Forks: a new run that begins with the weights of another, under settings of its own."""

import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from cnnlab.errors import RunError
from cnnlab.runs import reading
from cnnlab.runs.creation import create
from cnnlab.runs.reading import DamagedError, is_text, is_whole
from cnnlab.runs.run import Run, get
from cnnlab.settings import RunConfig
from cnnlab.shelf import write_json

INITIAL = "initial"
"""The checkpoint with the weights a fork begins with: a copy, so that its parent may be deleted."""
TRAINED_ON = "trained_on.npz"
"""Which images a run was trained on; a fork has its parent's under another name."""
PARENT_TRAINED_ON = "parent_trained_on.npz"


@dataclass(frozen=True)
class Origin:
    """Where a fork comes from: the parent's id, title and classes, and the epoch of its weights.

    ``dataset`` is what the parent was trained on, and ``seen_as`` how it saw images: height, width, channels,
    resampling and resize mode; both are empty where the parent did not say, and so are the classes.
    """

    run_id: str
    title: str
    epoch: int
    dataset: str = ""
    seen_as: tuple[int | str, ...] = ()
    classes: tuple[str, ...] = ()

    @property
    def parent_title(self) -> str:
        """What the parent is called now; where it is gone, what it was called at the fork."""
        with suppress(RunError):
            return get(self.run_id).title
        return self.title

    @classmethod
    def of(cls, parent: Run, which: str = "best") -> "Origin":
        """Return what a fork of the parent's ``"best"`` or ``"last"`` weights will say of it.

        Raises:
            RunError: the settings of the parent cannot be read.
        """
        now = parent.status()
        epoch = (now.best_epoch if which == "best" else now.epoch) or now.epoch
        classes: tuple[str, ...] = ()
        with suppress(RunError):
            classes = parent.model_facts.classes
        return cls(parent.id, parent.title, epoch, parent.config.dataset, _seen_as(parent), classes)


def fork(parent: Run, config: RunConfig, which: str = "best", claimed: bool = False) -> Run:
    """Put a new run into the queue that begins with the parent's ``"best"`` or ``"last"`` weights.

    The parent stays as it is. The optimizer begins anew, and layers that do not fit the new settings do too.
    A claimed run is left alone by supervisors.

    Raises:
        RunError: the parent has no such weights yet.
    """
    _weights(parent, which)
    child = create(config, claimed=True)  # no worker may take it before its weights are there
    try:
        hand_down(parent, child.folder, which)
    except OSError as error:
        shutil.rmtree(child.folder, ignore_errors=True)
        raise RunError(f"The weights cannot be copied ({error.strerror}); free some space first.") from error
    if not claimed:
        child.release()
    return child


def hand_down(parent: Run, folder: Path, which: str = "best") -> None:
    """Copy into a folder of a run what it begins with as a fork: weights, and what they were trained on.

    Raises:
        RunError: the parent has no such weights yet, or its settings cannot be read.
        OSError: the folder cannot be written.
    """
    weights = _weights(parent, which)
    note = asdict(Origin.of(parent, which))
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(weights, folder / "checkpoints" / f"{INITIAL}.keras")
    if (parent.folder / TRAINED_ON).is_file():
        shutil.copyfile(parent.folder / TRAINED_ON, folder / PARENT_TRAINED_ON)
    write_json(folder / "fork.json", note)


def _weights(parent: Run, which: str) -> Path:
    weights = parent.checkpoint(which)
    if weights is None:
        raise RunError(f"The run {parent.id} has no {which} weights yet; let it finish an epoch first.")
    return weights


def origin(run: Run) -> Origin | None:
    """Return where a run was forked from, or None: it was not, or its note cannot be read."""
    try:
        values = reading.document(run.folder / "fork.json")
        found = Origin(
            values["run_id"],
            values["title"],
            values["epoch"],
            values.get("dataset", ""),
            tuple(values.get("seen_as", ())),
            tuple(values.get("classes", ())),
        )
    except (OSError, DamagedError, KeyError, TypeError):
        return None
    texts = all(map(is_text, (found.run_id, found.title, found.dataset, *found.classes)))
    return found if texts and is_whole(found.epoch) else None


def _seen_as(run: Run) -> tuple[int | str, ...]:
    with suppress(RunError):
        seen = run.model_facts.preprocessing
        return seen.height, seen.width, seen.channels, seen.resample, seen.resize_mode
    return ()
