"""What is looked at of a run's evaluation: the network of which epoch, and the images of which group."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from cnnlab import datasets
from cnnlab.datasets.split import group_of
from cnnlab.inference import Evaluation, ImagePrediction, accuracy_in_words, evaluation
from cnnlab.languages import _, joined
from cnnlab.runs import Run
from cnnlab.service import OfEpoch, OfRun
from cnnlab.ui.asking import TimedClassifier, classifier
from cnnlab.ui.runs.epochs import choose_network
from cnnlab.ui.runs.evaluation import Evaluated, evaluated, validation_images, version_of

SECONDS = 20.0
"""What the answers of another epoch's network may take: of a slow one fewer images are asked about."""
FEWEST, MOST = 100, 1000
TRIED = 8


@dataclass(frozen=True, eq=False)
class LookedAt:
    """Some of the images that a run was evaluated on, as a network of the run answers them.

    ``found`` counts these answers; prediction ``n`` of it is of image ``numbers[n]`` of the ``whole``
    evaluation. ``epoch`` None is the best one's network.
    """

    run: Run
    whole: Evaluation
    found: Evaluation
    numbers: tuple[int, ...]
    epoch: int | None = None

    @classmethod
    def all_of(cls, run: Run, whole: Evaluation) -> "LookedAt":
        """Return all images, as the best network answered them."""
        return cls(run, whole, whole, tuple(range(whole.n)))

    @property
    def images(self) -> Evaluated:
        """The images of the whole evaluation.

        Raises:
            CnnLabError: as ``validation_images``.
        """
        return validation_images(self.run, self.whole)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that the images show, by their names; nothing where there are fewer than two."""
        groups = {group_of(said.name) for said in self.found.predictions} - {None}
        return tuple(sorted(map(str, groups))) if len(groups) > 1 else ()

    def of_group(self, group: str) -> "LookedAt":
        """Return the images of one of the ``groups``."""
        chosen = [n for n, said in enumerate(self.found.predictions) if group_of(said.name) == group]
        predictions = [self.found.predictions[n] for n in chosen]
        found = evaluation.from_predictions(predictions, self.found.classes)
        return replace(self, found=found, numbers=tuple(self.numbers[n] for n in chosen))


def looked_at(run: Run) -> LookedAt | None:
    """Return the evaluation of a run at the epoch that is chosen, or say why there is none.

    Raises:
        CnnLabError: the images are not there any more, or the network cannot be asked.
    """
    whole = evaluated(run)
    if whole is None:
        return None
    epoch = choose_network(run, f"network-{run.id}")
    if epoch is None:
        return LookedAt.all_of(run, whole)
    network = classifier(run, epoch)
    with st.spinner(_("Asking the network of this epoch…")):
        places, found = _answers(network.model.weights, version_of(run), run, whole, network)
    seen = LookedAt(run, whole, found, places, epoch)
    accuracy = accuracy_in_words(found.accuracy, found.n)
    said = [_("Epoch {epoch}: {accuracy}.", epoch=epoch, accuracy=accuracy)]
    if found.n < whole.n:
        few = {"n": f"{found.n:,}", "all": f"{whole.n:,}"}
        said.append(_("Asked about {n} of {all} validation images, drawn from all classes.", **few))
    st.caption(joined(said))
    return seen


@st.cache_resource(max_entries=32, show_spinner=False)
def _answers(
    weights: OfRun | OfEpoch, version: int, _run: Run, _whole: Evaluation, _network: TimedClassifier
) -> tuple[tuple[int, ...], Evaluation]:
    """Return which images a network was asked about, and its answers; once for all browsers."""
    images = validation_images(_run, _whole).images.images
    labels = np.array([_whole.classes.index(said.label) for said in _whole.predictions])
    _network.probabilities(images[:TRIED])  # loaded now, so that the next is its own time
    began = time.perf_counter()
    _network.probabilities(images[:TRIED])
    each = (time.perf_counter() - began) / len(images[:TRIED])
    most = int(np.clip(SECONDS / each, FEWEST, MOST))
    places = np.arange(len(labels)) if len(labels) <= most else datasets.in_turn(labels, most)
    names = [_whole.predictions[place].name for place in places]
    chosen = images if len(places) == len(labels) else images[places]
    return tuple(places.tolist()), evaluation.evaluate(_network, chosen, labels[places], names)


def in_order(predictions: Sequence[ImagePrediction], numbers: Sequence[int]) -> list[int]:
    """Return numbers of predictions: errors, the most confident first, then hits, the least first."""

    def place(number: int) -> tuple[bool, float]:
        said = predictions[number]
        right = said.label == said.predicted
        return right, said.probability if right else -said.probability

    return sorted(numbers, key=place)
