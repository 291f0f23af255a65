"""``train``, ``resume``, ``runs`` and ``stop``: training in the foreground, and what was trained."""

import argparse
import math
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from cnnlab import architectures, datasets, runs, training
from cnnlab.cli.output import Answer, ProgressBar, percent, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.errors import RunError
from cnnlab.training import RunConfig, recipes

POLL_SECONDS = 0.1

SETTINGS = {
    "architecture": ("A", "network, see `architectures`"),
    "dataset": ("D", "dataset, see `datasets`; or a folder with one folder per class, or a ZIP of it"),
    "options": ("NAME=VALUE", "choices of the network, such as unfreeze_blocks=2"),
    "epochs": ("N", "times through the training pictures"),
    "batch_size": ("B", "pictures per step"),
    "optimizer": ("O", ", ".join(training.OPTIMIZERS)),
    "learning_rate": ("R", "step size; default: Keras's own for the optimizer"),
    "momentum": ("M", "of SGD and RMSprop"),
    "nesterov": (None, "look ahead with the momentum of SGD"),
    "schedule": ("HOW", "of the learning rate: constant, step, exponential, cosine or plateau"),
    "schedule_factor": ("F", "times this at each step, epoch (exponential) or plateau"),
    "schedule_epochs": ("N", "epochs at which the step schedule drops the rate"),
    "schedule_patience": ("N", "epochs without a lower validation loss that make a plateau"),
    "warm_up_epochs": ("N", "epochs in which the rate climbs to its first value"),
    "stop_patience": ("N", "stop early after N epochs without a lower validation loss"),
    "image_size": ("S", "resize to S by S pixels; default: as the dataset has them"),
    "channels": ("C", "1 gray, 3 colour; default: as the dataset has them"),
    "seed": ("K", "fixes the split, the order and the first weights"),
    "validation_share": ("V", "part of the pictures kept for validation"),
    "split_by": ("HOW", "random; group (each person on one side only); given (the dataset's own test part)"),
    "resample": ("HOW", "area or bilinear"),
    "fit": ("HOW", "squash or crop pictures that are not square"),
    "max_per_class": ("N", "use at most N pictures of a class"),
    "mean": ("PIXEL", "subtracted first: one number, or one per channel, 0 to 255"),
    "deviation": ("PIXEL", "divided by next: one number, or one per channel"),
    "title": ("TEXT", "what to call the run"),
    "recipe": ("NAME", "start from these settings, see `recipes`; other options override it"),
}
"""Option value and help of every setting."""


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    train = verbs.add_parser("train", help="train a network; Ctrl-C stops it and keeps the weights")
    kinds = get_type_hints(RunConfig)
    for name, (metavar, what) in SETTINGS.items():
        option = {"help": what, "default": argparse.SUPPRESS} | _option(kinds[name])
        if metavar:
            option["metavar"] = metavar
        train.add_argument(f"--{name.replace('_', '-')}", **option)
    train.set_defaults(verb=_train, usage_error=train.error)

    resume = verbs.add_parser("resume", help="go on with a run that is over, from its last weights")
    resume.add_argument("run", metavar="RUN")
    resume.add_argument("--epochs", metavar="TOTAL", type=int, help="train to this many epochs in total")
    resume.set_defaults(verb=_resume)

    verbs.add_parser("runs", help="list the runs, the newest first").set_defaults(verb=_runs)
    stop = verbs.add_parser("stop", help="stop a run and keep its weights")
    stop.add_argument("run", metavar="RUN")
    stop.set_defaults(verb=_stop)


def _option(kind: Any) -> dict[str, Any]:
    """Return how argparse reads a setting of this type; ``int | None`` reads as int."""
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    if get_origin(kind) is dict:
        return {"type": _name_and_value, "nargs": "+"}
    if get_origin(kind) is tuple:
        return {"type": get_args(kind)[0], "nargs": "+"}
    return {"type": next(t for t in (int, float, str) if t in (kind, *get_args(kind)))}


def _name_and_value(text: str) -> tuple[str, str | int]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, int(value) if value.isdecimal() else value


def _train(arguments: argparse.Namespace) -> Answer:
    config = _config(arguments)
    import_tensorflow()
    architectures.get(config.architecture)
    return _trained(runs.create(config.to_dict(), claimed=True))


def _resume(arguments: argparse.Namespace) -> Answer:
    run = runs.get(arguments.run)
    import_tensorflow()
    run.resume(arguments.epochs)
    if not run.claim():
        raise RunError(f"A server has taken the run {run.id} up; watch it there.")
    return _trained(run)


def _trained(run: runs.Run) -> Answer:
    """Train a claimed run in this process, then tell how it ended."""
    with _interrupt_stops(run), _progress_shown(run), _printing_into_the_log(run):
        training.execute(run.folder)
    return _outcome(run)


