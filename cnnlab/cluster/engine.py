"""What Ray and Slurm have in common, as far as it is needed: submit, look, stop, and how much there is."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from cnnlab import workspace
from cnnlab.errors import CnnLabError
from cnnlab.languages import texts
from cnnlab.runs.handed_over import CLUSTER_JOB

CPUS_PER_RUN = 2
"""Cores that a run asks for; on a GPU they feed it."""
PASSED_ON = ("CNNLAB_HOME", "CNNLAB_MIRROR", "KERAS_HOME", "TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL")
"""What of this environment a worker on another machine is told."""
PYTHON = "CNNLAB_WORKER_PYTHON"
"""In the environment: the Python of the nodes, where it is not at the path of this one."""


class UnreachableError(CnnLabError):
    """The cluster does not answer just now; what was handed over waits."""


class RefusedError(CnnLabError):
    """The cluster answers and does not take the job; the message is a sentence for people."""


@dataclass(frozen=True)
class Capacity:
    """What a cluster has: how many runs fit at a time, the whole in a few words, the GPUs of one node."""

    slots: int
    words: str
    gpus: int = 0


@dataclass(frozen=True)
class Node:
    """One machine of a cluster, with its free and taken resources together."""

    cpus: float
    gpus: float


@dataclass(frozen=True)
class Found:
    """What the engine says of a job.

    Args:
        state: it waits for resources, a node works on it, or it is over.
        said: the engine's own words, for the log of the job.
        exit_code: of the worker, once it is over and that is known.
        again: it ended before it began for a reason that another try may not meet.
    """

    state: Literal["waiting", "working", "over"]
    said: str = ""
    exit_code: int | None = None
    again: bool = False


@dataclass(frozen=True)
class Order:
    """One job: its name, unique for ever, and the folder to work on.

    Args:
        name: letters, digits and dashes.
        folder: of the run or the other job, an absolute path.
        all_devices: whether it takes all GPUs of a node.
    """

    name: str
    folder: str
    all_devices: bool = False

    @property
    def command(self) -> tuple[str, ...]:
        """The worker command, as on this machine."""
        return (os.environ.get(PYTHON) or sys.executable, "-m", "cnnlab.worker", self.folder)

    def environment(self, engine: str) -> dict[str, str]:
        """Return what the worker needs of the environment; ``engine`` is the name of the cluster's."""
        mine = workspace.child_environment(CNNLAB_HOME=str(workspace.home()))
        known = {name: mine[name] for name in (*PASSED_ON, "PYTHONPATH") if name in mine}
        return known | {CLUSTER_JOB: f"{engine}:{self.name}"}


class Engine(Protocol):
    """A cluster that takes jobs. Every method may take seconds, and is called from one thread at a time.

    ``name`` is the word for files, ``called`` that for people; ``where`` goes behind it for administrators
    only: students need not know where a cluster takes orders.
    """

    name: str
    called: str
    where: str

    def capacity(self) -> Capacity:
        """Return what the cluster has at this moment.

        Raises:
            UnreachableError: it does not answer.
        """

    def submit(self, order: Order) -> None:
        """Hand a job over; one of this name that is there already is not submitted twice.

        Raises:
            UnreachableError: it does not answer.
            RefusedError: it does not take the job.
        """

    def look(self, names: Sequence[str]) -> dict[str, Found]:
        """Return what is known of these jobs; one that the engine does not know is left out.

        Raises:
            UnreachableError: it does not answer.
        """

    def stop(self, name: str) -> None:
        """End a job, whether it works or waits; one that is not known is ended already.

        Raises:
            UnreachableError: it does not answer.
        """


def capacity(nodes: Sequence[Node], called: str) -> Capacity:
    """Return what nodes are good for: a run on each GPU, or else on each pair of cores; at least one."""
    gpus = int(sum(node.gpus for node in nodes))
    cpus = int(sum(node.cpus for node in nodes))
    pairs = sum(int(node.cpus // CPUS_PER_RUN) for node in nodes)
    working = sum(1 for node in nodes if node.gpus or node.cpus)
    what = f"{gpus:,} GPU{'s' if gpus > 1 else ''}" if gpus else texts(f"{cpus:,} CPU cores")
    words = texts(
        f"{called}, {working:,} node, {what}" if working == 1 else f"{called}, {working:,} nodes, {what}"
    )
    return Capacity(max(1, gpus or pairs), words, int(max((node.gpus for node in nodes), default=0)))
