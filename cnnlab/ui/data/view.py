"""A dataset to look at: its facts, samples with their labels, and what is in it in numbers."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from cnnlab import datasets
from cnnlab.charts import datasets as charts
from cnnlab.datasets import DatasetInfo, LoadOptions, Samples, Splits
from cnnlab.datasets.report import Sizes
from cnnlab.datasets.split import ways_to_split
from cnnlab.datasets.statistics import PixelStatistics, pixel_statistics
from cnnlab.languages import _, _p, joined
from cnnlab.ui.data.loading import choose_loading, choose_way, shown_size, way_key
from cnnlab.ui.data.one_image import open_image
from cnnlab.ui.data.words import image_name, told
from cnnlab.ui.image_wall import Tile, image_wall
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.wording import plain, refusal

SAMPLES = 30
LOADED = 3
BY_VALUE: dict[str | type[Any], Callable[[Any], Any]] = {DatasetInfo: repr, LoadOptions: repr}
SAMPLE_PIXELS = 80


def choose_split(info: DatasetInfo) -> tuple[Splits, LoadOptions, Callable[[], None] | None]:
    """Show how a dataset can be loaded and split.

    Returns its images, the choices, and what splits by group where that would be better.

    Raises:
        DatasetError: it cannot be read or split.
    """
    ways = _ways_to_split(info)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        way = choose_way(info, ways)
        options = choose_loading(info, way)
    by_person = None
    if way == "random" and "group" in ways:
        by_person = functools.partial(_take_way, way_key(info), "group")
    return _load(info, options), options, by_person


def _take_way(key: str, way: str) -> None:
    st.session_state[key] = way


def facts(info: DatasetInfo) -> None:
    """Say what a dataset is, what it is good for, and where it comes from."""
    source, licence = refusal(info.source), refusal(info.licence)
    if info.kind != "folder":
        st.markdown(joined((plain(_(info.summary)), plain(_(info.lesson)))))
    st.caption(_("Source: {source} · Licence: {licence}", source=source, licence=licence))


def counts(info: DatasetInfo, splits: Splits) -> None:
    """Show the numbers that matter before training, in one line."""
    figures = [
        (_("Images"), f"{info.images:,}", None),
        (_p("of a dataset", "Classes"), f"{len(splits.classes):,}", None),
        (_("Image size"), _size_in_words(info), _("Of the originals, width × height in pixels.")),
        (_("Training set"), f"{len(splits.train):,}", None),
        (_("Validation set"), f"{len(splits.validation):,}", _("Used for evaluation only.")),
    ]
    if splits.test:
        figures.append((_("Test set"), f"{len(splits.test):,}", _("Provided with the dataset; left alone.")))
    with st.container(horizontal=True, gap="medium"):
        for label, value, why in figures:
            st.metric(label, value, width="content", help=why)


def gallery(info: DatasetInfo, splits: Splits) -> None:
    """Show samples with their labels; a class can be picked out, others drawn, and one opened large."""
    st.header(_("Samples"), anchor=False)
    labels = range(len(splits.classes))
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        chosen = st.pills(
            _("Class"),
            labels,
            format_func=lambda label: plain(splits.classes[label]),
            selection_mode="multi",
            label_visibility="collapsed",
            key=f"data_classes_{splits.classes}",
            wrap=len(labels) <= 12,
        )
        if st.button(_("Shuffle"), icon=":material/shuffle:"):
            st.session_state.data_shuffle = st.session_state.get("data_shuffle", 0) + 1
    part = splits.train
    among = np.flatnonzero(np.isin(part.labels, chosen or labels))
    rng = np.random.default_rng(st.session_state.get("data_shuffle", 0))
    some = part.subset(rng.permutation(among)[:SAMPLES])
    tiles = [
        Tile.of(name, image, class_name, f"{class_name}: {image_name(name)}", SAMPLE_PIXELS)
        for name, image, class_name in zip(
            some.names, some.images, (splits.classes[label] for label in some.labels), strict=True
        )
    ]
    picked = image_wall(tiles, "data_samples", _("Samples of the training set"), SAMPLE_PIXELS)
    st.caption(_shown_at(info, splits))
    if picked is not None:
        number = some.names.index(picked)
        open_image(info, picked, splits.classes[some.labels[number]], some.images[number])


def _shown_at(info: DatasetInfo, splits: Splits) -> str:
    """Say what the samples are, and at which size they are shown, where it is not their own."""
    height, width = splits.train.images.shape[1:3]
    size = f"{width} × {height}"
    if _size_in_words(info) == size:
        return _("Of the training set. Click an image to see it larger.")
    return _("Of the training set, resized to {size} pixels. Click an image to see it larger.", size=size)


def numbers(info: DatasetInfo, splits: Splits, options: LoadOptions) -> None:
    """Show the distribution of the classes, the levels of the channels, and the sizes where they differ."""
    classes = len(splits.classes)
    st.header(_("Class distribution"), anchor=False)
    parts = (tuple(part.counts(classes)) for part in (splits.train, splits.validation))
    still_chart("data_balance", charts.class_balance, tuple(splits.classes), *parts)
    st.header(_("Mean ± standard deviation per channel"), anchor=False)
    mean, std = _statistics(info, options, splits.train.images)
    still_chart("data_levels", charts.channel_levels, tuple(mean), tuple(std))
    spread = ", ".join(f"{m:.1f} ± {d:.1f}" for m, d in zip(mean, std, strict=True))
    st.caption(_("Of the training images, pixels from 0 to 255: {spread}", spread=spread))
    if len(sizes := _sizes(info)) > 1:
        st.header(_("Image sizes"), anchor=False)
        still_chart("data_sizes", charts.image_sizes, tuple(sizes.items()))


def _load(info: DatasetInfo, options: LoadOptions) -> Splits:
    """Load once for all browsers, with a bar while it takes its time; the last few are kept."""
    shelf, key = _shelf(), repr((info, options, datasets.version(info.name)))
    if not (splits := shelf.get(key)):
        bar = st.progress(0.0, _("Loading the images…"))
        try:
            splits = datasets.load(info.name, options, told(bar))
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
def _ways_to_split(info: DatasetInfo) -> tuple[str, ...]:
    """Return in which ways a dataset can be split, the one to take first."""
    if info.kind == "folder":
        return datasets.ways_to_split(info.name)
    splits = _load(info, LoadOptions(image_size=shown_size(info)))
    return ways_to_split(Samples(splits.train, splits.test), splits.classes)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_VALUE)
def _statistics(info: DatasetInfo, options: LoadOptions, _images: np.ndarray) -> PixelStatistics:
    return pixel_statistics(_images)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_VALUE)
def _sizes(info: DatasetInfo) -> dict[tuple[int, int], int]:
    return dict(datasets.image_sizes(info.name))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_VALUE)
def sides(info: DatasetInfo) -> Sizes:
    """Return the ``(height, width)`` of a dataset's files by their names; nothing where it has none."""
    return datasets.image_sides(info.name)


def _size_in_words(info: DatasetInfo) -> str:
    """Say ``32 × 32``, width first as people do, or the range of all sides."""
    sizes = _sizes(info)
    if len(sizes) == 1:
        height, width = next(iter(sizes))
        return f"{width} × {height}"
    sides = [side for size in sizes for side in size]
    return _("{low} to {high}", low=min(sides), high=max(sides))
