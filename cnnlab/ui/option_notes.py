"""What the named choices of a network mean, in a sentence each."""

import streamlit as st

from cnnlab.architectures import Architecture
from cnnlab.languages import _
from cnnlab.settings import option_named
from cnnlab.ui.wording import plain


def show(architecture: Architecture) -> None:
    """Explain each option of a network that has any."""
    for name in architecture.options:
        if note := architecture.notes.get(name):
            label, said = plain(_(option_named(name).label)), plain(_(note))
            st.caption(_("**{label}**: {note}", label=label, note=said))
