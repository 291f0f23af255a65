"""What a network says of a picture, as bars, beside what it saw of it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnlab import charts
from cnnlab.inference import Classifier, Prediction
from cnnlab.ui.asking import PICTURE_PIXELS, shown
from cnnlab.ui.live_chart import live_chart
from cnnlab.ui.wording import plain

TOP = 5


def verdict(ranked: Sequence[Prediction], key: str) -> None:
    """Show the first of the ranked classes in words, and the best few as bars."""
    st.subheader(f"{plain(ranked[0].class_name)}, {ranked[0].probability:.1%}", anchor=False)
    best = ranked[:TOP]
    figure = charts.class_bars([p.class_name for p in best], [p.probability for p in best])
    live_chart(figure, key=key)


def as_seen(network: Classifier, picture: np.ndarray, invert: bool) -> None:
    """Show a uint8 ``(H, W, 1 or 3)`` picture as the network sees it."""
    height, width, channels = network.input_shape
    st.image(shown(network.as_seen(picture, invert)), width=PICTURE_PIXELS, alt="as seen")
    st.caption(f"As the network sees it: {width} × {height}, {'gray' if channels == 1 else 'colour'}")
