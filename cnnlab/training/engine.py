"""What a worker does: it trains the run of one folder to its end, whatever that end is."""

import os
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from cnnlab import architectures, datasets
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Metrics, Run, Status, metrics, status
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.metrics import MetricsLog
from cnnlab.training import devices
from cnnlab.training.callbacks.checkpoints import SaveCheckpoints
from cnnlab.training.callbacks.early_stopping import StopEarly
from cnnlab.training.callbacks.learning_rate import FollowSchedule
from cnnlab.training.callbacks.metrics import WriteMetrics
from cnnlab.training.callbacks.progress import ReportProgress
from cnnlab.training.callbacks.stop import StopRequested, StopWhenAsked
from cnnlab.training.config import RunConfig
from cnnlab.training.failures import explain
from cnnlab.training.loop import train
from cnnlab.training.optimizers import optimizer
from cnnlab.training.pipeline import Batches
from cnnlab.training.reporter import Reporter

VALIDATION_BATCH = 256


def execute(run_folder: Path, slot: int = 0, own_process: bool = True) -> None:
    """Train the run in this folder to its end, whatever that end is; never raises for the run's own fault.

    Args:
        run_folder: the folder of a claimed run.
        slot: the number of the GPU to use, where there are any.
        own_process: whether seeds and devices of the whole process may be set. A thread of the server may
            not, so its runs do not repeat exactly.
    """
    run = Run(run_folder)
    me = vars(ProcessId.of(os.getpid()))
    begun = run.status().started or time.time()
    reporter = Reporter(run, state="starting", message="Reading the settings.", process=me, started=begun)
    try:
        _train(run, reporter, slot, own_process)
    except (StopRequested, KeyboardInterrupt):
        kept = "its weights are kept" if run.checkpoint("last") else "it had not learned anything yet"
        reporter.end("stopped", f"Stopped in epoch {reporter.status.epoch + 1}; {kept}.")
    except Exception as error:  # the page shows one sentence, the log keeps the traceback
        traceback.print_exc()
        failure = explain(error)
        reporter.end("failed", f"{failure['message']} {failure['hint']}".strip(), failure)
    else:
        reporter.end("finished", _farewell(reporter.status))


def _farewell(now: Status) -> str:
    if now.epoch < now.epochs:
        return f"Finished early after {now.epoch} epochs: the validation loss no longer fell."
    return f"Finished after {now.epoch} epochs."


@dataclass(frozen=True)
class _Work:
    """What a run trains with, and the history it goes on from (empty for a new run)."""

    model: keras.Model
    training: Batches
    validation: Batches
    history: Metrics


def _train(run: Run, reporter: Reporter, slot: int, own_process: bool) -> None:
    config = RunConfig.from_dict(run.config).validated()
    stop = StopWhenAsked(run)
    stop.check()
    if own_process:
        reporter.update(device=devices.claim(slot))
        keras.utils.set_random_seed(config.seed)
    work = _prepare(run, config, reporter, stop)
    log = MetricsLog(run.folder / "metrics.jsonl")
    best_step, best = _best(work.history)
    checkpoints = SaveCheckpoints(run.folder / "checkpoints", best)
    if best_step and best_step == work.model.optimizer.iterations.numpy():
        checkpoints.keep_last_as_best()  # the worker may have died between the two files
    epochs = range(len(work.history.epochs["epoch"]), reporter.status.epochs or config.epochs)
    callbacks = [
        WriteMetrics(log, work.training, work.history),
        ReportProgress(reporter, work.training, epochs.stop),
        checkpoints,
        FollowSchedule(config, work.history),
        stop,
    ]
    if config.stop_patience:
        callbacks.append(StopEarly(config.stop_patience, work.history))
    everyone = keras.callbacks.CallbackList(callbacks, model=work.model)
    reporter.update(message="Compiling the network; the first batch comes next.")
    try:
        train(work.model, work.training, work.validation, everyone, epochs, config.seed)
    except (StopRequested, KeyboardInterrupt):
        if work.model.optimizer.iterations.numpy():
            checkpoints.save_last()
        raise
    finally:
        log.close()


def _prepare(run: Run, config: RunConfig, reporter: Reporter, stop: StopWhenAsked) -> _Work:
    """Load the pictures and the network; write model.json."""

    def progress(share: float, message: str) -> None:
        stop.check()
        reporter.update(message=f"{message} ({share:.0%})")

    facts = architectures.get(config.architecture)
    size = config.image_size or facts.reference.input_shape[0]
    reporter.update(message=f"Loading {Path(config.dataset).name}.")
    splits = datasets.load(config.dataset, config.changed(image_size=size).load_options(), progress=progress)
    shape = splits.train.images.shape[1:]
    seen_as = Preprocessing(*shape, config.resample, config.fit, config.mean, config.deviation)
    reporter.update(message=f"Building {facts.title}.")
    stop.check()
    if saved := run.checkpoint("last"):
        model = keras.models.load_model(saved, safe_mode=True)  # with its optimizer: never compile it again
    else:
        model = architectures.build(
            config.architecture, seen_as.input_shape, len(splits.classes), **config.options
        )
        model.compile(optimizer(config), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    _write_model_facts(run, config, splits, seen_as)
    return _Work(
        model,
        Batches(splits.train, config.batch_size, seen_as),
        Batches(splits.validation, VALIDATION_BATCH, seen_as),
        _history(run, reporter, last_step=int(model.optimizer.iterations.numpy())),
    )


def _history(run: Run, reporter: Reporter, last_step: int) -> Metrics:
    """Return the history up to the weights at hand, and forget what came after them."""
    metrics.cut(run.folder / "metrics.jsonl", last_step)
    history = run.metrics()
    epochs = history.epochs["epoch"]
    best_step, best = _best(history)
    best_epoch = int(epochs[history.epochs["step"] == best_step][0]) if best_step else None
    reporter.update(step=last_step, epoch=len(epochs), best_epoch=best_epoch, best_val_accuracy=best)
    return history


def _best(history: Metrics) -> tuple[int | None, float | None]:
    """Return the step and the validation accuracy of the best epoch so far."""
    scores = history.epochs["val_accuracy"]
    if not len(scores):
        return None, None
    best = int(np.argmax(scores))
    return int(history.epochs["step"][best]), float(scores[best])


def _write_model_facts(
    run: Run, config: RunConfig, splits: datasets.Splits, preprocessing: Preprocessing
) -> None:
    facts = {
        "architecture": config.architecture,
        "dataset": config.dataset,
        "classes": list(splits.classes),
        "input_shape": list(preprocessing.input_shape),
        "preprocessing": preprocessing.to_dict(),
        "split": {"train": len(splits.train), "validation": len(splits.validation)},
    }
    status.write_json(run.folder / "model.json", facts)
