"""A dataset to look at: its facts, samples with their labels, and what is in it in numbers."""

import numpy as np
import streamlit as st

from cnnlab import datasets, images
from cnnlab.charts import datasets as charts
from cnnlab.datasets import DatasetInfo, LoadOptions, Splits
from cnnlab.datasets.duplicates import Twin, twins_across
from cnnlab.datasets.report import Sizes
from cnnlab.datasets.split import group_of
from cnnlab.datasets.statistics import PixelStatistics, pixel_statistics
from cnnlab.ui.asking import GAP, shown, spaced
from cnnlab.ui.data.loading import choose_loading, shown_size
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.wording import plain

SAMPLES = 30
LOADED = 3
BY_VALUE = {DatasetInfo: repr, LoadOptions: repr}
TWINS_SHOWN = 5
SAMPLE_PIXELS = 80
SPLITS = {"random": "At random", "group": "By group", "given": "As provided"}


def choose_split(info: DatasetInfo) -> tuple[Splits, LoadOptions]:
    """Show how a dataset can be loaded and split; return its pictures and the choices.

    Raises:
        DatasetError: it cannot be read or split.
    """
    ways = _ways_to_split(info)
    way = ways[0]
    if len(ways) > 1:
        way = st.segmented_control("Split", ways, format_func=SPLITS.get, default=way, required=True)
    options = choose_loading(info, way)
    if way == "random" and "group" in ways:
        st.caption("Pictures of one person are on both sides of this split.")
    return _load(info, options), options


def facts(info: DatasetInfo) -> None:
    """Say what a dataset is, what it is good for, and where it comes from."""
    st.markdown(f"{plain(info.summary)}  \n{plain(info.lesson)}")
    st.caption(f"Source: {plain(info.source)} · Licence: {plain(info.licence)}")


def counts(info: DatasetInfo, splits: Splits) -> None:
    """Show the numbers that matter before training."""
    figures = {
        "Pictures": f"{info.images:,}",
        "Classes": f"{len(splits.classes):,}",
        "Pixels": _size_in_words(info),
        "To train": f"{len(splits.train):,}",
        "To validate": f"{len(splits.validation):,}",
    }
    if splits.test:
        figures["To test"] = f"{len(splits.test):,}"
    with st.container(horizontal=True, gap="medium"):
        for label, value in figures.items():
            st.metric(label, value, width="content")


def gallery(splits: Splits) -> None:
    """Show samples with their labels; a class can be picked out, and others drawn."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Samples", anchor=False)
        if st.button("Shuffle", icon=":material/shuffle:"):
            st.session_state.data_shuffle = st.session_state.get("data_shuffle", 0) + 1
    labels = range(len(splits.classes))
    chosen = st.pills(
        "Class",
        labels,
        format_func=lambda label: plain(splits.classes[label]),
        selection_mode="multi",
        label_visibility="collapsed",
        key=f"data_classes_{splits.classes}",
    )
    part = splits.train
    among = np.flatnonzero(np.isin(part.labels, chosen or labels))
    rng = np.random.default_rng(st.session_state.get("data_shuffle", 0))
    some = part.subset(rng.permutation(among)[:SAMPLES])
    pictures = [spaced(image, SAMPLE_PIXELS) for image in some.images]
    said = [plain(splits.classes[label]) for label in some.labels]
    st.image(pictures, said, SAMPLE_PIXELS + GAP, alt=list(some.names))


def numbers(info: DatasetInfo, splits: Splits, options: LoadOptions) -> None:
    """Show the balance of the classes, the levels of the channels, and the sizes where they differ."""
    classes = len(splits.classes)
    st.subheader("Class distribution", anchor=False)
    parts = (tuple(part.counts(classes)) for part in (splits.train, splits.validation))
    still_chart("data_balance", charts.class_balance, tuple(splits.classes), *parts)
    st.subheader("Brightness", anchor=False)
    mean, deviation = _statistics(info, options, splits.train.images)
    still_chart("data_levels", charts.channel_levels, tuple(mean), tuple(deviation))
    spread = ", ".join(f"{m:.1f} ± {d:.1f}" for m, d in zip(mean, deviation, strict=True))
    st.caption(f"Mean of the training pictures (0 to 255) and one standard deviation: {spread}")
    if len(sizes := _sizes(info)) > 1:
        st.subheader("Picture sizes", anchor=False)
        still_chart("data_sizes", charts.picture_sizes, tuple(sizes.items()))


def near_twins(info: DatasetInfo, splits: Splits, options: LoadOptions) -> None:
    """Show which validation pictures were as good as trained on, if any, and what that does to the score."""
    if not (twins := _twins(info, options, splits)):
        return
    st.subheader("Near twins", anchor=False)
    st.markdown(
        f"{len(twins):,} of {len(splits.validation):,} validation pictures have a near twin in the training "
        "part, so the score will flatter: it tells how well the network remembers, not how well it sees."
    )
    with st.container(horizontal=True, gap="medium"):
        for twin in twins[:: -(-len(twins) // TWINS_SHOWN)]:
            pair = splits.validation.images[twin.validation], splits.train.images[twin.training]
            st.image(shown(images.contact_sheet(pair, columns=2), 2 * SAMPLE_PIXELS), width=2 * SAMPLE_PIXELS)
    st.caption("Left: validation, right: training.")


def _load(info: DatasetInfo, options: LoadOptions) -> Splits:
    """Load once for all browsers, with a bar while it takes its time; the last few are kept."""
    shelf, key = _shelf(), repr((info, options, datasets.version(info.name)))
    if not (splits := shelf.get(key)):
        bar = st.progress(0.0, "Loading the pictures…")
        try:
            splits = datasets.load(info.name, options, bar.progress)
        finally:
            bar.empty()
        shelf[key] = splits
        for old in list(shelf)[:-LOADED]:
            shelf.pop(old, None)
    return splits


@st.cache_resource
def _shelf() -> dict[str, Splits]:
    return {}


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_VALUE)
def _ways_to_split(info: DatasetInfo) -> list[str]:
    splits = _load(info, LoadOptions(image_size=shown_size(info)))
    groups = {group_of(name) for name in splits.train.names} - {None}
    divided = {"validation", "test"} <= {part.role for part in info.parts if part.classes}
    by_group = ["group"] * (len(groups) > 1)
    return ["given", *by_group] if divided else ["random", *by_group] + ["given"] * (splits.test is not None)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_VALUE)
def _statistics(info: DatasetInfo, options: LoadOptions, _images: np.ndarray) -> PixelStatistics:
    return pixel_statistics(_images)


@st.cache_resource(max_entries=8, show_spinner="Looking for near twins…", hash_funcs=BY_VALUE)
def _twins(info: DatasetInfo, options: LoadOptions, _splits: Splits) -> list[Twin]:
    """Compare the two parts of a folder."""
    return twins_across(_splits.train, _splits.validation) if info.kind == "folder" else []


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_VALUE)
def _sizes(info: DatasetInfo) -> dict[tuple[int, int], int]:
    return dict(datasets.picture_sizes(info.name))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_VALUE)
def sides(info: DatasetInfo) -> Sizes:
    """Return the ``(height, width)`` of a dataset's files by their names; nothing where it has none."""
    return datasets.picture_sides(info.name)


def _size_in_words(info: DatasetInfo) -> str:
    """Say ``32 × 32``, width first as people do, or the range of all sides."""
    sizes = _sizes(info)
    if len(sizes) == 1:
        height, width = next(iter(sizes))
        return f"{width} × {height}"
    sides = [side for size in sizes for side in size]
    return f"{min(sides)} to {max(sides)}"
