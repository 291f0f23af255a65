"""A Ray cluster on this machine: a head without resources and nodes of two cores, each with its own name.

Each node lives in name spaces of its own (``unshare``): another host name, and folders that the others do not
see. So a worker on it is one of another machine, as far as anybody can tell.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

START_SECONDS = 120


def why_not() -> str:
    """Say why there can be no such cluster here; empty where there can."""
    if importlib.util.find_spec("ray") is None:
        return "Ray is not installed: pip install -r requirements-cluster.txt"
    if shutil.which("unshare") is None or subprocess.run(["unshare", "--uts", "--mount", "true"]).returncode:
        return "nodes need name spaces of their own: unshare is missing, or not allowed"
    return ""


needed = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A head and its nodes; ``private`` is a folder that every node has for itself."""

    def __init__(self, folder: Path):
        self.folder, self.private = folder, folder / "private"
        self.private.mkdir(parents=True)
        self._temporary = Path("/tmp") / f"cnnlab-ray-{os.getpid()}"  # sockets: a short path
        self._temporary.mkdir(exist_ok=True)
        self._port, self._dashboard = free_port(), free_port()
        self._nodes: dict[str, subprocess.Popen[bytes]] = {}
        self.address = f"http://127.0.0.1:{self._dashboard}"

    def start_head(self) -> None:
        ports = (
            "--port",
            self._port,
            "--dashboard-port",
            self._dashboard,
            "--ray-client-server-port",
            free_port(),
        )
        self._start("cnn-head", "--head", "--num-cpus", 0, *ports, "--temp-dir", self._temporary)
        self._wait_for(1)

    def start_nodes(self, *names: str) -> None:
        for name in names:
            self._start(name, "--address", f"127.0.0.1:{self._port}", "--num-cpus", 2)
        self._wait_for(1 + len(names))

    def kill(self, name: str) -> None:
        """End a node with all its processes at once, as when its power fails."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._nodes[name].pid, signal.SIGKILL)
        self._nodes.pop(name).wait()

    def kill_all(self) -> None:
        for name in [*self._nodes]:
            self.kill(name)

    def close(self) -> None:
        self.kill_all()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _start(self, name: str, *options: object) -> None:
        ray = Path(sys.executable).with_name("ray")
        command = [str(ray), "start", "--block", "--disable-usage-stats", *map(str, options)]
        command += ["--object-store-memory", "100000000", "--dashboard-agent-listen-port", str(free_port())]
        own = f'hostname {name}; mount -t tmpfs none "$1"; mount -t tmpfs none "$2"; shift 2; exec "$@"'
        apart = [
            "unshare",
            "--uts",
            "--mount",
            "sh",
            "-c",
            own,
            "sh",
            str(self.private),
            str(self._temporary),
        ]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._nodes[name] = subprocess.Popen(
                [*apart, *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def _wait_for(self, nodes: int) -> None:
        from ray.util.state import list_nodes

        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(Exception):  # nobody listens yet, in whatever way that is said
                urllib.request.urlopen(f"{self.address}/api/version", timeout=5).close()
                alive = [("state", "=", "ALIVE")]
                if (
                    len(list_nodes(address=self.address, filters=alive, raise_on_missing_output=False))
                    >= nodes
                ):
                    return
            logs = "\n".join(log.read_text()[-800:] for log in self.folder.glob("*.log"))
            assert all(node.poll() is None for node in self._nodes.values()), logs
            assert time.monotonic() < deadline, logs
            time.sleep(0.3)


@contextmanager
def two_nodes(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(folder)
    try:
        cluster.start_head()
        cluster.start_nodes("cnn-a", "cnn-b")
        yield cluster
    finally:
        cluster.close()
