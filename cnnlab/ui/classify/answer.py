"""What a network says of an image, as bars, beside what it was given of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import charts
from cnnlab.inference import Classifier, Prediction, percent
from cnnlab.inference.out_of_distribution import Threshold, threshold
from cnnlab.languages import _, recognised
from cnnlab.runs import Run
from cnnlab.ui.asking import IMAGE_PIXELS, TimedClassifier, shown
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.runs.evaluation import evaluation_of, is_outdated
from cnnlab.ui.wording import plain

TOP = 5
_NUMBERED = re.compile(r"[a-z]+ \d+")
"""The name of an image that is no file, such as ``digit 12``."""


@dataclass(frozen=True, eq=False)
class Asked:
    """An image to be answered: its name, width and height, a thumbnail, and the network input made of it.

    ``label`` is its class where that is known; ``resized``, that the thumbnail is not the original. The image
    itself is let go: thirty large photographs would fill the server's memory; ``original`` decodes it again,
    and ``encoded`` returns its file where there is one.
    """

    name: str
    size: tuple[int, int]
    thumbnail: np.ndarray
    seen: np.ndarray
    original: Callable[[], np.ndarray]
    label: str = ""
    resized: bool = False
    encoded: Callable[[], bytes | None] = lambda: None

    @classmethod
    def of(
        cls,
        name: str,
        original: Callable[[], np.ndarray],
        network: Classifier,
        invert: bool,
        encoded: Callable[[], bytes | None] = lambda: None,
    ) -> "Asked":
        """Keep what is needed of the image, uint8 ``(H, W, 1 or 3)``, that ``original`` decodes."""
        image = original()
        height, width = image.shape[:2]
        seen = network.as_seen(image, invert)
        return cls(name, (width, height), shown(image), seen, original, encoded=encoded)

    @property
    def words(self) -> str:
        """The name, and the label where it is known."""
        return image_in_words(self.name, self.label)


def image_in_words(name: str, label: str = "") -> str:
    """Say what an image is called, and its label where that is known."""
    name = recognised(name) if _NUMBERED.fullmatch(name) else name
    return _("{name}, label {label}", name=name, label=label) if label else name


def doubt_of(run: Run) -> Threshold | None:
    """Return the threshold below which a run's answers do not count; None before it has been evaluated."""
    found = evaluation_of(run)
    if found is None or is_outdated(run):
        return None
    right = [one.predicted == one.label for one in found.predictions]
    return threshold([one.probability for one in found.predictions], right)


def answer(network: TimedClassifier, asked: Sequence[Asked], doubt: Threshold | None = None) -> None:
    """Show each image with what the network says of it, and how long the network itself took.

    An answer below the threshold ``doubt`` is called unknown.
    """
    before = network.model.seconds
    answers = network.answers(np.stack([one.seen for one in asked]))
    milliseconds = (network.model.seconds - before) * 1000 / len(asked)
    for number, (one, ranked) in enumerate(zip(asked, answers, strict=True)):
        with st.container(border=True):
            given, seen, bars = st.columns([1, 1, 2], gap="medium")
            with given:
                st.image(one.thumbnail, width=IMAGE_PIXELS, alt=one.words)
                st.caption(f"{plain(one.words)} · {_original(one)}")
            with seen:
                network_input(network, one)
            with bars:
                verdict(ranked, one.label, f"answer-{number}", doubt)
                st.caption(
                    _("Inference: {milliseconds} ms/image", milliseconds=f"{milliseconds:.1f}"),
                    help=_(
                        "The network alone, on this server, with its weights in memory; the mean of the "
                        "images asked at once. Loading, transfer and drawing come on top."
                    ),
                )


def _original(one: Asked) -> str:
    sides = {"width": f"{one.size[0]:,}", "height": f"{one.size[1]:,}"}
    if one.resized:
        return _("original {width} × {height} pixels, shown resized", **sides)
    return _("original {width} × {height} pixels", **sides)


def verdict(ranked: Sequence[Prediction], label: str, key: str, doubt: Threshold | None = None) -> None:
    """Show the first of the ranked classes, right or wrong where that is known, and the best as bars."""
    first = ranked[0]
    mark = ""
    if doubt and not doubt.knows(first.probability):
        _unknown(first, doubt)
        _bars(ranked, key)
        return
    if label:
        mark = " :green[:material/check_circle:]" if first.class_name == label else " :red[:material/cancel:]"
    st.header(f"{plain(first.class_name)}, {first.probability * 100:.1f} %{mark}", anchor=False)
    if label and first.class_name != label:
        st.caption(_("Wrong: the label is {label}.", label=plain(label)))
    _bars(ranked, key)


def _unknown(first: Prediction, doubt: Threshold) -> None:
    st.header(
        _(
            "I do not know: {class_name} at only {probability}",
            class_name=plain(first.class_name),
            probability=percent(first.probability),
        ),
        anchor=False,
    )
    st.caption(
        _(
            "Below {threshold}, the threshold that keeps {kept} of the {right} right answers on the "
            "validation set, and {wrong_kept} of the {wrong} wrong ones.",
            threshold=percent(doubt.value),
            kept=doubt.kept,
            right=doubt.right,
            wrong_kept=doubt.wrong_kept,
            wrong=doubt.wrong,
        )
    )


def _bars(ranked: Sequence[Prediction], key: str) -> None:
    best = ranked[:TOP]
    still_chart(key, charts.class_bars, *zip(*((p.class_name, p.probability) for p in best), strict=True))


def network_input(network: Classifier, asked: Asked) -> None:
    """Show what the network is given of an image."""
    height, width, channels = network.input_shape
    st.image(shown(asked.seen), width=IMAGE_PIXELS, alt=_("Network input made of {image}", image=asked.words))
    st.caption(_("Network input: {size}", size=input_in_words(height, width, channels)))


def input_in_words(height: int, width: int, channels: int) -> str:
    """Say what a network takes: ``32 × 32, grayscale``."""
    return f"{width} × {height}, {_('grayscale') if channels == 1 else 'RGB'}"
