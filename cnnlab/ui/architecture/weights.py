"""Whose weights to look with: initial ones, ImageNet's, or those of a run; shared by what shows pictures."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import streamlit as st

from cnnlab import architectures, inspection, runs
from cnnlab.errors import CnnLabError, RunError
from cnnlab.preprocessing import Preprocessing
from cnnlab.ui.architecture.scene import Scene, look_at
from cnnlab.ui.asking import classifier
from cnnlab.ui.runs.table import told_apart
from cnnlab.ui.wording import plain

if TYPE_CHECKING:
    import keras

UNTRAINED, IMAGENET = "Untrained", "ImageNet"
MOST_RUNS = 30
KEY = "look_weights"


@dataclass(frozen=True, eq=False)
class Weights:
    """A network that can compute; ``key`` tells it from all others for as long as the server lives."""

    key: str
    title: str
    model: "keras.Model"
    preprocessing: Preprocessing

    def prepared(self, picture: np.ndarray) -> np.ndarray:
        """Return a uint8 ``(H, W, 1 or 3)`` picture as the network takes it, float32."""
        channels = self.preprocessing.channels
        if channels in (1, 3):
            seen = self.preprocessing.picture(picture)
        else:  # an input of 2 or 4 channels: the gray picture in each
            seen = np.repeat(replace(self.preprocessing, channels=1).picture(picture), channels, axis=2)
        return np.asarray(self.preprocessing.scale(seen.astype(np.float32)), np.float32)


def choose_weights(scene: Scene, model: "keras.Model") -> list[Weights]:
    """Ask whose weights to look with; return the untrained ones and, where others are chosen, those.

    A run that was trained at another input takes the page there.
    """
    if st.session_state.pop("look_elsewhere", False):
        st.rerun()
    known = {run.id: run for run in _runs_of(scene.architecture)}
    titles = dict(zip(known, told_apart(list(known.values())), strict=True))
    choices = [UNTRAINED, *_pretrained(scene), *known]
    if st.session_state.get(KEY) not in choices or not _fits(known.get(st.session_state[KEY]), scene):
        st.session_state[KEY] = UNTRAINED
    st.selectbox(
        "Weights",
        choices,
        format_func=lambda name: titles.get(name, name),
        key=KEY,
        on_change=_take,
        args=(scene,),
        persist_state="session",
    )
    found = [_untrained(model, scene.input_shape)]
    try:
        found += _chosen(st.session_state[KEY], scene, titles)
    except CnnLabError as error:
        st.caption(plain(str(error)))
    return found


def _runs_of(architecture: str) -> list[runs.Run]:
    """Return the newest runs of an architecture that have weights."""
    found: list[runs.Run] = []
    for run in runs.list_runs():
        with suppress(RunError):  # a damaged run folder is left out
            if run.config["architecture"] == architecture and run.weights() and run.model_facts:
                found.append(run)
        if len(found) == MOST_RUNS:
            break
    return found


def _fits(run: runs.Run | None, scene: Scene) -> bool:
    return run is None or (not scene.edits and tuple(run.model_facts["input_shape"]) == scene.input_shape)


def _take(scene: Scene) -> None:
    """Go to the input of the run that was chosen; called before the page runs again."""
    choice = st.session_state[KEY]
    if choice in (UNTRAINED, IMAGENET) or _fits(run := runs.get(choice), scene):
        return
    facts = run.model_facts
    shape, classes = tuple(facts["input_shape"]), len(facts["classes"])
    look_at(replace(scene, input_shape=shape, classes=classes, edits=()))
    st.session_state.look_elsewhere = True


def _pretrained(scene: Scene) -> list[str]:
    facts = architectures.get(scene.architecture)
    here = facts.weights and not architectures.missing_weights(scene.architecture) and not scene.edits
    return [IMAGENET] if here else []


def _chosen(choice: str, scene: Scene, titles: dict[str, str]) -> list[Weights]:
    if choice == UNTRAINED:
        return []
    if choice == IMAGENET:
        return [_imagenet(scene.architecture, scene.input_shape)]
    asked = classifier(run := runs.get(choice))
    key = f"{run.id}/{run.weights().stat().st_mtime_ns}"
    return [Weights(key, titles[choice], asked.model, asked.preprocessing)]


@lru_cache(maxsize=2)
def _untrained(model: "keras.Model", shape: architectures.Shape) -> Weights:
    """Give an outline initial weights; kept for the last two, a hundred megabytes each at most."""
    return Weights(uuid4().hex, UNTRAINED, inspection.initialised(model), Preprocessing(*shape))


@st.cache_resource(max_entries=1, show_spinner="Loading the weights…")
def _imagenet(architecture: str, shape: architectures.Shape) -> Weights:
    model = architectures.build(architecture, shape, 2)
    return Weights(f"{architecture}/{shape}", f"{IMAGENET} weights", model, Preprocessing(*shape))
