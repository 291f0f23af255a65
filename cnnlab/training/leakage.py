"""Known before a fork starts: how many of its validation images its weights have been trained on."""

from dataclasses import replace

import numpy as np

from cnnlab import datasets
from cnnlab.datasets import Splits
from cnnlab.datasets.files.parts import VALIDATION
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.datasets.split import drawing_order, held_out_of
from cnnlab.inference import ImageCount
from cnnlab.runs import Run
from cnnlab.runs.lineage import Origin
from cnnlab.settings import RunConfig
from cnnlab.training.trained_on import TrainedOn, alike, labels_of, name_keys

_DECIDES_SPLIT = ("dataset", "seed", "validation_fraction", "split_by", "max_per_class")


def of_same_split(parent: Run, config: RunConfig, images: int | None) -> ImageCount | None:
    """Return on how many images a fork will be validated, with those that leak, without loading an image.

    It is known where the split is that of the parent, or where both are drawn at random from all images of
    one dataset: then both can be drawn again from the labels alone. A dataset that draws its images draws
    others with another seed. None elsewhere: then ``of_names`` or ``of_fork`` may know.

    Args:
        parent: the run that the fork goes on from.
        config: the settings of the fork.
        images: how many the dataset holds now, or None for one that never changes.

    Raises:
        CnnLabError: the settings of the parent cannot be read.
    """
    before, known = parent.config, TrainedOn.read(parent)
    if known is None or before.dataset != config.dataset:
        return None
    drawn = BUILT_IN.get(config.dataset)
    if drawn and drawn.draws_as_many_as_asked and before.seed != config.seed:
        return ImageCount(datasets.planned(config.dataset, config.load_options()).validation)  # all are new
    if images not in (None, len(known.train) + len(known.validation)):
        return None
    if differs(parent, config):
        return _drawn_again(parent, before, config, known)
    return ImageCount(len(known.validation), known.leaked)


def differs(parent: Run, config: RunConfig) -> bool:
    """Whether the settings of a fork split its images in another way than those of its parent.

    Raises:
        CnnLabError: the settings of the parent cannot be read.
    """
    return any(getattr(parent.config, name) != getattr(config, name) for name in _DECIDES_SPLIT)


def of_names(parent: Run, config: RunConfig) -> ImageCount | None:
    """Return the same, of whatever split of a folder or ZIP: the names of its files are enough.

    None where the names do not give the split of the parent again: the files are others than they were, or
    some of them cannot be read. Then only ``of_fork`` knows.

    Args:
        parent: the run that the fork goes on from.
        config: the settings of the fork.

    Raises:
        CnnLabError: the settings of the parent, or the dataset, cannot be read, or cannot be split so.
    """
    before, known = parent.config, TrainedOn.read(parent)
    if known is None or before.dataset != config.dataset or config.dataset in BUILT_IN:
        return None
    was, will = (datasets.planned_images(config.dataset, one.load_options()) for one in (before, config))
    parts = ((was.train, known.train), (was.validation, known.validation))
    if any(sorted(name_keys(part.names)) != sorted(keys[:, 0].tolist()) for part, keys in parts):
        return None
    pixels = dict(np.concatenate([known.train, known.validation]).tolist())
    names = name_keys(will.validation.names)
    keys = np.array([(name, pixels.get(name, 0)) for name in names], np.uint64)
    its = replace(known, validation=keys).after(known, same_dataset=True, same_view=True)
    return ImageCount(len(its.validation), its.leaked)


def of_fork(parent: Run, config: RunConfig, splits: Splits) -> ImageCount | None:
    """Return on how many images a fork will be validated, with those that leak.

    None where the parent does not remember what it was trained on.

    Args:
        parent: the run that the fork goes on from.
        config: the settings of the fork.
        splits: the images that it will load.

    Raises:
        CnnLabError: the settings of the parent cannot be read.
    """
    known = TrainedOn.read(parent)
    if known is None:
        return None
    its = TrainedOn.of(splits).after(known, *alike(Origin.of(parent), splits, config))
    return ImageCount(len(its.validation), its.leaked)


def _drawn_again(parent: Run, before: RunConfig, config: RunConfig, known: TrainedOn) -> ImageCount | None:
    """Count by drawing both splits; None where they are not drawn at random from all images."""
    if {before.split_by, config.split_by} != {"random"} or (before.max_per_class or config.max_per_class):
        return None
    if any(part.role == VALIDATION for part in datasets.get(config.dataset).parts):
        return ImageCount(len(known.validation), known.leaked)  # divided already: nothing is drawn
    labels = labels_of(parent, known)
    if labels is None:
        return None
    order = drawing_order(parent.model_facts.classes, config.dataset not in BUILT_IN)
    parts = [(known.train[labels[0] == label], known.validation[labels[1] == label]) for label in order]
    counts = [len(train) + len(validation) for train, validation in parts]
    was, will = (held_out_of(counts, drawn.seed, drawn.validation_fraction) for drawn in (before, config))
    if any(held.sum() != len(validation) for held, (_, validation) in zip(was, parts, strict=True)):
        return None  # it was drawn in another way
    chosen = []
    for (train, validation), held_out, anew in zip(parts, was, will, strict=True):
        keys = np.empty((len(held_out), 2), np.uint64)  # of the class, in its order
        keys[~held_out], keys[held_out] = train, validation
        chosen.append(keys[anew])
    its = replace(known, validation=np.concatenate(chosen)).after(known, same_dataset=True, same_view=True)
    return ImageCount(len(its.validation), its.leaked)
