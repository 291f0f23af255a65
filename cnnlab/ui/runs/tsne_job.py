"""t-SNE beside the server: a process of its own, one at a time, with progress; whoever looks can stop it."""

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import streamlit as st

from cnnlab import workspace
from cnnlab.runs.limits import CPU_SECONDS
from cnnlab.ui.wording import plain

POLL_SECONDS = 0.5
MOST_KEPT = 16
FAILED = "The projection could not be computed; try again."
MOST_SECONDS = 600
"""Of processor time."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Beside a training, threads that wait for each other take many times as long."""
COMMAND = (sys.executable, "-m", "cnnlab.inference.projecting")


@dataclass(eq=False)
class Job:
    """One projection of features ``(N, D)``: how far it is, its points ``(N, 2)``, or why there are none."""

    features: np.ndarray
    share: float = 0.0
    points: np.ndarray | None = None
    error: str = ""
    stopped: bool = False
    over: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[str] | None = None

    def stop(self) -> None:
        """End it; nothing of it is kept."""
        self.stopped = True
        if self._process:
            self._process.kill()

    def run(self, turn: threading.Lock) -> None:
        """Wait for the turn and compute; the whole work of a thread."""
        try:
            with turn, tempfile.TemporaryDirectory() as place:
                if not self.stopped:
                    self._run(Path(place))
        except (OSError, ValueError, EOFError):
            self.error = FAILED
        finally:
            self.over.set()

    def _run(self, place: Path) -> None:
        np.save(place / "features.npy", self.features, allow_pickle=False)
        command = [*COMMAND, str(place / "features.npy"), str(place / "points.npy")]
        environment = workspace.child_environment(**{CPU_SECONDS: str(MOST_SECONDS), **ONE_THREAD})
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        if self.stopped:  # while it was being started
            self._process.kill()
        for line in self._process.stderr or ():
            with contextlib.suppress(ValueError):
                self.share = float(line)
        code = self._process.wait()
        if self.stopped:
            return
        if code:
            self.error = FAILED
        else:
            self.points = np.load(place / "points.npy", allow_pickle=False)


@st.cache_resource(show_spinner=False)
def _jobs() -> tuple[OrderedDict[Hashable, Job], threading.Lock]:
    """Return this server's jobs by what they project, and the lock that lets one of them work at a time."""
    return OrderedDict(), threading.Lock()


def projected(key: Hashable, features: np.ndarray) -> np.ndarray | None:
    """Return the t-SNE of features, or show how far it is, or offer to begin it.

    ``key`` tells these features from any others; everybody who looks at them sees the same job.
    """
    known, turn = _jobs()
    job = known.get(key)
    if job and not job.over.is_set():
        st.fragment(_progress, run_every=POLL_SECONDS)(job)
        return None
    if job and job.points is not None:
        return job.points
    if job and job.error:
        st.error(plain(job.error))
    if st.button("Compute t-SNE", type="primary", key="tsne-begin"):
        known[key] = job = Job(features)
        while len(known) > MOST_KEPT:
            known.popitem(last=False)[1].stop()
        threading.Thread(target=job.run, args=(turn,), name="t-SNE", daemon=True).start()
        st.rerun(scope="fragment")
    st.caption(f"Of {len(features):,} images with {features.shape[1]:,} features each; takes some seconds.")
    return None


def _progress(job: Job) -> None:
    if job.over.is_set():
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        waits = "t-SNE waits for its turn." if job._process is None else f"t-SNE, {100 * job.share:.0f} %"
        st.progress(min(1.0, job.share), waits)
        st.button("Stop", icon=":material/stop:", on_click=job.stop, key="tsne-stop")
