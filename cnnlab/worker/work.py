"""What each kind of job does, by its name in ``runs.kinds``; what it needs is imported when it is needed.

Each takes the context of its job, looks for a stop now and then, and returns how it ended. A kind of work is
added with a line in ``runs.kinds`` and a function here.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from cnnlab import runs
from cnnlab.errors import RunError
from cnnlab.languages import texts
from cnnlab.runs import Phase, Run
from cnnlab.runs.context import Context
from cnnlab.runs.kinds import (
    CAPSULE,
    EVALUATE,
    EXPORT,
    EXPORT_LESSON,
    OPEN,
    OPEN_LESSON,
    PROJECT,
    PROJECTED,
    RACE,
    RATE_SWEEP,
    TRAIN,
)
from cnnlab.runs.status import Status
from cnnlab.settings import RunConfig
from cnnlab.worker.conclusion import Done


def train(context: Context) -> Done:
    """Train a run to its end."""
    from cnnlab.training import engine

    run = Run(context.job.folder)
    config = run.config.validated()
    _take_device(config, context)
    engine.train(run, config, context)
    return Done(_how_it_finished(context.status))


def rate_sweep(context: Context) -> Done:
    """Look for a learning rate."""
    from cnnlab.training import rate_sweep

    config = RunConfig.from_dict(context.job.request["config"]).validated().changed(devices="one")
    _take_device(config, context)
    rate_sweep.sweep(config, context)
    return Done()


def evaluate(context: Context) -> Done:
    """Measure the best weights of a run on its validation set; the outcome is its evaluation.json."""
    from cnnlab.training import evaluation

    evaluation.evaluate_again(_run(context), _progress(context, Phase.EVALUATING))
    return Done("Evaluated.")


def export(context: Context) -> Done:
    """Make the files of a run to take away; they lie in its folder."""
    from cnnlab import exchange

    exchange.prepared(_run(context), _progress(context, Phase.EXPORTING))
    return Done("Exported.")


def open_run(context: Context) -> Done:
    """Open the ZIP of a run."""
    from cnnlab import exchange

    file, owner = Path(context.job.request["zip"]), context.job.owner
    run = exchange.open_run(file, _progress(context, Phase.IMPORTING), owner)
    return Done("Imported.", {"run_id": run.id, "title": run.title})


def export_lesson(context: Context) -> Done:
    """Pack a lesson with runs into a ZIP, which lies in the job's folder."""
    from cnnlab import lessons
    from cnnlab.exchange import capsule

    lesson = lessons.get(context.job.request["lesson"])
    chosen = [runs.get(run_id) for run_id in context.job.request["runs"]]
    capsule.make(lesson, chosen, context.job.folder / CAPSULE, _progress(context, Phase.EXPORTING))
    return Done("Exported.")


def open_lesson(context: Context) -> Done:
    """Open the ZIP of a lesson."""
    from cnnlab.exchange import capsule

    file, owner = Path(context.job.request["zip"]), context.job.owner
    lesson = capsule.open_lesson(file, _progress(context, Phase.IMPORTING), owner)
    return Done("Imported.", {"lesson": lesson.name, "title": lesson.title})


def project(context: Context) -> Done:
    """Project features float32 ``(N, D)`` onto a plane by t-SNE; the points lie in the job's folder."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    from cnnlab.inference.projection import tsne

    told = _progress(context, Phase.PROJECTING)
    try:
        features = np.load(context.job.request["features"], allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise RunError("The features are not kept any more; compute the projection again.") from error
    with threadpool_limits(1):  # beside a training, threads that wait for each other take many times as long
        points = tsne(
            features, progress=lambda fraction: told(fraction, f"t-SNE, {100 * fraction:.0f} %")
        ).points
    np.save(context.job.folder / PROJECTED, points, allow_pickle=False)
    return Done("Projected.")


def race(context: Context) -> Done:
    """Train the runs of a race in fair turns."""
    from cnnlab.worker import racing

    return racing.race(context)


WORK: Mapping[str, Callable[[Context], Done]] = MappingProxyType(
    {
        TRAIN.name: train,
        RATE_SWEEP.name: rate_sweep,
        EVALUATE.name: evaluate,
        EXPORT.name: export,
        OPEN.name: open_run,
        EXPORT_LESSON.name: export_lesson,
        OPEN_LESSON.name: open_lesson,
        PROJECT.name: project,
        RACE.name: race,
    }
)


def _run(context: Context) -> Run:
    """Return the run that a job is about."""
    return runs.get(context.job.request["run"])


def _progress(context: Context, phase: Phase) -> Callable[[float, str], None]:
    """Return what is told how much is done, 0 to 1, and what is being done; it raises where to stop."""
    context.update(state="running", phase=phase)

    def progress(fraction: float, words: str) -> None:
        context.check()
        context.update(progress=min(1.0, max(0.0, fraction)), message=words)

    progress(0.0, "Beginning.")
    return progress


def _take_device(config: RunConfig, context: Context) -> None:
    """Take the device of a training, with its seeds, where the process is its own."""
    context.check()
    if context.own_process:
        from cnnlab.worker import devices

        context.update(device=devices.take(config, context.slot))


def _how_it_finished(now: Status) -> str:
    epochs = now.epoch
    if epochs < now.epochs:
        return texts(f"Finished early after {epochs} epochs: the validation loss no longer fell.")
    return texts(f"Finished after {epochs} epochs.")
