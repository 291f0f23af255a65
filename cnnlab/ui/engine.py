"""What a server has one of: the supervisor, which owns the queue of runs, and the process that computes."""

import os
from pathlib import Path

import streamlit as st

from cnnlab import training, workspace
from cnnlab.datasets.own import deleted
from cnnlab.runs import Launcher, ProcessLauncher, Supervisor, ThreadLauncher
from cnnlab.service import Service
from cnnlab.training import devices


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
    return Supervisor(launcher(), slots=devices.describe().count).start()


@st.cache_resource(show_spinner=False, on_release=lambda old: old.close())
def service() -> Service:
    """Return the process that holds TensorFlow for the pages, started on first use."""
    return Service().start()


def launcher() -> Launcher:
    """Return the launcher that ``CNNLAB_LAUNCHER`` names: ``process`` (the default) or ``thread``."""
    if os.environ.get("CNNLAB_LAUNCHER") == "thread":
        return ThreadLauncher(lambda folder, slot: training.execute(folder, slot, own_process=False))
    return ProcessLauncher()
