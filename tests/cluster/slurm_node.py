"""A Slurm of one node on this machine: controller, node and munge with keys and ports of their own."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cluster.ray_nodes import free_port

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "unshare")
NODE = "cnn-node"
CONFIGURATION = """
ClusterName=cnnlab
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={port}
SlurmdPort={node_port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/controller.pid
SlurmdPidFile={folder}/node.pid
SlurmctldLogFile={folder}/controller.log
SlurmdLogFile={folder}/node.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
KillWait=5
NodeName={node} NodeHostname={node} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str:
    """Say why there can be no such cluster here; empty where there can."""
    if "CNNLAB_TEST_CLUSTER" not in os.environ:
        return "set CNNLAB_TEST_CLUSTER to run jobs on a Slurm of its own"
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        return f"{missing[0]} is not installed: apt-get install slurmctld slurmd slurm-client munge"
    return "" if os.geteuid() == 0 else "only root can start a Slurm of its own"


needed = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


@contextmanager
def one_node(folder: Path) -> Iterator[None]:
    """Run a cluster that the commands of Slurm find by ``SLURM_CONF``."""
    folder.chmod(0o755)
    for part in ("state", "spool"):
        (folder / part).mkdir()
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o600)
    host, configuration = os.uname().nodename.partition(".")[0], folder / "slurm.conf"
    ports = {"port": free_port(), "node_port": free_port()}
    configuration.write_text(CONFIGURATION.format(folder=folder, host=host, node=NODE, **ports))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(configuration))
        files = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munge.pid"}
        files |= {"log-file": "munge.log", "seed-file": "munge.seed"}
        munge = [f"--{option}={folder / name}" for option, name in files.items()]
        started = [_started(folder, "munged", "--force", "--foreground", *munge)]
        try:
            _wait_for(lambda: (folder / "munge.socket").exists(), folder)
            started.append(_started(folder, "slurmctld", "-D"))
            named = f'hostname {NODE}; exec "$@"'
            started.append(_started(folder, "unshare", "--uts", "sh", "-c", named, "sh", "slurmd", "-D"))
            _wait_for(lambda: "idle" in _said("sinfo", "--noheader", "--format=%T"), folder)
            yield
        finally:
            _said("scancel", "--name=all", "--user=root")
            for program in reversed(started):
                with suppress(ProcessLookupError):
                    os.killpg(program.pid, signal.SIGKILL)
                program.wait()


def _started(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    with (folder / "daemons.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def _wait_for(condition, folder: Path) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "\n".join(log.read_text() for log in folder.glob("*.log"))
        time.sleep(0.2)
