"""Forks: a new run that begins with the weights of another, under settings of its own."""

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cnnlab.errors import RunError
from cnnlab.runs.creation import create
from cnnlab.runs.run import Run
from cnnlab.runs.status import write_json

INITIAL = "initial"
"""The checkpoint with the weights a fork begins with: a copy, so that its parent may be deleted."""
TRAINED_ON = "trained_on.npz"
"""Which pictures a run was trained on; a fork has its parent's under another name."""
PARENT_TRAINED_ON = "parent_trained_on.npz"


@dataclass(frozen=True)
class Origin:
    """Where a fork comes from: the parent's id, title and classes, and the epoch of its weights."""

    run_id: str
    title: str
    epoch: int
    classes: tuple[str, ...] = ()


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
    with suppress(RunError):
        note["classes"] = parent.model_facts.get("classes", [])
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
        values = json.loads((run.folder / "fork.json").read_bytes())
        classes = tuple(map(str, values.get("classes", ())))
        return Origin(str(values["run_id"]), str(values["title"]), int(values["epoch"]), classes)
    except (OSError, ValueError, TypeError, KeyError):
        return None
