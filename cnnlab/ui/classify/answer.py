"""What a network says of a picture, as bars, beside what it saw of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import charts
from cnnlab.inference import Classifier, Prediction
from cnnlab.ui.asking import PICTURE_PIXELS, shown
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.wording import plain

TOP = 5


@dataclass(frozen=True, eq=False)
class Asked:
    """A picture to be answered: its name, width and height, a thumbnail, and what the network sees of it.

    The picture itself is let go: thirty large photographs would fill the server's memory.
    """

    name: str
    size: tuple[int, int]
    thumbnail: np.ndarray
    seen: np.ndarray
    original: Callable[[], np.ndarray]

    @classmethod
    def of(cls, name: str, original: Callable[[], np.ndarray], network: Classifier, invert: bool) -> "Asked":
        """Keep what is needed of the picture, uint8 ``(H, W, 1 or 3)``, that ``original`` decodes."""
        picture = original()
        height, width = picture.shape[:2]
        return cls(name, (width, height), shown(picture), network.as_seen(picture, invert), original)


def verdict(ranked: Sequence[Prediction], key: str) -> None:
    """Show the first of the ranked classes in words, and the best few as bars."""
    st.subheader(f"{plain(ranked[0].class_name)}, {ranked[0].probability:.1%}", anchor=False)
    best = ranked[:TOP]
    still_chart(key, charts.class_bars, *zip(*((p.class_name, p.probability) for p in best), strict=True))


def as_seen(network: Classifier, seen: np.ndarray) -> None:
    """Show a picture as the network sees it."""
    height, width, channels = network.input_shape
    st.image(shown(seen), width=PICTURE_PIXELS, alt="as seen")
    st.caption(f"As the network sees it: {width} × {height}, {'gray' if channels == 1 else 'colour'}")
