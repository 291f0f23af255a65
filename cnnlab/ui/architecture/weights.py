"""Whose weights to look with: initial ones, ImageNet's, or those of a run; shared by what shows images."""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from cnnlab import architectures, runs
from cnnlab.errors import CnnLabError, RunError
from cnnlab.languages import _, texts
from cnnlab.preprocessing import Preprocessing
from cnnlab.service import ImageNet, Untrained, Weights
from cnnlab.ui.architecture.inspected import subject
from cnnlab.ui.architecture.scene import Scene, look_at
from cnnlab.ui.asking import best_of
from cnnlab.ui.runs.table import told_apart
from cnnlab.ui.wording import refusal

UNTRAINED, IMAGENET = texts(("Untrained", "ImageNet"))
MOST_RUNS = 30
KEY = "look_weights"


@dataclass(frozen=True)
class ChosenWeights:
    """Weights that a person looks with, and how an image becomes their network's input."""

    title: str
    weights: Weights
    preprocessing: Preprocessing

    def prepared(self, image: np.ndarray) -> np.ndarray:
        """Return a uint8 ``(H, W, 1 or 3)`` image as the network takes it, float32."""
        channels = self.preprocessing.channels
        if channels in (1, 3):
            seen = self.preprocessing.image(image)
        else:  # an input of 2 or 4 channels: the gray image in each
            seen = np.repeat(replace(self.preprocessing, channels=1).image(image), channels, axis=2)
        return np.asarray(self.preprocessing.scale(seen.astype(np.float32)), np.float32)


def choose_weights(scene: Scene) -> list[ChosenWeights]:
    """Ask whose weights to look with; return the untrained ones and, where others are chosen, those.

    A run that was trained at another input takes the page there.
    """
    known = {run.id: run for run in _runs_of(scene.architecture)}
    titles = dict(zip(known, told_apart(list(known.values())), strict=True))
    choices = [UNTRAINED, *_pretrained(scene), *known]
    if st.session_state.get(KEY) not in choices or not _fits(known.get(st.session_state[KEY]), scene):
        st.session_state[KEY] = UNTRAINED
    st.selectbox(
        _("Weights"),
        choices,
        format_func=lambda name: titles[name] if name in titles else _(name),
        key=KEY,
        on_change=_take,
        args=(scene,),
        persist_state="session",
    )
    untrained = Untrained(subject(scene))
    found = [ChosenWeights(_(UNTRAINED), untrained, Preprocessing(*scene.input_shape))]
    try:
        found += _chosen(st.session_state[KEY], scene, titles)
    except CnnLabError as error:
        st.caption(refusal(error))
    return found


def _runs_of(architecture: str) -> list[runs.Run]:
    """Return the newest runs of an architecture that have weights."""
    found: list[runs.Run] = []
    for seen in runs.overview():
        with suppress(RunError):  # a damaged run folder is left out
            if seen.architecture == architecture and seen.has_weights and seen.run.model_facts:
                found.append(seen.run)
        if len(found) == MOST_RUNS:
            break
    return found


def _fits(run: runs.Run | None, scene: Scene) -> bool:
    return run is None or (not scene.edits and run.model_facts.input_shape == scene.input_shape)


def _take(scene: Scene) -> None:
    """Go to the input of the run that was chosen; called before the page runs again."""
    choice = st.session_state[KEY]
    if choice in (UNTRAINED, IMAGENET) or _fits(run := runs.get(choice), scene):
        return
    facts = run.model_facts
    look_at(replace(scene, input_shape=facts.input_shape, classes=len(facts.classes), edits=()))


def _pretrained(scene: Scene) -> list[str]:
    facts = architectures.get(scene.architecture)
    here = facts.base and not architectures.missing_weights(scene.architecture) and not scene.edits
    return [IMAGENET] if here else []


def _chosen(choice: str, scene: Scene, titles: dict[str, str]) -> list[ChosenWeights]:
    if choice == UNTRAINED:
        return []
    if choice == IMAGENET:
        weights = ImageNet(scene.architecture, scene.input_shape)
        return [ChosenWeights(_("ImageNet weights"), weights, Preprocessing(*scene.input_shape))]
    run = runs.get(choice)
    seen_as = Preprocessing.of(run.model_facts.preprocessing)
    return [ChosenWeights(titles[choice], best_of(run), seen_as)]
