"""Fetching the pretrained weights of a network before the lesson needs them."""

import streamlit as st

from cnnlab import architectures
from cnnlab.errors import DownloadError
from cnnlab.languages import _, recognised
from cnnlab.ui.wording import refusal


def offer_weights(architecture: str) -> None:
    """Show a button that fetches the pretrained weights of a network; nothing once they lie here."""
    if not (file := architectures.missing_weights(architecture)):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button(
            _("Download ImageNet weights ({megabytes} MB)", megabytes=f"{file.megabytes:.1f}"),
            key=f"fetch_weights_{architecture}",
            icon=":material/download:",
            width="content",
        )
        st.caption(_("Training begins with them. Downloaded once, they work offline."))
    if not wanted:
        return
    bar = st.progress(0.0, _("Asking the server…"))
    try:
        architectures.fetch_weights(file, lambda done, said: bar.progress(done, recognised(said)))
    except DownloadError as error:
        st.error(refusal(error))
        return
    finally:
        bar.empty()
    st.rerun()
