"""``runs`` and ``stop``: what was trained, and an end to what trains."""

import argparse
from contextlib import suppress
from datetime import datetime
from typing import Any

from cnnlab import runs
from cnnlab.cli.output import Answer, table
from cnnlab.errors import RunError
from cnnlab.inference import ImageCount, accuracy_in_words


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    verbs.add_parser("runs", help="list the runs, the newest first").set_defaults(verb=_runs)
    stop = verbs.add_parser("stop", help="stop a run and keep its weights")
    stop.add_argument("run", metavar="RUN")
    stop.set_defaults(verb=_stop)


def _runs(_: argparse.Namespace) -> Answer:
    documents = [_facts(seen) for seen in runs.overview(0)]
    rows = [
        (
            *(facts["run_id"], facts["state"], facts["architecture"], facts["dataset"]),
            f"{facts['epoch']}/{facts['epochs']}",
            _accuracy(facts["best_val_accuracy"], facts["validation_pictures"]),
            f"{facts['seconds']:.0f} s",
            datetime.fromtimestamp(facts["created"]).strftime("%Y-%m-%d %H:%M"),
        )
        for facts in documents
    ]
    header = ("run", "state", "network", "dataset", "epochs", "best validation accuracy", "time", "created")
    return Answer(documents, table(header, rows) if rows else "There are no runs yet.")


def _facts(seen: runs.Overview) -> dict[str, Any]:
    run, now = seen.run, seen.status
    config: dict[str, Any] = {}
    with suppress(RunError):  # one damaged run must not hide the others
        config = run.config.to_dict()
    names = ("message", "epoch", "epochs", "best_epoch", "best_val_accuracy", "seconds", "device")
    return {
        "run_id": run.id,
        "architecture": seen.architecture or None,
        "dataset": seen.dataset or None,
        "validation_pictures": ImageCount.of(seen),
        "leaked": seen.leaked,
        "state": seen.state,
        "damage": seen.damage,
        **{name: getattr(now, name) for name in (*names, "created", "started", "ended")},
        "config": config,
    }


def _accuracy(best: float | None, images: int | None) -> str | None:
    return None if best is None else accuracy_in_words(best, images)


def _stop(arguments: argparse.Namespace) -> Answer:
    run = runs.get(arguments.run)
    run.request_stop()
    state = run.status().state
    return Answer({"run_id": run.id, "state": state}, f"{run.id}: {state}.")
