"""Waiting, where a page computes, until TensorFlow is loaded: about five seconds after the server's start."""

import streamlit as st

from cnnlab.ui import engine
from cnnlab.ui.wording import refusal


def need_tensorflow() -> None:
    """Hold a page that is about to compute until TensorFlow is there.

    Raises:
        ServiceError: it cannot be loaded.
    """
    service = engine.service()
    if not service.ready:
        with st.spinner(refusal(service.message)):
            service.wait()
