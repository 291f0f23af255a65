"""Races with made-up results: no network is trained."""

from collections.abc import Sequence
from dataclasses import replace

from cnnlab.runs import jobs
from cnnlab.runs.kinds import RACE
from cnnlab.runs.metrics import MetricsLog
from cnnlab.runs.races import Arm, Plan, Race
from cnnlab.settings import RunConfig
from cnnlab.shelf import write_json


def plan(labels: Sequence[str] = ("slow", "fast"), seeds: Sequence[int] = (0, 1), **settings) -> Plan:
    rates = (0.001 * 2**number for number in range(len(labels)))
    config = RunConfig("lenet5", "digits", **{"epochs": 3, **settings})
    arms = (Arm(label, config.changed(learning_rate=rate)) for label, rate in zip(labels, rates, strict=True))
    return Plan("Slow or fast", tuple(arms), tuple(seeds))


def prepared(some: Plan | None = None) -> Race:
    return Race(jobs.prepared(RACE, (some or plan()).to_dict(), "Not started yet."))


def trained(race: Race, arm: int, seed: int, accuracies: Sequence[float], state: str = "finished") -> None:
    """Let a run of a race have these validation accuracies after its epochs."""
    run = race.begin(arm, seed)
    with MetricsLog(run.folder / "metrics.jsonl") as log:
        for epoch, accuracy in enumerate(accuracies, start=1):
            row = {"epoch": epoch, "step": 10 * epoch, "loss": 1 / epoch, "accuracy": accuracy}
            log.append(
                "epoch", **row, val_loss=1 - accuracy, val_accuracy=accuracy, learning_rate=0.1, seconds=epoch
            )
    run.write_status(replace(run.status(), state=state, epoch=len(accuracies)))


def facts(race: Race, arm: int, seed: int) -> None:
    """Let a run of a race have told how many parameters it has, and on how many images it is validated."""
    known = {"params": 1234, "split": {"train": 100, "validation": 40}}
    path = race.run(arm, seed).folder / "model.json"
    write_json(path, known)
