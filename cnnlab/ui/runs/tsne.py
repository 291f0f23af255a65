"""t-SNE of features, a job beside the server: everybody who looks at the same features sees the same one."""

import hashlib
from pathlib import Path

import numpy as np
import streamlit as st

from cnnlab.errors import WorkspaceError
from cnnlab.languages import _
from cnnlab.runs import jobs
from cnnlab.runs.kinds import PROJECT, PROJECTED
from cnnlab.shelf import replacing
from cnnlab.ui import jobs as shown_jobs


def projected(features: np.ndarray) -> np.ndarray | None:
    """Return the t-SNE ``(N, 2)`` of features ``(N, D)``, or show how far it is, or offer to begin it.

    Raises:
        CnnLabError: the disk is full, or the folder for jobs cannot be written.
    """
    place = _place(features)
    job = jobs.find(PROJECT, {"features": str(place)})
    if job and job.status().state == "finished" and (job.folder / PROJECTED).is_file():
        points: np.ndarray = np.load(job.folder / PROJECTED, allow_pickle=False)
        return points
    if job and shown_jobs.show(job):
        return None
    if st.button(_("Compute t-SNE"), type="primary", key="tsne-begin"):
        _keep(features, place)
        shown_jobs.ask(PROJECT, features=str(place))
        st.rerun(scope="fragment")
    size = {"n": f"{len(features):,}", "features": f"{features.shape[1]:,}"}
    st.caption(_("Of {n} images with {features} features each; takes some seconds.", **size))
    return None


def _keep(features: np.ndarray, place: Path) -> None:
    try:
        place.parent.mkdir(exist_ok=True)
        with replacing(place) as aside, aside.open("wb") as file:
            np.save(file, features, allow_pickle=False)
    except OSError as error:
        raise WorkspaceError(
            f"{place.parent} cannot be written ({error.strerror}); free some space."
        ) from error


def _place(features: np.ndarray) -> Path:
    """Return the file of features that a job reads; it is forgotten with the jobs of the same day."""
    name = hashlib.sha256(features.tobytes()).hexdigest()[:40]
    return jobs.jobs_dir() / f"features-{name}" / "features.npy"
