"""What is to be looked at in a dataset before it is trained on: one line, with the remedy as a button."""

from collections.abc import Callable

import streamlit as st

from cnnlab import images
from cnnlab.datasets import DatasetInfo, LoadOptions, Splits
from cnnlab.datasets.duplicates import NearDuplicate, near_duplicates
from cnnlab.datasets.own import folder
from cnnlab.datasets.report import Finding, Report, Sizes, report
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, _n, _p, recognised
from cnnlab.ui.asking import shown
from cnnlab.ui.data.words import listed
from cnnlab.ui.wording import plain, refusal

NAMES_SHOWN = 20
PAIRS_SHOWN = 5
PAIR_PIXELS = 160
WRONG = ("two-classes", "untested", "unreadable")
"""Kinds of findings that make a network learn, or be measured on, what is not so: a red line."""
BRIEF: dict[str, Callable[[Finding], str]] = {
    "unreadable": lambda found: _("{n} unreadable, skipped", n=_count(found)),
    "unread": lambda found: _("{n} of a kind that cannot be read, skipped", n=_count(found)),
    "few": lambda found: _("few images of {classes}", classes=_some(found)),
    "uneven": lambda found: _("uneven class distribution"),
    "small": lambda found: _("{n} very small", n=_count(found)),
    "two-classes": lambda found: _("{n} in two classes at once", n=_count(found)),
    "twice": lambda found: _("{n} with exact duplicates", n=_count(found)),
    "untested": lambda found: _("no {classes} to measure", classes=_some(found)),
    "deep": lambda found: _("more than 8 bits a channel"),
    "unlabelled": lambda found: _("{n} without a class, skipped", n=_count(found)),
    "unused": lambda found: _("{n} outside the dataset's folders, skipped", n=_count(found)),
    "beside": lambda found: _("{n} beside the class folders, skipped", n=_count(found)),
    "other-class": lambda found: _("{n} of a class that is not trained, skipped", n=_count(found)),
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
    with st.spinner(_("Looking through the images…")):
        found = _report(info, options, splits, sizes)
    with st.spinner(_("Looking for near-duplicates…")):
        pairs = _near_duplicates(info, options, splits)
    said = [BRIEF.get(one.kind, _sentence)(one) for one in found.findings]
    said += _leak(len(pairs), len(splits.validation), by_person is not None)
    usable = f"{found.usable:,}"
    if not said:
        st.caption(f":material/check: {_('No problems found in {usable} images.', usable=usable)}")
        return
    is_wrong = any(one.kind in WRONG for one in found.findings)
    line, remedies = st.columns([7, 3], vertical_alignment="center")
    draw = line.error if is_wrong else line.warning
    words = _n(
        "**{n} issue; {usable} images usable:** {issues}.",
        "**{n} issues; {usable} images usable:** {issues}.",
        len(said),
        usable=usable,
        issues=_p("between clauses", "; ").join(said),
    )
    draw(words, icon=":material/rule:")
    with remedies, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if by_person:
            label, icon = _("Split by person"), ":material/group:"
            st.button(label, icon=icon, on_click=by_person, key="data_by_person")
        if _wants_more(info, found.findings):
            label, icon = _("Collect more"), ":material/add_a_photo:"
            st.page_link("pages/collect.py", label=label, icon=icon, query_params={"dataset": info.name})
        _details(found.findings, splits, pairs)


def _leak(pairs: int, validation: int, is_of_people: bool) -> list[str]:
    """Say what in the validation set is too much like the training set, if anything."""
    counts = {"n": f"{pairs:,}", "validation": f"{validation:,}"}
    if is_of_people and pairs:
        return [
            _(
                "images of one person in training and validation set (near-duplicates: {n} of {validation} "
                "validation images): over-optimistic accuracy (data leakage)",
                **counts,
            )
        ]
    if is_of_people:
        return [
            _("images of one person in training and validation set: over-optimistic accuracy (data leakage)")
        ]
    if pairs:
        return [
            _(
                "{n} of {validation} validation images have a near-duplicate in the training set: "
                "over-optimistic accuracy (data leakage)",
                **counts,
            )
        ]
    return []


@st.fragment
def _details(found: tuple[Finding, ...], splits: Splits, pairs: list[NearDuplicate]) -> None:
    """Show each finding with the names of its files behind a button; closed it costs nothing."""
    if not (found or pairs):
        return
    fold = st.popover(_("Details"), icon=":material/list:", on_change="rerun", key="data_findings")
    if not fold.open:
        return
    with fold:
        for finding in found:
            icon = "error" if finding.kind in WRONG else "warning"
            st.markdown(f":material/{icon}: {refusal(finding.sentence)}")
            more = len(finding.names) - NAMES_SHOWN
            names = [*map(refusal, finding.names[:NAMES_SHOWN])]
            names += [_("and {n} more", n=f"{more:,}")] if more > 0 else []
            st.caption("  \n".join(names))
        if pairs:
            _pairs(splits, pairs)


def _pairs(splits: Splits, found: list[NearDuplicate]) -> None:
    """Show some validation images beside the training images that are nearly the same."""
    st.markdown(
        ":material/warning: "
        + _(
            "{n} of {validation} validation images have a near-duplicate in the training set: the accuracy "
            "tells how well the network has memorised them, not how well it generalises.",
            n=f"{len(found):,}",
            validation=f"{len(splits.validation):,}",
        )
    )
    with st.container(horizontal=True, gap="medium"):
        for pair in found[:: -(-len(found) // PAIRS_SHOWN)]:
            both = splits.validation.images[pair.validation], splits.train.images[pair.training]
            name, other = splits.validation.names[pair.validation], splits.train.names[pair.training]
            st.image(
                shown(images.contact_sheet(both, columns=2), PAIR_PIXELS),
                width=PAIR_PIXELS,
                alt=_(
                    "Left the validation image {name}, right the training image {other}: nearly the same",
                    name=name,
                    other=other,
                ),
            )
    st.caption(_("Left: validation, right: training."))


def _wants_more(info: DatasetInfo, found: tuple[Finding, ...]) -> bool:
    """Whether a class has few images, and the dataset was made here: then the camera can add some."""
    if not any(one.kind in ("few", "uneven") for one in found) or info.kind != "folder":
        return False
    try:
        return folder.dataset_folder(info.name).is_ours
    except CnnLabError:
        return False


def _some(found: Finding) -> str:
    return listed((plain(name.partition(":")[0]) for name in found.names[:4]), 3)


def _count(found: Finding) -> str:
    return f"{len(found.names):,}"


def _sentence(found: Finding) -> str:
    return plain(recognised(found.sentence).rstrip(".。"))


@st.cache_resource(
    max_entries=8,
    show_spinner=False,
    hash_funcs={DatasetInfo: repr, LoadOptions: repr},
)
def _report(info: DatasetInfo, options: LoadOptions, _splits: Splits, _sizes: Sizes) -> Report:
    return report(_splits, info, _sizes, options.image_size, near_duplicates=False)


@st.cache_resource(
    max_entries=8,
    show_spinner=False,
    hash_funcs={DatasetInfo: repr, LoadOptions: repr},
)
def _near_duplicates(info: DatasetInfo, options: LoadOptions, _splits: Splits) -> list[NearDuplicate]:
    """Compare the two parts of a folder; among drawings and scans all are alike."""
    return near_duplicates(_splits.train, _splits.validation) if info.kind == "folder" else []
