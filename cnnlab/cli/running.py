"""``train``, ``resume`` and ``fork``: training in the foreground."""

import argparse
import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import asdict
from typing import Any

from cnnlab import architectures, cluster, runs, training, worker
from cnnlab.cli import settings
from cnnlab.cli.output import Answer, ProgressBar
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.errors import RunError
from cnnlab.inference import accuracy_in_words, validation_count
from cnnlab.runs.job import Job
from cnnlab.settings import RunConfig
from cnnlab.training import terms
from cnnlab.training.overfitting import overfitting
from cnnlab.training.pinning import pinned
from cnnlab.training.verdict import verdict

POLL_SECONDS = 0.1


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    train = verbs.add_parser("train", help="train a network; Ctrl-C stops it and keeps the weights")
    settings.add_to(train)
    train.set_defaults(verb=_train, usage_error=train.error)

    resume = verbs.add_parser("resume", help="resume a run from its last weights and optimizer state")
    resume.add_argument("run", metavar="RUN")
    resume.add_argument("--epochs", metavar="TOTAL", type=int, help="total number of epochs")
    resume.set_defaults(verb=_resume)

    fork = verbs.add_parser(
        "fork", help="train a new run from the weights of another, with settings changed (fine-tuning)"
    )
    fork.add_argument("run", metavar="RUN")
    fork.add_argument(
        "--weights",
        choices=("best", "last"),
        default="best",
        help="initial weights: those of the best or the last epoch",
    )
    settings.add_to(fork, without=("recipe",))
    fork.set_defaults(verb=_fork)


def _train(arguments: argparse.Namespace) -> Answer:
    config = settings.config(arguments)
    import_tensorflow()
    architectures.get(config.architecture)
    titled = config if config.title else config.changed(title=_title(config))
    return _trained(runs.create(pinned(titled), claimed=True))


def _title(config: RunConfig) -> str:
    return " on ".join(terms.said(name, getattr(config, name)) for name in ("architecture", "dataset"))


def _resume(arguments: argparse.Namespace) -> Answer:
    run = runs.get(arguments.run)
    import_tensorflow()
    training.dataset_here(run)
    run.resume(arguments.epochs)
    if not run.claim():
        raise RunError(f"A server has taken the run {run.id} up; watch it there.")
    return _trained(run)


def _fork(arguments: argparse.Namespace) -> Answer:
    parent = runs.get(arguments.run)
    before = parent.config
    config = settings.changed(before, arguments)
    if config.architecture != before.architecture:
        config = pinned(config)
    import_tensorflow()
    return _trained(runs.fork(parent, config, arguments.weights, claimed=True))


def _trained(run: runs.Run) -> Answer:
    """Train a claimed run in this process, or on the cluster, then tell how it ended."""
    launcher = cluster.launcher()
    if launcher:
        launcher.launch(run, None)
        with interrupt_stops(run), progress_shown(run):
            _follow(run)
        launcher.close()
    else:
        with interrupt_stops(run), progress_shown(run), printing_into_the_log(run):
            worker.execute(run.folder)
    return _outcome(run)


def _follow(run: runs.Run) -> None:
    """Wait until a run is over that the cluster has; it goes on if this program ends."""
    while run.status().is_active:
        time.sleep(POLL_SECONDS)


@contextmanager
def interrupt_stops(run: Job) -> Iterator[None]:
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
def progress_shown(run: Job) -> Iterator[None]:
    """Draw a progress bar from the run's folder, as a page does, while the block trains."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(POLL_SECONDS):
            _draw(bar, run)
        _draw(bar, run)

    watcher = threading.Thread(target=watch, name="progress")
    with ProgressBar() as bar:
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()


@contextmanager
def printing_into_the_log(run: Job) -> Iterator[None]:
    """Keep what training prints, tracebacks too, where a worker's prints go."""
    with (run.folder / "log.txt").open("a") as log, redirect_stdout(log), redirect_stderr(log):
        yield


def _draw(bar: ProgressBar, run: Job) -> None:
    now = run.status()
    if not isinstance(run, runs.Run):
        bar(now.progress, now.message)
        return
    steps = now.epochs * now.steps_per_epoch
    words = [f"epoch {min(now.epoch + 1, now.epochs)} of {now.epochs}"] if steps else [now.message]
    if now.images_per_second:
        words.append(f"{now.images_per_second:,.0f} images/s")
    if now.best_val_accuracy is not None:
        best = accuracy_in_words(now.best_val_accuracy, validation_count(run))
        words.append(f"best validation accuracy {best}")
    bar(now.step / steps if steps else 0, ", ".join(words))


def _outcome(run: runs.Run) -> Answer:
    now = run.status()
    final = {
        name: None if math.isnan(column[-1]) else float(column[-1])
        for name, column in run.metrics().epochs.items()
        if len(column) and name not in {"epoch", "step", "seconds"}
    }
    images, judged, hint = validation_count(run), verdict(run), overfitting(run)
    document = {
        "run_id": run.id,
        "state": now.state,
        "epochs": now.epoch,
        "best_epoch": now.best_epoch,
        "best_val_accuracy": now.best_val_accuracy,
        "validation_pictures": images,
        "leaked": images.leaked if images else 0,
        "final": final,
        "overfitting": hint,
        "verdict": judged and asdict(judged),
        "seconds": now.seconds,
        "device": now.device,
        "folder": str(run.folder),
    }
    lines = [f"{run.id} {now.state} after {now.epoch} of {now.epochs} epochs, {now.seconds:.1f} s."]
    if now.best_epoch and now.best_val_accuracy is not None:
        accuracy = accuracy_in_words(now.best_val_accuracy, images)
        lines.append(f"Best validation accuracy: {accuracy}, in epoch {now.best_epoch}.")
    lines += [str(said) for said in (judged, hint) if said]
    with suppress(RunError):
        lines += filter(None, [run.model_facts.note])
    if run.checkpoint("last"):
        lines.append(f"Predict with it: python -m cnnlab classify {run.id} IMAGE")
    failure = now.message if now.state in {"failed", "interrupted"} else ""
    return Answer(document, "\n".join(lines), failure)
