"""The camera beside the answer: one photo after the other, or a look every second while Live is on."""

import numpy as np
import streamlit as st

from cnnlab import images
from cnnlab.errors import CnnLabError
from cnnlab.inference import Classifier
from cnnlab.ui.capture import problem, take_photo
from cnnlab.ui.classify.answer import as_seen, verdict
from cnnlab.ui.wording import plain

FILMED, PHOTO = "classify_camera", "classify_photo"


@st.fragment
def film(network: Classifier, invert: bool) -> None:
    """Show the camera; its newest photo is answered while the next one can be taken already."""
    try:
        camera, answers = st.columns([4, 5], gap="large")
        with camera:
            live = st.toggle("Live", help="Asks the network every second.", key="classify_live")
            take_photo(FILMED, "Take photo", _keep, live)
            if refused := problem(FILMED):
                st.error(plain(refused))
        with answers:
            if (photo := st.session_state.get(PHOTO)) is not None:
                _answer(network, photo, invert)
    except CnnLabError as error:
        st.error(plain(str(error)))


def _keep(target: str, pictures: list[bytes]) -> None:
    st.session_state[PHOTO] = images.decode(pictures[-1], "The photo")


def _answer(network: Classifier, photo: np.ndarray, invert: bool) -> None:
    [ranked] = network.predict([photo], invert)
    verdict(ranked, key="answer-camera")
    as_seen(network, network.as_seen(photo, invert))
