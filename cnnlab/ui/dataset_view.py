"""A dataset to look at: its facts, samples with their labels, and what is in it in numbers."""

import numpy as np
import streamlit as st

from cnnlab import datasets, images
from cnnlab.charts import datasets as charts
from cnnlab.datasets import DatasetInfo, LoadOptions, Splits
from cnnlab.datasets.duplicates import Twin, twins_across
from cnnlab.datasets.split import group_of
from cnnlab.datasets.statistics import PixelStatistics, pixel_statistics
from cnnlab.ui.asking import shown
from cnnlab.ui.wording import plain

LARGEST_PIXELS = 128  # larger pictures are looked at in this size
SAMPLES = 30
SKIPPED_SHOWN = 50
TWINS_SHOWN = 5
SAMPLE_PIXELS = 80
SPLITS = {"random": "At random", "group": "By group", "given": "Own test part"}
QUIET_CHART = {"displayModeBar": False}


def choose_split(info: DatasetInfo) -> Splits:
    """Show the ways in which a dataset can be split, if there are several; return its pictures split so.

    Raises:
        DatasetError: it cannot be read or split.
    """
    ways = _ways_to_split(info)
    if len(ways) == 1:
        return _load(info, "random")
    way = st.segmented_control("Split", ways, format_func=SPLITS.get, default="random", required=True)
    if way == "random" and "group" in ways:
        st.caption("Pictures of one person are on both sides of this split.")
    return _load(info, way)


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
    with st.container(horizontal=True, gap="small"):
        for image, label, name in zip(some.images, some.labels, some.names, strict=True):
            st.image(shown(image, SAMPLE_PIXELS), plain(splits.classes[label]), SAMPLE_PIXELS, alt=name)


def numbers(info: DatasetInfo, splits: Splits) -> None:
    """Show the balance of the classes, the levels of the channels, and the sizes where they differ."""
    balance, levels = st.columns([3, 2], gap="large")
    classes = len(splits.classes)
    with balance:
        st.subheader("Balance", anchor=False)
        figure = charts.class_balance(
            splits.classes, splits.train.counts(classes), splits.validation.counts(classes)
        )
        st.plotly_chart(figure, config=QUIET_CHART, key="data_balance")
    with levels:
        st.subheader("Brightness", anchor=False)
        mean, deviation = _training_statistics(info, splits)
        st.plotly_chart(charts.channel_levels(mean, deviation), config=QUIET_CHART, key="data_levels")
        spread = ", ".join(f"{m:.1f} ± {d:.1f}" for m, d in zip(mean, deviation, strict=True))
        st.caption(f"Mean of the training pictures (0 to 255) and one deviation to either side: {spread}")
    if len(sizes := _sizes(info)) > 1:
        st.subheader("Picture sizes", anchor=False)
        st.plotly_chart(charts.picture_sizes(sizes), config=QUIET_CHART, key="data_sizes")


def near_twins(info: DatasetInfo, splits: Splits) -> None:
    """Show which validation pictures were as good as trained on, if any, and what that does to the score."""
    if not (twins := _twins(info, splits.validation.names[0], splits)):
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


def unreadable(info: DatasetInfo, splits: Splits) -> None:
    """Name the pictures that could not be read, if any."""
    if left_out := info.skipped + splits.skipped:
        noun = "picture" if len(left_out) == 1 else "pictures"
        with st.expander(f"{len(left_out):,} {noun} could not be read", icon=":material/warning:"):
            for item in left_out[:SKIPPED_SHOWN]:
                st.markdown(f"- {plain(item.reason)}")


@st.cache_resource(max_entries=3, show_spinner="Loading the pictures…", hash_funcs={DatasetInfo: repr})
def _load(info: DatasetInfo, split_by: str) -> Splits:
    shape = info.native_shape
    size = None if shape and max(shape[:2]) <= LARGEST_PIXELS else LARGEST_PIXELS
    return datasets.load(info.name, LoadOptions(image_size=size, fit="crop", split_by=split_by))


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs={DatasetInfo: repr})
def _ways_to_split(info: DatasetInfo) -> list[str]:
    splits = _load(info, "random")
    groups = {group_of(name) for name in splits.train.names} - {None}
    return ["random"] + ["group"] * (len(groups) > 1) + ["given"] * (splits.test is not None)


def _training_statistics(info: DatasetInfo, splits: Splits) -> PixelStatistics:
    return _statistics(info, splits.train.names[0], len(splits.train), splits.train.images)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs={DatasetInfo: repr})
def _statistics(info: DatasetInfo, first: str, count: int, _images: np.ndarray) -> PixelStatistics:
    """Compute once for each dataset and split; the split is told by its first name and size."""
    return pixel_statistics(_images)


@st.cache_data(max_entries=8, show_spinner="Looking for near twins…", hash_funcs={DatasetInfo: repr})
def _twins(info: DatasetInfo, first: str, _splits: Splits) -> list[Twin]:
    """Compare the two parts of a folder; the split is told by the first name of its validation part."""
    return twins_across(_splits.train, _splits.validation) if info.kind == "folder" else []


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs={DatasetInfo: repr})
def _sizes(info: DatasetInfo) -> dict[tuple[int, int], int]:
    return dict(datasets.picture_sizes(info.name))


def _size_in_words(info: DatasetInfo) -> str:
    """Say ``32 × 32``, width first as people do, or the range of all sides."""
    sizes = _sizes(info)
    if len(sizes) == 1:
        height, width = next(iter(sizes))
        return f"{width} × {height}"
    sides = [side for size in sizes for side in size]
    return f"{min(sides)} to {max(sides)}"