def _config(arguments: argparse.Namespace) -> RunConfig:
    flags = {
        field.name: getattr(arguments, field.name) for field in fields(RunConfig) if field.name in arguments
    }
    flags |= {"options": dict(flags["options"])} if "options" in flags else {}
    flags |= {name: tuple(value) for name, value in flags.items() if isinstance(value, list)}
    if "recipe" in flags:
        config = recipes.get(flags["recipe"]).config.changed(**flags)
    elif {"architecture", "dataset"} <= flags.keys():
        config = RunConfig(**flags)
    else:
        arguments.usage_error("give --recipe NAME, or --architecture A and --dataset D")
    return config.validated().changed(dataset=_found(config.dataset))


def _found(dataset: str) -> str:
    """Return a dataset's name, or a folder's or ZIP's absolute path: later commands may start elsewhere."""
    datasets.get(dataset)
    return dataset if dataset in datasets.names() else str(Path(dataset).resolve())


@contextmanager
def _interrupt_stops(run: runs.Run) -> Iterator[None]:
    """Let the first Ctrl-C ask the run to stop; the second one ends the program."""

    def ask(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        with suppress(RunError):  # it has just ended by itself
            run.request_stop()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress_shown(run: runs.Run) -> Iterator[None]:
    """Draw a progress bar from the run's folder, as a page does, while the block trains."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(POLL_SECONDS):
            _draw(bar, run.status())
        _draw(bar, run.status())

    watcher = threading.Thread(target=watch, name="progress")
    with ProgressBar() as bar:
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()


@contextmanager
def _printing_into_the_log(run: runs.Run) -> Iterator[None]:
    """Keep what training prints, tracebacks too, where a worker's prints go."""
    with (run.folder / "log.txt").open("a") as log, redirect_stdout(log), redirect_stderr(log):
        yield


def _draw(bar: ProgressBar, now: runs.Status) -> None:
    steps = now.epochs * now.steps_per_epoch
    words = [f"epoch {min(now.epoch + 1, now.epochs)} of {now.epochs}"] if steps else [now.message]
    if now.images_per_second:
        words.append(f"{now.images_per_second:,.0f} images/s")
    if now.best_val_accuracy is not None:
        words.append(f"best validation accuracy {percent(now.best_val_accuracy)}")
    bar(now.step / steps if steps else 0, ", ".join(words))


def _outcome(run: runs.Run) -> Answer:
    now = run.status()
    final = {
        name: None if math.isnan(column[-1]) else float(column[-1])
        for name, column in run.metrics().epochs.items()
        if len(column) and name not in {"epoch", "step", "seconds"}
    }
    document = {
        "run_id": run.id,
        "state": now.state,
        "epochs": now.epoch,
        "best_epoch": now.best_epoch,
        "best_val_accuracy": now.best_val_accuracy,
        "final": final,
        "seconds": now.seconds,
        "device": now.device,
        "folder": str(run.folder),
    }
    lines = [f"{run.id} {now.state} after {now.epoch} of {now.epochs} epochs, {now.seconds:.1f} s."]
    if now.best_epoch:
        accuracy = percent(now.best_val_accuracy)
        lines.append(f"Best validation accuracy: {accuracy}, in epoch {now.best_epoch}.")
    if run.checkpoint("last"):
        lines.append(f"Ask it: python -m cnnlab classify {run.id} IMAGE")
    failure = now.message if now.state in {"failed", "interrupted"} else ""
    return Answer(document, "\n".join(lines), failure)


def _runs(_: argparse.Namespace) -> Answer:
    documents = [_facts(run) for run in runs.list_runs()]
    rows = [
        (
            *(facts["run_id"], facts["state"], facts["architecture"], facts["dataset"]),
            f"{facts['epoch']}/{facts['epochs']}",
            percent(facts["best_val_accuracy"]),
            f"{facts['seconds']:.0f} s",
            datetime.fromtimestamp(facts["created"]).strftime("%Y-%m-%d %H:%M"),
        )
        for facts in documents
    ]
    header = ("run", "state", "network", "dataset", "epochs", "best accuracy", "trained", "made")
    return Answer(documents, table(header, rows) if rows else "There are no runs yet.")


def _facts(run: runs.Run) -> dict[str, Any]:
    now = run.status()
    config: dict[str, Any] = {}
    with suppress(RunError):  # one damaged run must not hide the others
        config = run.config
    names = ("state", "message", "epoch", "epochs", "best_epoch", "best_val_accuracy", "seconds", "device")
    return {
        "run_id": run.id,
        "architecture": config.get("architecture"),
        "dataset": config.get("dataset"),
        **{name: getattr(now, name) for name in (*names, "created", "started", "ended")},
        "config": config,
    }


def _stop(arguments: argparse.Namespace) -> Answer:
    run = runs.get(arguments.run)
    run.request_stop()
    state = run.status().state
    return Answer({"run_id": run.id, "state": state}, f"{run.id}: {state}.")
