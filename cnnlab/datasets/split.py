"""Training and validation sets that do not lie: seeded, every class in both, groups kept together."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from cnnlab.datasets.imageset import ImageSet, LoadOptions, Samples, Splits
from cnnlab.datasets.large import join, part
from cnnlab.errors import DatasetError
from cnnlab.languages import texts

GROUP_MARK = "__"
ATTEMPTS = 200


def split(
    samples: Samples, classes: tuple[str, ...], options: LoadOptions, drawn_by_name: bool = False
) -> Splits:
    """Divide the samples as ``options`` ask.

    ``drawn_by_name`` draws from the classes in the order of their letters, wherever they come in ``classes``:
    what is drawn stays the same when that order changes.

    Raises:
        DatasetError: fewer than two classes, a class with fewer than two images, no groups, no test part.
    """
    counts = samples.train.counts(len(classes))
    if len(classes) < 2:
        raise DatasetError("A dataset needs at least two classes; add images of another class.")
    if counts.min() < 2:
        name, usable = classes[counts.argmin()], counts.min()
        said = texts(
            f"Class {name} has 1 usable image; add some, at least 2: one to train and one to validate."
            if usable == 1
            else f"Class {name} has {usable} usable images; add some, at least 2: one to train and one to "
            "validate."
        )
        raise DatasetError(" ".join([said, *(item.reason for item in samples.skipped[:1])]))

    def divided(train: ImageSet, validation: ImageSet, test: ImageSet | None = None) -> Splits:
        return Splits(classes, train, validation, test, samples.skipped, white=samples.white)

    if samples.validation and options.split_by != "group":
        return divided(samples.train, samples.validation, samples.test)
    if options.split_by == "given":
        if not samples.test:
            raise DatasetError("This dataset has no test part of its own; split at random or by group.")
        return divided(samples.train, samples.test)
    if options.split_by == "group":
        if samples.validation:
            samples = replace(samples, train=join(samples.train, samples.validation))
        held_out = _whole_groups(samples.train, options)
    else:
        held_out = _stratified(samples.train, options, drawing_order(classes, drawn_by_name))
    train, validation = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    return divided(part(samples.train, train), part(samples.train, validation), samples.test)


def drawing_order(classes: Sequence[str], drawn_by_name: bool) -> Sequence[int]:
    """Return the labels in the order in which a random split draws from them."""
    return sorted(range(len(classes)), key=classes.__getitem__) if drawn_by_name else range(len(classes))


def group_of(name: str) -> str | None:
    """Return whom an image shows: ``anna`` for ``rock/anna__012.jpg`` and for ``rock/anna/12.jpg``."""
    path = PurePosixPath(name)
    if GROUP_MARK in path.stem:
        return path.stem.partition(GROUP_MARK)[0]
    return "/".join(path.parts[1:-1]) or None


def can_split_by_group(images: ImageSet, classes: tuple[str, ...]) -> bool:
    """Say whether whole groups can be held out so that every class has images on both sides."""
    if len({group_of(name) for name in images.names} - {None}) < 2:
        return False
    try:
        split(Samples(images), classes, LoadOptions(split_by="group"))
    except DatasetError:
        return False
    return True


def ways_to_split(samples: Samples, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return in which ways (values of ``split_by``) a dataset can be split; the first is the one to take.

    As it is provided where it has a validation set besides its test set, else by group where its images name
    groups: those of one person on both sides make the accuracy over-optimistic.
    """
    divided = samples.validation is not None and samples.test is not None
    whole = join(samples.train, samples.validation) if samples.validation else samples.train
    by_group = ("group",) if can_split_by_group(whole, classes) else ()
    if divided:
        return ("given", *by_group)
    return (*by_group, "random", *(("given",) if samples.test or samples.validation else ()))


def at_most(labels: np.ndarray, per_class: int | None, seed: int) -> np.ndarray:
    """Return the indices of at most ``per_class`` images of each label, drawn with the seed, in order."""
    if per_class is None:
        return np.arange(len(labels))
    order = np.random.default_rng(seed).permutation(len(labels))
    return np.sort(np.concatenate([order[labels[order] == label][:per_class] for label in np.unique(labels)]))


def _stratified(images: ImageSet, options: LoadOptions, order: Sequence[int]) -> np.ndarray:
    """Return which images to hold out, bool ``(N,)``: the same fraction of every class."""
    held_out = np.zeros(len(images), bool)
    members = [np.flatnonzero(images.labels == label) for label in order]
    drawn = held_out_of(list(map(len, members)), options.seed, options.validation_fraction)
    for here, chosen in zip(members, drawn, strict=True):
        held_out[here] = chosen
    return held_out


def held_out_of(counts: Sequence[int], seed: int, fraction: float) -> list[np.ndarray]:
    """Return which images of each class a random split holds out, bool ``(count,)`` in the class's order."""
    rng, drawn = np.random.default_rng(seed), []
    for count in counts:
        held_out = np.zeros(count, bool)
        most = min(max(round(count * fraction), 1), count - 1)
        held_out[rng.permutation(np.arange(count))[:most]] = True
        drawn.append(held_out)
    return drawn


def _whole_groups(images: ImageSet, options: LoadOptions) -> np.ndarray:
    """Return which images to hold out, bool ``(N,)``: whole groups, every class on both sides."""
    groups = np.array([group_of(name) or "" for name in images.names])
    names, members = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise DatasetError(
            "Images are split by group by their names, and these name none; "
            "name them PERSON__NUMBER.jpg or put each person's into a folder within the class."
        )
    sizes, classes = np.bincount(members), len(np.unique(images.labels))
    rng = np.random.default_rng(options.seed)
    for _ in range(ATTEMPTS):
        order = rng.permutation(len(names))
        nearest = np.abs(sizes[order].cumsum() / len(images) - options.validation_fraction)[:-1].argmin()
        held_out = np.isin(members, order[: nearest + 1])
        if all(len(np.unique(images.labels[part])) == classes for part in (held_out, ~held_out)):
            return held_out
    raise DatasetError("No choice of whole groups leaves every class in both parts; split at random instead.")
