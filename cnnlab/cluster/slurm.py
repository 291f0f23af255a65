"""Slurm: jobs through ``sbatch``, each with a request for a GPU, or for two cores.

Partition, account and time limit are those of Slurm's own variables (``SBATCH_PARTITION``,
``SBATCH_ACCOUNT``, ``SBATCH_TIMELIMIT``). A run that meets its time limit is interrupted and can be resumed.
"""

import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence

from cnnlab import workspace
from cnnlab.cluster.engine import (
    CPUS_PER_RUN,
    Capacity,
    Found,
    Node,
    Order,
    RefusedError,
    UnreachableError,
    capacity,
)
from cnnlab.runs.handed_over import FOLDER_NOT_THERE

SECONDS = 20
"""So long a command of Slurm may take; it tries for itself to reach the controller again."""
_WAITING = {"PENDING", "CONFIGURING", "REQUEUED", "SUSPENDED", "RESV_DEL_HOLD", "SPECIAL_EXIT"}
_WORKING = {"RUNNING", "COMPLETING", "STAGE_OUT", "SIGNALING", "RESIZING", "STOPPED"}
_AWAY = re.compile(
    r"Unable to contact|Connection refused|timed out|Communication|temporarily|authentication|munge",
    re.IGNORECASE,
)
_NO_OUTPUT = "0:53"
"""How a batch job ends whose output file cannot be opened: its folder is not there."""


class Slurm:
    """The cluster of the ``slurm.conf`` of this machine."""

    name, called, where = "slurm", "Slurm", ""

    def __init__(self) -> None:
        self._gpus, self._cpus = 0.0, float(CPUS_PER_RUN)

    def capacity(self) -> Capacity:
        """Return what the nodes that are up have together."""
        try:
            listed = self._run("sinfo", "--noheader", "--Node", "--responding", "--format=%N|%c|%G|%T")
        except RefusedError as error:
            raise UnreachableError(f"Slurm does not say which nodes it has: {error}") from error
        up: dict[str, Node] = {}
        for line in listed.splitlines():
            name, cpus, resources, state = line.strip().split("|")
            if not re.match(r"down|drain|fail|maint|power", state):
                up[name] = Node(float(cpus.rstrip("+")), _gpus_in(resources))  # once for all its partitions
        self._gpus = max((node.gpus for node in up.values()), default=0.0)
        self._cpus = max((node.cpus for node in up.values()), default=self._cpus)
        return capacity([*up.values()], "Slurm cluster")

    def submit(self, order: Order) -> None:
        """Hand a job over, unless one of this name is there."""
        if self.look([order.name]):
            return
        self.capacity()
        options = [f"--job-name={order.name}", "--no-requeue", "--open-mode=append"]
        options += ["--nodes=1", "--ntasks=1"]
        options += [
            f"--output={order.folder}/log.txt",
            f"--cpus-per-task={min(CPUS_PER_RUN, max(1, self._cpus)):.0f}",
        ]
        if self._gpus:
            options.append(f"--gres=gpu:{self._gpus if order.all_devices else 1:.0f}")
        script = f"#!/bin/sh\nexec {shlex.join(order.command)}\n"
        try:
            self._run("sbatch", *options, told=script, environment=order.environment(self.name))
        except RefusedError as error:
            raise RefusedError(f"Slurm refused the run: {error}") from error

    def look(self, names: Sequence[str]) -> dict[str, Found]:
        """Return what Slurm knows of these jobs; it forgets one some minutes after its end."""
        if not names:
            return {}
        command = ("squeue", "--noheader", "--states=all", f"--name={','.join(names)}", "--me")
        found: dict[str, Found] = {}
        for line in self._run(*command, "--format=%j|%A|%T|%r").splitlines():
            name, number, state, reason = line.strip().split("|", 3)
            if name in found and found[name].state != "over":
                continue  # of two that two servers submitted in the same moment the one that lives counts
            if state in _WAITING:
                found[name] = Found("waiting", reason)
            elif state in _WORKING:
                found[name] = Found("working")
            else:
                found[name] = self._over(number, state)
        return found

    def stop(self, name: str) -> None:
        """End a job of this name."""
        try:
            self._run("scancel", f"--name={name}")
        except RefusedError:
            return  # it is over

    def _over(self, number: str, state: str) -> Found:
        told = self._run("scontrol", "--oneliner", "show", "job", number)
        ended = re.search(r"\bExitCode=(\d+:\d+)", told)
        code = ended[1] if ended else ""
        gone = state == "NODE_FAIL"
        if code == _NO_OUTPUT:
            return Found("over", f"Slurm: {state}", FOLDER_NOT_THERE)
        known = None if gone or not code or not code.endswith(":0") else int(code.partition(":")[0])
        return Found("over", f"Slurm: {state}, exit code {code}", known)

    def _run(self, *command: str, told: str = "", environment: Mapping[str, str] | None = None) -> str:
        """Run a command of Slurm and return what it prints.

        Raises:
            UnreachableError: the controller does not answer, or the command is not there.
            RefusedError: it says no; the message is the last line of what it says.
        """
        mine = workspace.child_environment(**(environment or {}))
        mine.pop("CNNLAB_LAUNCHER", None)
        try:
            done = subprocess.run(
                command, input=told, capture_output=True, text=True, timeout=SECONDS, env=mine, check=False
            )
        except FileNotFoundError as error:
            raise UnreachableError(
                f"{command[0]} is not installed here; install Slurm's client commands on this server."
            ) from error
        except (OSError, subprocess.SubprocessError) as error:
            raise UnreachableError("Slurm does not answer.") from error
        if done.returncode:
            if _AWAY.search(done.stderr):
                raise UnreachableError("Slurm does not answer.")
            lines = done.stderr.strip().splitlines() or [f"{command[0]} ended with {done.returncode}"]
            raise RefusedError(re.sub(r"^\w+: (error: )?", "", lines[-1])[:200].rstrip(".") + ".")
        return done.stdout


def _gpus_in(resources: str) -> float:
    """Return the GPUs in a list of generic resources: ``gpu:a100:4(S:0-1),gpu:2`` has 6."""
    return float(sum(int(count) for count in re.findall(r"gpu(?::[^:,()]+)?:(\d+)", resources)))
