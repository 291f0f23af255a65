"""What is to be looked at in a dataset before it is trained on: calm while all is well, by name where not."""

import streamlit as st

from cnnlab.datasets import DatasetInfo, LoadOptions, Splits
from cnnlab.datasets.report import Report, Sizes, report
from cnnlab.ui.wording import plain

NAMES_SHOWN = 20
ICONS = {
    "unreadable": ":material/broken_image:",
    "few": ":material/bar_chart_4_bars:",
    "uneven": ":material/balance:",
    "small": ":material/photo_size_select_small:",
    "two-classes": ":material/label_off:",
    "twice": ":material/content_copy:",
    "deep": ":material/contrast:",
    "unread": ":material/broken_image:",
}
OTHER_ICON = ":material/folder_off:"


def to_look_at(info: DatasetInfo, splits: Splits, sizes: Sizes, options: LoadOptions) -> None:
    """Show the findings behind one line; near twins have a place of their own."""
    found = _report(info, options, splits, sizes)
    if not found.findings:
        st.caption(f":material/check: Looked through: all {found.usable:,} pictures can be used.")
        return
    count = len(found.findings)
    things = "1 thing" if count == 1 else f"{count} things"
    with st.expander(f"{things} to look at; {found.usable:,} pictures can be used", icon=":material/rule:"):
        for finding in found.findings:
            st.markdown(f"{ICONS.get(finding.kind, OTHER_ICON)} {plain(finding.sentence)}")
            more = len(finding.names) - NAMES_SHOWN
            names = [*finding.names[:NAMES_SHOWN], *([f"and {more:,} more"] if more > 0 else [])]
            st.caption("  \n".join(map(plain, names)))


@st.cache_data(
    max_entries=8,
    show_spinner="Looking through the pictures…",
    hash_funcs={DatasetInfo: repr, LoadOptions: repr},
)
def _report(info: DatasetInfo, options: LoadOptions, _splits: Splits, _sizes: Sizes) -> Report:
    return report(_splits, info, _sizes, options.image_size, twins=False)
