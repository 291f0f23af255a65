"""What is to be looked at in a dataset before it is trained on: one line, with the remedy as a button."""

from collections.abc import Callable

import streamlit as st

from cnnlab import images
from cnnlab.datasets import DatasetInfo, LoadOptions, Splits
from cnnlab.datasets.duplicates import NearDuplicate, near_duplicates
from cnnlab.datasets.own import folder
from cnnlab.datasets.report import Finding, Report, Sizes, report
from cnnlab.errors import CnnLabError
from cnnlab.ui.asking import shown
from cnnlab.ui.wording import plain

NAMES_SHOWN = 20
PAIRS_SHOWN = 5
PAIR_PIXELS = 160
WRONG = ("two-classes", "untested", "unreadable")
"""Kinds of findings that make a network learn, or be measured on, what is not so: a red line."""
BRIEF: dict[str, Callable[[Finding], str]] = {
    "unreadable": lambda found: f"{len(found.names):,} unreadable, skipped",
    "unread": lambda found: f"{len(found.names):,} of a kind that cannot be read, skipped",
    "few": lambda found: f"few images of {_some(found)}",
    "uneven": lambda found: "uneven class distribution",
    "small": lambda found: f"{len(found.names):,} very small",
    "two-classes": lambda found: f"{len(found.names):,} in two classes at once",
    "twice": lambda found: f"{len(found.names):,} with exact duplicates",
    "untested": lambda found: f"no {_some(found)} to measure",
    "deep": lambda found: "more than 8 bits a channel",
    "unlabelled": lambda found: f"{len(found.names):,} without a class, skipped",
    "unused": lambda found: f"{len(found.names):,} outside the dataset's folders, skipped",
    "beside": lambda found: f"{len(found.names):,} beside the class folders, skipped",
    "other-class": lambda found: f"{len(found.names):,} of a class that is not trained, skipped",
}
"""What a finding is called in the one line; the details have its whole sentence."""


def findings(
    info: DatasetInfo,
    splits: Splits,
    sizes: Sizes,
    options: LoadOptions,
    by_person: Callable[[], None] | None,
) -> None:
    """Say in one line what is wrong, if anything; ``by_person`` splits by group where that is better."""
    found = _report(info, options, splits, sizes)
    pairs = _near_duplicates(info, options, splits)
    said = [BRIEF.get(one.kind, _sentence)(one) for one in found.findings]
    fraction = f"{len(pairs):,} of {len(splits.validation):,} validation images" if pairs else ""
    leak = ""
    if by_person:
        leak = "images of one person in training and validation set"
        leak += f" (near-duplicates: {fraction})" if pairs else ""
    elif pairs:
        leak = f"{fraction} have a near-duplicate in the training set"
    count = len(said) + bool(leak)
    if not count:
        st.caption(f":material/check: No problems found in {found.usable:,} images.")
        return
    if leak:
        said.append(f"{leak}: over-optimistic accuracy (data leakage)")
    words = "; ".join(said)
    is_wrong = any(one.kind in WRONG for one in found.findings)
    issues = "1 issue" if count == 1 else f"{count} issues"
    line, remedies = st.columns([7, 3], vertical_alignment="center")
    draw = line.error if is_wrong else line.warning
    draw(f"**{issues}; {found.usable:,} images usable:** {words}.", icon=":material/rule:")
    with remedies, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if by_person:
            label, icon = "Split by person", ":material/group:"
            st.button(label, icon=icon, on_click=by_person, key="data_by_person")
        if _wants_more(info, found.findings):
            label, icon = "Collect more", ":material/add_a_photo:"
            st.page_link("pages/collect.py", label=label, icon=icon, query_params={"dataset": info.name})
        _details(found.findings, splits, pairs)


@st.fragment
def _details(found: tuple[Finding, ...], splits: Splits, pairs: list[NearDuplicate]) -> None:
    """Show each finding with the names of its files behind a button; closed it costs nothing."""
    if not (found or pairs):
        return
    fold = st.popover("Details", icon=":material/list:", on_change="rerun", key="data_findings")
    if not fold.open:
        return
    with fold:
        for finding in found:
            icon = "error" if finding.kind in WRONG else "warning"
            st.markdown(f":material/{icon}: {plain(finding.sentence)}")
            more = len(finding.names) - NAMES_SHOWN
            names = [*finding.names[:NAMES_SHOWN], *([f"and {more:,} more"] if more > 0 else [])]
            st.caption("  \n".join(map(plain, names)))
        if pairs:
            _pairs(splits, pairs)


def _pairs(splits: Splits, found: list[NearDuplicate]) -> None:
    """Show some validation images beside the training images that are nearly the same."""
    st.markdown(
        f":material/warning: {len(found):,} of {len(splits.validation):,} validation images have a "
        "near-duplicate in the training set: the accuracy tells how well the network has memorised them, not "
        "how well it generalises."
    )
    with st.container(horizontal=True, gap="medium"):
        for pair in found[:: -(-len(found) // PAIRS_SHOWN)]:
            both = splits.validation.images[pair.validation], splits.train.images[pair.training]
            name, other = splits.validation.names[pair.validation], splits.train.names[pair.training]
            st.image(
                shown(images.contact_sheet(both, columns=2), PAIR_PIXELS),
                width=PAIR_PIXELS,
                alt=f"Left the validation image {name}, right the training image {other}: nearly the same",
            )
    st.caption("Left: validation, right: training.")


def _wants_more(info: DatasetInfo, found: tuple[Finding, ...]) -> bool:
    """Whether a class has few images, and the dataset was made here: then the camera can add some."""
    if not any(one.kind in ("few", "uneven") for one in found) or info.kind != "folder":
        return False
    try:
        return folder.dataset_folder(info.name).is_ours
    except CnnLabError:
        return False


def _some(found: Finding) -> str:
    names = [plain(name.partition(":")[0]) for name in found.names[:4]]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _sentence(found: Finding) -> str:
    return plain(found.sentence.rstrip("."))


@st.cache_resource(
    max_entries=8,
    show_spinner="Looking through the images…",
    hash_funcs={DatasetInfo: repr, LoadOptions: repr},
)
def _report(info: DatasetInfo, options: LoadOptions, _splits: Splits, _sizes: Sizes) -> Report:
    return report(_splits, info, _sizes, options.image_size, near_duplicates=False)


@st.cache_resource(
    max_entries=8,
    show_spinner="Looking for near-duplicates…",
    hash_funcs={DatasetInfo: repr, LoadOptions: repr},
)
def _near_duplicates(info: DatasetInfo, options: LoadOptions, _splits: Splits) -> list[NearDuplicate]:
    """Compare the two parts of a folder; among drawings and scans all are alike."""
    return near_duplicates(_splits.train, _splits.validation) if info.kind == "folder" else []
