"""What a worker does: it trains the run of one folder to its end, whatever that end is."""

import traceback
from collections.abc import Callable
from pathlib import Path

import keras

from cnnlab.runs import Phase, Run, Status, status
from cnnlab.runs.metrics import MetricsLog
from cnnlab.training import arithmetic, memory
from cnnlab.training.batch_norm import TrainingStatistics
from cnnlab.training.callbacks.batch_norm import MeasureBatchNorm
from cnnlab.training.callbacks.checkpoints import SaveCheckpoints
from cnnlab.training.callbacks.early_stopping import StopEarly
from cnnlab.training.callbacks.learning_rate import FollowSchedule
from cnnlab.training.callbacks.metrics import WriteMetrics
from cnnlab.training.callbacks.progress import ReportProgress
from cnnlab.training.callbacks.snapshots import SaveSnapshots
from cnnlab.training.callbacks.stop import StopRequested, StopWhenAsked
from cnnlab.training.comparison import compare
from cnnlab.training.conclusion import carry_out
from cnnlab.training.config import RunConfig
from cnnlab.training.evaluation import evaluate_run
from cnnlab.training.features import Learner, ask_front_once
from cnnlab.training.loop import train
from cnnlab.training.preparation import Work, best_of, prepare
from cnnlab.training.reporter import Reporter


def execute(
    run_folder: Path, slot: int = 0, own_process: bool = True, looking: Callable[[], None] = lambda: None
) -> None:
    """Train the run in this folder to its end, whatever that end is; never raises for the run's own fault.

    Args:
        run_folder: the folder of a claimed run.
        slot: the number of the GPU to use, where there are any.
        own_process: whether seeds and devices of the whole process may be set. A thread of the server may
            not, so its runs do not repeat exactly.
        looking: see ``carry_out``.
    """
    carry_out(
        Run(run_folder),
        lambda stop, reporter: _train(stop, reporter, slot, own_process),
        _farewell,
        looking,
    )


def _farewell(now: Status) -> str:
    if now.epoch < now.epochs:
        return f"Finished early after {now.epoch} epochs: the validation loss no longer fell."
    return f"Finished after {now.epoch} epochs."


def _train(stop: StopWhenAsked, reporter: Reporter, slot: int, own_process: bool) -> None:
    run = stop.run
    config = RunConfig.from_dict(run.config).validated()
    stop.check()
    if own_process:
        reporter.update(device=arithmetic.own_process(config, slot))
    with arithmetic.arithmetic(config, all_devices=own_process):
        work = prepare(run, config, reporter, stop)
        with MetricsLog(run.folder / "metrics.jsonl") as log:
            _fit(stop, config, reporter, work, log)
    _evaluate(run, work, reporter, stop)


def _evaluate(run: Run, work: Work, reporter: Reporter, stop: StopWhenAsked) -> None:
    """Measure the best weights; the run has trained to its end, and nothing here may spoil that."""

    def progress(share: float) -> None:
        stop.check()
        reporter.update(message=f"Evaluating the best weights ({share:.0%}).", phase=Phase.EVALUATING)

    def comparing(share: float) -> None:
        stop.check()
        message = f"Evaluating training images and the last weights ({share:.0%})."
        reporter.update(message=message, phase=Phase.EVALUATING)

    try:
        found = evaluate_run(run, work.held_out, progress)
        compare(run, found, work.held_out, work.sample, comparing)
    except (StopRequested, KeyboardInterrupt):
        pass  # it can be evaluated at any time
    except Exception:  # such as a full disk or memory: the log keeps the traceback
        traceback.print_exc()


def _fit(stop: StopWhenAsked, config: RunConfig, reporter: Reporter, work: Work, log: MetricsLog) -> None:
    run = stop.run
    best_step, best = best_of(work.history)
    learner = _learner(stop, config, reporter, work)
    statistics = _statistics(stop, config, learner)
    checkpoints = SaveCheckpoints(run.folder / "checkpoints", best, learner.save, statistics)
    if best_step and best_step == work.model.optimizer.iterations.numpy():
        checkpoints.keep_last_as_best()  # the worker may have died between the two files
    epochs = range(len(work.history.epochs["epoch"]), reporter.status.epochs or config.epochs)
    callbacks = [
        WriteMetrics(log, work.training, work.history),
        ReportProgress(reporter, work.training, epochs.stop, best),
        checkpoints,
        FollowSchedule(run, config, work.history, log),
        stop,
    ]
    if config.stop_patience:
        callbacks.append(StopEarly(config.stop_patience, work.history))
    callbacks.append(
        SaveSnapshots(
            *(run, work.model, learner, work.held_out, statistics, config.seed, epochs.stop, stop.check)
        )
    )
    callbacks.append(statistics)  # the last: at an epoch's end the network is saved before
    everyone = keras.callbacks.CallbackList(callbacks, model=learner.model)
    message = "Compiling the network; the first batch comes next."
    reporter.update(message=message, phase=Phase.COMPILING)
    try:
        with memory.watched(learner.model, learner.training.batch_size):
            train(learner.model, learner.training, learner.validation, everyone, epochs, config.seed)
    except (StopRequested, KeyboardInterrupt):
        checkpoints.save_what_is_new()
        raise


def _statistics(stop: StopWhenAsked, config: RunConfig, learner: Learner) -> MeasureBatchNorm:
    """Return what measures batch norm's statistics, and write down for people on how many images it does."""
    measured = TrainingStatistics(learner.model, learner.training, learner.validation.batch_size, config.seed)
    facts = stop.run.model_facts | {"batch_norm_images": measured.images}
    status.write_json(stop.run.folder / "model.json", facts)
    return MeasureBatchNorm(measured, stop.check)


def _learner(stop: StopWhenAsked, config: RunConfig, reporter: Reporter, work: Work) -> Learner:
    """Return what to train: the network, or its head alone where a frozen front need look only once."""

    def progress(share: float) -> None:
        stop.check()
        message = f"The frozen layers look at each image once ({share:.0%})."
        reporter.update(message=message, phase=Phase.COMPUTING_FEATURES)

    usual = Learner(work.model, work.training, work.validation, work.model.save)
    return ask_front_once(usual, config, progress)
