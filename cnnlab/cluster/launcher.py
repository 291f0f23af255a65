"""Hands what trains to a cluster, and follows it from a thread of its own: no supervisor waits for one."""

import os
import secrets
import threading
import time
from dataclasses import replace

from cnnlab.cluster.engine import Capacity, Engine
from cnnlab.cluster.follower import Follower
from cnnlab.languages import texts
from cnnlab.runs import handed_over
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import LIGHT
from cnnlab.runs.launchers import ProcessLauncher

LOOK_SECONDS = 1.0
SLOTS = "CNNLAB_SLOTS"
"""In the environment: how many runs are handed over at a time, whatever the cluster has."""


class ClusterLauncher:
    """A launcher for supervisors and for the command line; light work has its process on this machine.

    A launch only writes down that the cluster is to have the job. The thread submits it, again and again
    while the cluster does not answer, and so does that of the next server.
    """

    def __init__(self, engine: Engine, stop_seconds: float | None = None):
        self.engine = engine
        self._light = ProcessLauncher()
        self._follower = Follower(engine, stop_seconds)
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"{engine.name} jobs", daemon=True)

    def start(self) -> "ClusterLauncher":
        """Follow what was handed over before, from now on in the background."""
        self._follower.give_time()
        self._thread.start()
        return self

    def launch(self, job: Job, slot: int | None) -> None:
        """Write down that the cluster is to have this claimed job."""
        if job.kind.lane == LIGHT:
            self._light.launch(job, slot)
            return
        now = time.time()
        job.write_status(
            replace(
                job.status(),
                state="starting",
                message=texts(f"Handed over to {self.engine.called}."),
                cluster_job=f"{self.engine.name}:cnnlab-{job.id.replace('_', '-')}-{secrets.token_hex(2)}",
                process=None,
                slot=slot,
                heartbeat=now,
                started=now,
            )
        )
        handed_over.confirm(job.folder)
        self._wake.set()

    def tick(self, soon: bool) -> None:
        """Collect light workers that have ended; no worker is warmed here."""
        self._light.tick(soon=False)

    def close(self) -> None:
        """Stop following; what was handed over goes on."""
        self._closing.set()
        self._wake.set()
        self._light.close()

    @property
    def slots(self) -> int:
        """How many runs may be handed over at a time: ``CNNLAB_SLOTS``, or what the cluster has."""
        asked = os.environ.get(SLOTS, "")
        if asked.isdecimal() and int(asked) > 0:
            return min(int(asked), 1000)
        return self._capacity.slots

    @property
    def words(self) -> str:
        """What runs train on, in a few words."""
        return self._capacity.words

    @property
    def gpus(self) -> int:
        """How many GPUs a run on all devices gets: those of one node."""
        return self._capacity.gpus

    @property
    def _capacity(self) -> Capacity:
        return self._follower.capacity or Capacity(1, texts(f"{self.engine.called} (does not answer)"))

    def _work(self) -> None:
        while not self._closing.is_set():
            self._follower.round()
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
