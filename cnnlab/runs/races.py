"""Races: runs that differ in what their labels say, trained in fair turns by one job.

jobs/race-<16 hex>/         a job of the kind "race", see ``job``; its request is ``Plan.to_dict``
    runs/arm-0-seed-0/ …    the run of an arm with a seed, like any other run
    parent/                 of futures of a run: the weights they begin with, as a fork has them
    networks.json           what its networks cost: {"macs": [of each arm, for one image forward]}

The folder stays until somebody deletes it, and a race that was stopped goes on from its runs' last epochs.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cnnlab import access
from cnnlab.access import limits
from cnnlab.errors import ConfigError, RunError, WorkspaceError
from cnnlab.languages import texts
from cnnlab.runs import creation, jobs, lineage, reading
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import RACE
from cnnlab.runs.reading import DamagedError
from cnnlab.runs.run import Run
from cnnlab.settings import RunConfig

MOST_ARMS, MOST_SEEDS = 10, 20
FEWEST_RUNS = 2
LABEL_LENGTH = 40
PARENT = "parent"
_EXPERIMENT = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True)
class Arm:
    """One of the sides: its label, and the settings that it trains with but for the seed."""

    label: str
    config: RunConfig


@dataclass(frozen=True)
class Plan:
    """What a race is to find out: ``arms`` are trained with each of ``seeds``, which fix the split as well.

    ``experiment`` is the name of the ready experiment that it follows, or empty.
    """

    title: str
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    experiment: str = ""

    def checked(self) -> "Plan":
        """Return this plan.

        Raises:
            ConfigError: too few or too many arms or seeds, a label twice, or a setting that cannot work.
        """
        labels = [arm.label for arm in self.arms]
        if not 1 <= len(labels) <= MOST_ARMS:
            raise ConfigError(f"A race has at most {MOST_ARMS} sides, not {len(labels)}.")
        if len(labels) * len(self.seeds) < FEWEST_RUNS:
            raise ConfigError("A race has two sides or more, or two seeds.")
        if len(set(labels)) < len(labels) or not all(0 < len(label) <= LABEL_LENGTH for label in labels):
            raise ConfigError(f"Each side needs a label of its own, of at most {LABEL_LENGTH} characters.")
        if not 1 <= len(set(self.seeds)) == len(self.seeds) <= MOST_SEEDS:
            raise ConfigError(f"A race has 1 to {MOST_SEEDS} seeds, each once.")
        for arm in self.arms:
            for seed in self.seeds:
                arm.config.changed(seed=seed).validated()
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        arms = [{"label": arm.label, "config": arm.config.to_dict()} for arm in self.arms]
        rest = {"title": self.title, "seeds": list(self.seeds), "experiment": self.experiment}
        return rest | {"arms": arms}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Plan":
        """Return the plan of ``to_dict``, whoever wrote it.

        Raises:
            ConfigError: a part is missing, of the wrong type or out of its range.
        """
        arms, seeds = content.get("arms"), content.get("seeds")
        if not (isinstance(arms, list) and isinstance(seeds, list)):
            raise ConfigError("A race has a title, sides and seeds.")
        title, experiment = content.get("title"), content.get("experiment", "")
        whole = all(type(seed) is int for seed in seeds)
        if not (whole and isinstance(title, str) and isinstance(experiment, str)):
            raise ConfigError("A race has a title, sides and seeds.")
        if experiment and not _EXPERIMENT.fullmatch(experiment):
            raise ConfigError("The name of an experiment has small letters, digits and hyphens.")
        if not all(isinstance(arm, dict) and isinstance(arm.get("label"), str) for arm in arms):
            raise ConfigError("Each side of a race has a label and settings.")
        read = [Arm(arm["label"], RunConfig.from_untrusted(arm.get("config"))) for arm in arms]
        return cls(title[:200], tuple(read), tuple(seeds), experiment).checked()


class Race:
    """A handle on a race's folder. It keeps nothing but the plan, which never changes."""

    def __init__(self, job: Job):
        self.job = job

    @property
    def id(self) -> str:
        """The name of its folder, and its address."""
        return self.job.id

    @cached_property
    def plan(self) -> Plan:
        """What it is to find out.

        Raises:
            RunError: job.json is missing or damaged.
        """
        try:
            return Plan.from_dict(self.job.request)
        except ConfigError as error:
            raise RunError(f"This race cannot be read: {error} Start it again.") from error

    def run(self, arm: int, seed: int) -> Run:
        """Return the run of an arm, counted from 0, with a seed; it may not have begun."""
        return Run(self.job.folder / "runs" / f"arm-{arm}-seed-{seed}")

    def begun(self, arm: int, seed: int) -> Run | None:
        """Return the run of an arm with a seed, or None while it has not begun."""
        run = self.run(arm, seed)
        return run if (run.folder / "status.json").is_file() else None

    def begin(self, arm: int, seed: int) -> Run:
        """Return the run of an arm with a seed for the worker of the race, made where it is not there.

        Raises:
            OSError: its folder cannot be written.
        """
        if (run := self.begun(arm, seed)) is None:
            folder = self.run(arm, seed).folder
            shutil.rmtree(folder, ignore_errors=True)  # of a worker that died while it made it
            folder.mkdir(parents=True)
            run = creation.furnished(folder, self.plan.arms[arm].config.changed(seed=seed), claimed=True)
            if (parent := self.job.folder / PARENT).is_dir():
                shutil.copytree(parent, folder, dirs_exist_ok=True)
        return run

    def macs(self) -> dict[int, int]:
        """Return the MACs of an image's forward pass of each arm, as far as its worker has told them."""
        try:
            known = reading.document(self.job.folder / "networks.json").get("macs")
        except (OSError, DamagedError):
            return {}
        if not isinstance(known, list):
            return {}
        return {arm: count for arm, count in enumerate(known) if type(count) is int and count > 0}

    def delete(self) -> None:
        """Delete the race with its runs.

        Raises:
            RunError: it still waits or works.
            WorkspaceError: the folder cannot be removed.
            AccessError: it is somebody else's.
        """
        access.require(self.job.owner, "delete this race")
        if self.job.status().is_active:
            raise RunError("This race is still at work; stop it first.")
        try:
            shutil.rmtree(self.job.folder)
        except OSError as error:
            raise WorkspaceError(f"{self.job.folder} cannot be removed ({error.strerror}).") from error


