"""A race on one device: its runs train in turns, an epoch each, all of one seed before the next seed.

Each run has a thread; one of them works at a time, so that neither has more of the device than another and
their seconds can be compared. A run that fails ends alone. What begins a run (loading, building, compiling)
happens within its first turn, and its seeds are set there: it trains as it would alone.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from cnnlab import architectures, datasets, inspection
from cnnlab.errors import CnnLabError, RunError
from cnnlab.languages import texts
from cnnlab.runs import Phase, Run, status
from cnnlab.runs.context import Context, StopRequested
from cnnlab.runs.races import Race
from cnnlab.settings import RunConfig
from cnnlab.shelf import write_json
from cnnlab.worker import devices
from cnnlab.worker.conclusion import Done, carry_out

LOOK_SECONDS = 0.1
TELL_SECONDS = 0.5


class Turns:
    """Whose turn it is among some who take turns; safe to use from their threads."""

    def __init__(self, count: int):
        self._changed = threading.Condition()
        self._left = list(range(count))
        self._now = 0

    def wait(self, number: int) -> None:
        """Return when it is the turn of this one."""
        with self._changed:
            self._changed.wait_for(lambda: self._now == number)

    def over(self, number: int) -> None:
        """End a turn, and return when the next one of the same begins."""
        self._pass_on(number)
        self.wait(number)

    def leave(self, number: int) -> None:
        """End a turn for good."""
        self._pass_on(number)
        with self._changed:
            self._left.remove(number)

    def _pass_on(self, number: int) -> None:
        with self._changed:
            others = [*(n for n in self._left if n > number), *(n for n in self._left if n < number)]
            self._now = others[0] if others else number
            self._changed.notify_all()


def race(context: Context) -> Done:
    """Train all runs of a race to their ends.

    Raises:
        RunError: the race cannot be read, or none of its runs ended well.
        StopRequested: somebody asked for a stop; the runs can go on.
    """
    found = Race(context.job)
    plan = found.plan
    context.update(device=devices.take(plan.arms[0].config.changed(devices="one"), context.slot))
    _write_costs(found)
    context.update(state="running", phase=Phase.TRAINING, epochs=_epochs(found, plan.seeds))
    for number, seed in enumerate(plan.seeds, start=1):
        runs = [_ready(found.begin(arm, seed)) for arm in range(len(plan.arms))]
        seeds, count = len(plan.seeds), len(runs)
        context.update(message=texts(f"Seed {number} of {seeds}: {count} networks take turns."))
        _together(found, [run for run in runs if run.status().state == "queued"], context)
    ended = [found.run(arm, seed).status().state for arm in range(len(plan.arms)) for seed in plan.seeds]
    if "finished" not in ended:
        raise RunError("None of its networks trained to its end; their settings cannot work here.")
    failed, networks = ended.count("failed"), len(ended)
    return Done(f"Finished; {failed} of {networks} networks failed." if failed else "Finished.")


def _write_costs(found: Race) -> None:
    """Write down the MACs of each arm's network, where all of its layers are of a kind that is counted."""
    write_json(found.job.folder / "networks.json", {"macs": [_macs(arm.config) for arm in found.plan.arms]})


def _macs(config: RunConfig) -> int | None:
    try:
        info, network = datasets.get(config.dataset), architectures.get(config.built_from)
        shape = info.native_shape or network.reference.input_shape
        side = config.image_size or network.reference.input_shape[0]
        options = network.without_pretrained(config.options)
        size = (side, side, config.channels or shape[2])
        model = inspection.shape_only_model(config.built_from, size, len(info.classes), **options)
        return inspection.Totals.of(inspection.layer_table(model)).macs
    except CnnLabError:  # its run will say what is wrong
        return None


def _ready(run: Run) -> Run:
    """Let a run that was stopped or lost go on; one that is over stays as it is."""
    now = run.status()
    if now.state in {"stopped", "interrupted"}:
        with suppress(RunError):  # it had trained all its epochs
            run.resume()
            run.claim()
    elif now.is_active:  # of a worker that died this very moment
        run.write_status(replace(now, state="queued", process=None))
    return run


def _together(found: Race, runs: Sequence[Run], context: Context) -> None:
    """Train some runs in turns until all are over."""
    turns = Turns(len(runs))
    threads = [
        threading.Thread(target=_train, args=(run, number, turns), name=run.id, daemon=True)
        for number, run in enumerate(runs)
    ]
    for thread in threads:
        thread.start()
    told = 0.0
    while any(thread.is_alive() for thread in threads):
        threads[0].join(LOOK_SECONDS) if threads[0].is_alive() else time.sleep(LOOK_SECONDS)
        if time.monotonic() - told > TELL_SECONDS:  # it reads the status of each run
            _tell(found, context)
            told = time.monotonic()
        if context.job.stop_requested():
            for run in runs:
                with suppress(RunError):  # it is over already
                    run.request_stop()
    _tell(found, context)
    context.check()
    if any(run.status().state == "stopped" for run in runs):
        raise StopRequested


def _train(run: Run, number: int, turns: Turns) -> None:
    import keras

    from cnnlab.training import engine

    def work(context: Context) -> Done:
        config = run.config.validated()
        context.check()
        keras.utils.set_random_seed(config.seed)
        engine.train(run, config, context, looked_into=False)
        epochs = context.status.epoch
        return Done(f"Finished after {epochs} epochs.")

    turns.wait(number)
    try:
        carry_out(run, work, turn_over=lambda: turns.over(number))
    finally:
        turns.leave(number)


def _epochs(found: Race, seeds: Sequence[int]) -> int:
    return len(seeds) * sum(arm.config.epochs for arm in found.plan.arms)


def _tell(found: Race, context: Context) -> None:
    """Say how many epochs of all are done, and how long the rest takes at the speed until now."""
    plan, done, spent = found.plan, 0, 0.0
    for arm in range(len(plan.arms)):
        for seed in plan.seeds:
            if run := found.begun(arm, seed):
                now = status.read(run.folder / "status.json")
                done, spent = done + now.epoch, spent + now.seconds
    total = context.status.epochs
    left = (total - done) * spent / done if done else None
    context.responsive()
    context.update(epoch=done, progress=min(1.0, done / max(1, total)), seconds_left=left)
