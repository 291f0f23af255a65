"""One training, from the settings of a run to its evaluation; the process around it is ``worker``."""

import traceback

import keras

from cnnlab.languages import texts
from cnnlab.runs import Phase, Run
from cnnlab.runs.context import Context, StopRequested
from cnnlab.runs.metrics import MetricsLog
from cnnlab.settings import RunConfig
from cnnlab.shelf import write_json
from cnnlab.training import precision
from cnnlab.training.batch_norm import TrainingStatistics
from cnnlab.training.callbacks.averaging import UseAveragedWeights
from cnnlab.training.callbacks.batch_norm import MeasureBatchNorm
from cnnlab.training.callbacks.checkpoints import SaveCheckpoints
from cnnlab.training.callbacks.early_stopping import StopEarly
from cnnlab.training.callbacks.learning_rate import FollowSchedule
from cnnlab.training.callbacks.metrics import WriteMetrics
from cnnlab.training.callbacks.progress import ReportProgress
from cnnlab.training.callbacks.snapshots import SaveSnapshots
from cnnlab.training.callbacks.stop import StopWhenAsked
from cnnlab.training.callbacks.turns import TakeTurns
from cnnlab.training.comparison import compare
from cnnlab.training.evaluation import evaluate_run
from cnnlab.training.features import Learner, run_base_once
from cnnlab.training.loop import train as train_epochs
from cnnlab.training.preparation import Work, best_of, prepare


def train(run: Run, config: RunConfig, context: Context, looked_into: bool = True) -> None:
    """Train a run to its end, and evaluate its best weights.

    Args:
        run: its folder.
        config: its settings, checked.
        context: what to tell how far it is, and what to hear of a stop from.
        looked_into: whether snapshots are taken after epochs, and the best weights evaluated at the end.

    Raises:
        CnnLabError: a setting, the dataset or the network cannot work; the message says what to do.
        StopRequested: somebody asked for a stop; what was learned until then is saved.
        LossNotFiniteError: the loss became NaN or infinite.
    """
    with precision.applied(config, all_devices=context.own_process):
        work = prepare(run, config, context)
        with MetricsLog(run.folder / "metrics.jsonl") as log:
            _fit(run, config, context, work, log, looked_into)
    if looked_into:
        _evaluate(run, work, context)


def _evaluate(run: Run, work: Work, context: Context) -> None:
    """Measure the best weights; the run has trained to its end, and nothing here may spoil that."""

    def progress(fraction: float) -> None:
        context.check()
        context.update(
            message=texts(f"Evaluating the best weights ({100 * fraction:.0f} %)."), phase=Phase.EVALUATING
        )

    def comparing(fraction: float) -> None:
        context.check()
        message = texts(f"Evaluating training images and the last weights ({100 * fraction:.0f} %).")
        context.update(message=message, phase=Phase.EVALUATING)

    try:
        found = evaluate_run(run, work.held_out, progress)
        compare(run, found, work.held_out, work.sample, comparing)
    except (StopRequested, KeyboardInterrupt):
        pass  # it can be evaluated at any time
    except Exception:  # such as a full disk or memory: the log keeps the traceback
        traceback.print_exc()


def _fit(
    run: Run, config: RunConfig, context: Context, work: Work, log: MetricsLog, looked_into: bool
) -> None:
    best_step, best = best_of(work.history)
    learner = _learner(config, context, work)
    statistics = _statistics(run, config, context, learner)
    averaging = UseAveragedWeights()
    checkpoints = SaveCheckpoints(run.folder / "checkpoints", best, learner.save, statistics, averaging)
    if best_step and best_step == work.model.optimizer.iterations.numpy():
        checkpoints.keep_last_as_best()  # the worker may have died between the two files
    epochs = range(len(work.history.epochs["epoch"]), context.status.epochs or config.epochs)
    written = WriteMetrics(log, work.training, work.history)
    callbacks = [
        written,
        ReportProgress(context, work.training, epochs.stop, best),
        checkpoints,
        FollowSchedule(run, config, work.history, log),
        StopWhenAsked(context),
    ]
    if config.stop_patience:
        callbacks.append(StopEarly(config.stop_patience, work.history))
    if looked_into:
        facts = (run, work.model, learner, work.held_out, statistics, config.seed, epochs.stop, context.check)
        callbacks.append(SaveSnapshots(*facts))
    # Behind these, at an epoch's end the network is saved before; statistics are those of averaged weights.
    callbacks += [averaging, statistics]
    callbacks.append(TakeTurns(context, written))
    everyone = keras.callbacks.CallbackList(callbacks, model=learner.model)
    message = texts("Compiling the network; the first batch comes next.")
    context.update(message=message, phase=Phase.COMPILING)
    try:
        with context.watching_memory(learner.model, learner.training.batch_size):
            train_epochs(learner.model, learner.training, learner.validation, everyone, epochs, config.seed)
    except (StopRequested, KeyboardInterrupt):
        checkpoints.save_what_is_new()
        raise


def _statistics(run: Run, config: RunConfig, context: Context, learner: Learner) -> MeasureBatchNorm:
    """Return what measures batch norm's statistics, and write down for people on how many images it does."""
    measured = TrainingStatistics(learner.model, learner.training, learner.validation.batch_size, config.seed)
    facts = run.model_facts.changed(batch_norm_images=measured.images)
    write_json(run.folder / "model.json", facts.to_dict())
    return MeasureBatchNorm(measured, context.check)


def _learner(config: RunConfig, context: Context, work: Work) -> Learner:
    """Return what to train: the network, or its head alone where a frozen base need look only once."""

    def progress(fraction: float) -> None:
        context.check()
        message = texts(f"The frozen layers look at each image once ({100 * fraction:.0f} %).")
        context.update(message=message, phase=Phase.COMPUTING_FEATURES)

    usual = Learner(work.model, work.training, work.validation, work.model.save)
    return run_base_once(usual, config, progress)
