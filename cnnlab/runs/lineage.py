"""Forks: a new run that begins with the weights of another, under settings of its own."""

import shutil
from dataclasses import dataclass, fields
from typing import Any

from cnnlab.errors import RunError
from cnnlab.runs import reading
from cnnlab.runs.creation import create
from cnnlab.runs.reading import DamagedError, is_text, is_whole
from cnnlab.runs.run import Run
from cnnlab.runs.status import write_json

INITIAL = "initial"
"""The checkpoint with the weights a fork begins with: a copy, so that its parent may be deleted."""
TRAINED_ON = "trained_on.npz"
"""Which pictures a run was trained on; a fork has its parent's under another name."""
PARENT_TRAINED_ON = "parent_trained_on.npz"


@dataclass(frozen=True)
class Origin:
    """Where a fork comes from: the parent's id and title, and the epoch of its weights."""

    run_id: str
    title: str
    epoch: int


def fork(parent: Run, config: dict[str, Any], which: str = "best", claimed: bool = False) -> Run:
    """Put a new run into the queue that begins with the parent's ``"best"`` or ``"last"`` weights.

    The parent stays as it is. The optimizer begins anew, and layers that do not fit the new settings do too.
    A claimed run is left alone by supervisors.

    Raises:
        RunError: the parent has no such weights yet.
    """
    weights = parent.checkpoint(which)
    if weights is None:
        raise RunError(f"The run {parent.id} has no {which} weights yet; let it finish an epoch first.")
    child = create(config, claimed=True)  # no worker may take it before its weights are there
    now = parent.status()
    epoch = now.best_epoch if which == "best" else now.epoch
    note = {"run_id": parent.id, "title": parent.title, "epoch": epoch or now.epoch}
    try:
        shutil.copyfile(weights, child.folder / "checkpoints" / f"{INITIAL}.keras")
        if (parent.folder / TRAINED_ON).is_file():
            shutil.copyfile(parent.folder / TRAINED_ON, child.folder / PARENT_TRAINED_ON)
        write_json(child.folder / "fork.json", note)
    except OSError as error:
        shutil.rmtree(child.folder, ignore_errors=True)
        raise RunError(f"The weights cannot be copied ({error.strerror}); free some space first.") from error
    if not claimed:
        child.release()
    return child


def origin(run: Run) -> Origin | None:
    """Return where a run was forked from, or None: it was not, or its note cannot be read."""
    try:
        values = reading.document(run.folder / "fork.json")
    except (OSError, DamagedError):
        return None
    found = Origin(*(values.get(field.name) for field in fields(Origin)))
    return found if is_text(found.run_id) and is_text(found.title) and is_whole(found.epoch) else None
