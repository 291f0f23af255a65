"""What a server has one of: the supervisor, which owns the queue, and the process that computes."""

import os
from contextlib import suppress
from pathlib import Path

import streamlit as st

from cnnlab import cluster, machine, worker, workspace
from cnnlab.datasets.own import deleted
from cnnlab.errors import CnnLabError
from cnnlab.runs import Launcher, ProcessLauncher, Supervisor, ThreadLauncher
from cnnlab.service import Service


def supervisor() -> Supervisor:
    """Return the supervisor of this workspace, started on first use.

    It lives as long as the server, through hot reloads too. Should its cache be cleared, it is closed and the
    next one reads everything from the run folders again.
    """
    return _supervisor(workspace.home())


@st.cache_resource(show_spinner=False, on_release=lambda old: old.close())
def _supervisor(home: Path) -> Supervisor:
    workspace.tidy()
    deleted.purge()
    workspace.purge(home / "rate_finder")  # where earlier versions kept their range tests
    found = launcher()
    return Supervisor(found, slots=getattr(found, "slots", machine.describe().count)).start()


@st.cache_resource(show_spinner=False, on_release=lambda old: old.close())
def service() -> Service:
    """Return the process that holds TensorFlow for the pages, started on first use."""
    return Service().start()


def launcher() -> Launcher:
    """Return the launcher that ``CNNLAB_LAUNCHER`` names: ``process`` (the default), or one of the others."""
    if elsewhere := cluster.launcher():
        return elsewhere
    if os.environ.get("CNNLAB_LAUNCHER") == "thread":
        return ThreadLauncher(lambda folder, slot: worker.execute(folder, slot, own_process=False))
    return ProcessLauncher()


def trains_on() -> str:
    """Say in a few words what training uses: the device of this machine, or a cluster."""
    launched = _of_cluster()
    return launched.words if launched else str(machine.describe())


def gpus() -> int:
    """Return how many GPUs one run can have, 0 where training is on CPUs."""
    if launched := _of_cluster():
        return launched.gpus
    device = machine.describe()
    return device.count if device.kind == "GPU" else 0


def _of_cluster() -> cluster.ClusterLauncher | None:
    """Return the launcher of the cluster that runs go to; None without one, or without a workspace."""
    if cluster.engine() is None:
        return None
    with suppress(CnnLabError):
        if isinstance(found := supervisor().launcher, cluster.ClusterLauncher):
            return found
    return None