def futures(parent: Run, which: str, plan: Plan) -> Race:
    """Put a race into the queue whose sides all begin with the weights of a run, which goes on as it was.

    Args:
        parent: the run, which may still be at work.
        which: "best" or "last": the weights to begin with.
        plan: what to do with them; its seed should be the run's, so that the validation images are the same.

    Raises:
        RunError: the run has no such weights yet, or they cannot be copied.
        WorkspaceError: the race cannot be written.
        AccessError: a student has enough of them at once, no disk space left, or asks for too large runs.
    """
    with suppress(RunError):  # its network is not built yet
        limits.check_settings(parameters=parent.model_facts.params)
    race = Race(jobs.prepared(RACE, plan.checked().to_dict(), texts("Its weights are being copied.")))
    try:
        lineage.hand_down(parent, race.job.folder / PARENT, which)
    except (OSError, RunError) as error:
        shutil.rmtree(race.job.folder, ignore_errors=True)
        if isinstance(error, RunError):
            raise
        raise RunError(f"The weights cannot be copied ({error.strerror}); free some space.") from error
    jobs.resume(race.job)
    return race


def get(race_id: str) -> Race:
    """Return the race with this id.

    Raises:
        RunNotFoundError: there is none, or the text cannot be an id.
        RunError: the folder is no race's, or damaged.
    """
    job = jobs.get(race_id)
    if job.kind is not RACE:
        raise RunError("There is no race with this address; choose one from the list.")
    return Race(job)


def listed() -> Iterator[Race]:
    """Yield all races that can be read, the newest first."""
    folders: list[Path] = sorted(jobs.jobs_dir().glob(f"{RACE.name}-*"), key=lambda f: -f.stat().st_mtime)
    for folder in folders:
        if jobs.JOB_ID.fullmatch(folder.name) and (folder / "status.json").is_file():
            yield Race(Job(folder))
