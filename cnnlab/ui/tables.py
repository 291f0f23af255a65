"""Small tables of text: every cell and every heading is shown letter for letter.

``st.table`` reads Markdown in its cells: a run named ``![](http://…)`` would make each browser that compares
it ask a stranger's server for an image.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from cnnlab.ui.wording import plain


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Show rows of text, each a mapping of the same headings to what stands below them."""
    st.table(
        [{plain(str(name)): plain(str(said)) for name, said in row.items()} for row in rows], hide_index=True
    )
