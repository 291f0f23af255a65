"""Known before a fork starts: how many of its validation images its weights have been trained on."""

from cnnlab.datasets import Splits
from cnnlab.inference import Pictures
from cnnlab.runs import Run
from cnnlab.runs.lineage import Origin
from cnnlab.training.config import RunConfig
from cnnlab.training.trained_on import TrainedOn, alike

_DECIDES_SPLIT = ("dataset", "seed", "validation_share", "split_by", "max_per_class")


def of_same_split(parent: Run, config: RunConfig, images: int | None) -> Pictures | None:
    """Return on how many images a fork will be validated, with those that leak, if it is split as its parent.

    No image is loaded. None where the split is another, or may be: then ``of_fork`` knows.

    Args:
        parent: the run that the fork goes on from.
        config: the settings of the fork.
        images: how many the dataset holds now, or None for one that never changes.

    Raises:
        CnnLabError: the settings of the parent cannot be read.
    """
    before = RunConfig.from_dict(parent.config)
    if any(getattr(before, name) != getattr(config, name) for name in _DECIDES_SPLIT):
        return None
    known = TrainedOn.read(parent)
    if known is None or images not in (None, len(known.train) + len(known.validation)):
        return None
    return Pictures(len(known.validation), known.leaked)


def of_fork(parent: Run, config: RunConfig, splits: Splits) -> Pictures | None:
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
    return Pictures(len(its.validation), its.leaked)
