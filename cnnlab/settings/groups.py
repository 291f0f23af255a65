"""The groups of settings. None means: as the network or the dataset has it.

This file is long because it is the table of all settings, and each stands here only.

A group that others need too stands by itself: ``LoadOptions`` is split, size and resizing, and a
``Preprocessing`` is resizing and scaling.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cnnlab.languages import _, texts
from cnnlab.settings.augmentation import augmentation_in_words, augmentation_problem
from cnnlab.settings.declaration import NOTHING, group, setting
from cnnlab.settings.options import options_in_words

OPTIMIZERS = {
    "adam": 0.001,
    "adamw": 0.001,
    "sgd": 0.01,
    "rmsprop": 0.001,
    "adagrad": 0.001,
    "adadelta": 0.001,
}
"""Names of the optimizers and the learning rate each has in Keras when none is given."""

DECAY_FACTORS = {"exponential": 0.95}
"""Factors of the schedules that fall too often for the usual one, ``USUAL_FACTOR``."""
USUAL_FACTOR = 0.1

IN_PIXELS = texts("Mean and deviation must be numbers in pixel units, the deviation above 0.")


def decay_factor(schedule: str) -> float:
    """Return the factor that a schedule has when none is given."""
    return DECAY_FACTORS.get(schedule, USUAL_FACTOR)


def per_cent(value: float) -> str:
    """Say 0.125 as ``12.5 %``."""
    return f"{value * 100:.3g} %"


def _epochs(values: Sequence[int]) -> str:
    return _("epoch {numbers}", numbers=", ".join(map(str, values))) if values else NOTHING


def _channels(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _network(values: Mapping[str, Any]) -> str:
    return str(values.get("title", NOTHING)) if values else NOTHING


@group
class NetworkSettings:
    """Network: ``options`` are its named choices, such as ``{"unfreeze_blocks": 2}``.

    ``network`` is a snapshot of a network that somebody made, as it was when the run began.
    """

    architecture: str = setting(
        "Architecture", "The network that is trained.", kw_only=False, typed="See `architectures`"
    )
    options: dict[str, str | int] = setting(
        "Network options",
        "Choices that this network offers.",
        default_factory=dict,
        typed="Such as unfreeze_blocks=2",
        say=options_in_words,
    )
    network: dict[str, Any] = setting(
        "Layers", "The layers of an own network.", default_factory=dict, say=_network, quiet=True, typed=None
    )


@group
class OptimizerSettings:
    """Optimizer: ``learning_rate`` None is Keras's default of the optimizer."""

    epochs: int = setting("Epochs", "Passes over the training set.", default=5, low=1, high=10_000)
    batch_size: int = setting("Batch size", "Images per gradient step.", default=32, low=1, high=4096)
    optimizer: str = setting(
        "Optimizer",
        "How the weights follow the gradient of the loss.",
        default="adam",
        choices={
            "adam": "Adam",
            "adamw": "AdamW",
            "sgd": "SGD",
            "rmsprop": "RMSprop",
            "adagrad": "Adagrad",
            "adadelta": "Adadelta",
        },
    )
    learning_rate: float | None = setting(
        "Learning rate",
        "Step size of the optimizer; empty: Keras's default for it.",
        default=None,
        low=0,
        above=True,
        high=100,
        none="default",
        step=0.0001,
        format="%.6g",
    )
    momentum: float = setting(
        "Momentum",
        "Share of the last update that is added to the next one.",
        default=0.0,
        low=0,
        high=0.9999,
        step=0.1,
        quiet=True,
        needs=("optimizer", ("sgd", "rmsprop")),
    )
    nesterov: bool = setting(
        "Nesterov momentum",
        "Takes the gradient where the momentum will have carried the weights.",
        default=False,
        needs=("optimizer", ("sgd",)),
        quiet=True,
    )
    ema_momentum: float | None = setting(
        "Weight averaging (EMA): momentum",
        "Validation, saved weights and predictions use an exponential moving average of the weights over the "
        "steps: of the average until then this fraction, the rest of the new weights. 0.99 averages about "
        "the last 100 steps.",
        default=None,
        low=0,
        above=True,
        high=0.9999,
        none="off",
        step=0.01,
        format="%.6g",
        quiet=True,
    )


@group
class ScheduleSettings:
    """LR schedule: ``cnnlab.training.schedules`` says what each does; a factor None becomes the usual one."""

    schedule: str = setting(
        "LR schedule",
        "How the learning rate changes from epoch to epoch.",
        default="constant",
        choices={
            "constant": "constant",
            "cosine": "cosine decay",
            "exponential": "exponential decay",
            "plateau": "reduce on plateau",
            "step": "step (multistep) decay",
        },
    )
    schedule_factor: float | None = setting(
        "Decay factor",
        "The learning rate is multiplied by this at each decay.",
        default=None,
        low=0.001,
        high=1,
        step=0.05,
        format="%.6g",
        needs=("schedule", ("step", "exponential", "plateau")),
    )
    schedule_epochs: tuple[int, ...] = setting(
        "Milestones",
        "Epochs after which the learning rate decays.",
        default=(),
        low=0,
        above=True,
        say=_epochs,
        needs=("schedule", ("step",)),
        wrong="The epochs at which the learning rate drops must be whole numbers above 0.",
    )
    schedule_patience: int = setting(
        "Plateau: patience",
        "Epochs without a lower validation loss before the rate decays.",
        default=3,
        low=1,
        high=1000,
        unit="epochs",
        needs=("schedule", ("plateau",)),
    )
    warm_up_epochs: int = setting(
        "Warm-up",
        "Linear warm-up to the base learning rate.",
        default=0,
        low=0,
        high=1000,
        unit="epochs",
        quiet=True,
    )


@group
class RegularisationSettings:
    """Regularisation: ``l2`` is the penalty on the sum of squared kernel weights."""

    dropout: float | None = setting(
        "Dropout rate",
        "Rate of every dropout layer.",
        default=None,
        low=0,
        high=0.95,
        none="as in the network",
        step=0.1,
        quiet=True,
    )
    l2: float = setting(
        "Weight decay (L2)",
        "This times the sum of squared kernel weights is added to the loss.",
        default=0.0,
        low=0,
        high=10,
        step=0.0001,
        format="%.6g",
        quiet=True,
    )
    label_smoothing: float = setting(
        "Label smoothing",
        "Target probability moved from the true class to all; less over-confidence.",
        default=0.0,
        low=0,
        high=0.9,
        step=0.05,
        quiet=True,
    )
    stop_patience: int | None = setting(
        "Early stopping: patience",
        "Epochs without a lower validation loss before training ends.",
        default=None,
        low=1,
        high=10_000,
        unit="epochs",
        none="off",
        quiet=True,
    )


@group
class Split:
    """Which images are trained on, and which are held out for validation."""

    seed: int = setting(
        "Seed",
        "Fixes the split, the order of the images and the initial weights.",
        default=0,
        low=0,
        high=2**31 - 1,
        say=str,
    )
    validation_fraction: float = setting(
        "Validation fraction",
        "Share of the images that is held out for validation.",
        name="validation_share",
        default=0.2,
        low=0.01,
        high=0.9,
        step=0.05,
        say=per_cent,
        needs=("split_by", ("random", "group")),
    )
    split_by: str = setting(
        "Split",
        "How training and validation set are divided; validation images are used for evaluation only. "
        "Group-wise: no person (group) is in both.",
        default="random",
        choices={"random": "random", "group": "group-wise", "given": "provided test set"},
    )
    max_per_class: int | None = setting(
        "Max. images per class",
        "So many images of each class, drawn at random.",
        default=None,
        low=2,
        high=10**7,
        none="all",
        quiet=True,
    )


@group
class Dataset:
    """What is trained on: a dataset of the library by its name, or a path."""

    dataset: str = setting(
        "Dataset",
        "The images, with their classes.",
        kw_only=False,
        typed="See `datasets`; or a folder with one folder per class, or a ZIP of it",
    )


@group
class DataSettings(Split, Dataset):
    """Data, and how it is divided."""

    shuffle: bool = setting(
        "Shuffle", "A new random order of the training images in each epoch.", default=True, quiet=True
    )
    sort_by_class: bool = setting(
        "Sorted by class",
        "Without shuffling: all images of the first class, then those of the second, and so on.",
        default=False,
        needs=("shuffle", (False,)),
        quiet=True,
    )


@group
class ImageSize:
    """Size and colour of the images."""

    image_size: int | None = setting(
        "Image size",
        "Images are resized to this width and height.",
        default=None,
        low=8,
        high=1024,
        unit="px",
        none="as in the network",
        kw_only=False,
    )
    channels: int | None = setting(
        "Colour channels",
        "Colour images can be converted to grayscale, and gray ones to RGB.",
        default=None,
        choices={None: "as in the dataset", 1: "grayscale", 3: "RGB"},
        kw_only=False,
    )


@group
class Resizing:
    """How an image gets its size."""

    resample: str = setting(
        "Interpolation",
        "How a pixel of the resized image is computed.",
        default="area",
        choices={"area": "area (mean)", "bilinear": "bilinear"},
    )
    resize_mode: str = setting(
        "Aspect ratio",
        "How an image that is not square is made square.",
        name="fit",
        default="squash",
        choices={"squash": "stretch", "crop": "centre crop"},
    )


@group
class Scaling:
    """``(pixel - mean) / std``, in pixel units: one number for all channels, or one for each."""

    mean: tuple[float, ...] = setting(
        "Mean",
        "Subtracted from the pixels, 0 to 255, per channel.",
        default=(0.0,),
        say=_channels,
        wrong=IN_PIXELS,
    )
    std: tuple[float, ...] = setting(
        "Standard deviation",
        "The pixels are divided by it, per channel.",
        name="deviation",
        default=(255.0,),
        low=0,
        above=True,
        say=_channels,
        wrong=IN_PIXELS,
    )


@group
class PreprocessingSettings(Scaling, Resizing, ImageSize):
    """Preprocessing: with ``scaling`` "dataset", mean and std are those of the training set."""

    scaling: str = setting(
        "Normalisation",
        "The range of the pixel values that the network gets.",
        default="given",
        choices={"given": "fixed mean and standard deviation", "dataset": "standardise per channel"},
    )


@group
class AugmentationSettings:
    """Augmentation: the values of ``AUGMENTATIONS`` that are not at rest, such as ``{"flip": 1}``.

    A frozen base with ``augmented_copies`` looks at so many augmented copies of each image once, and its head
    trains on what it saw.
    """

    augmentation: dict[str, float | str] = setting(
        "Augmentation",
        "Random changes of the training images, sampled anew in each epoch.",
        default_factory=dict,
        typed="Such as flip=1 rotation=10 zoom=0.1",
        say=augmentation_in_words,
        check=augmentation_problem,
    )
    augmented_copies: int = setting(
        "Cached augmented features per image",
        "A frozen base computes the features of so many augmented copies of each image once, and only the "
        "layers behind it train on them: much faster; 0 runs the base in every epoch.",
        default=0,
        low=0,
        high=100,
        quiet=True,
    )


@group
class HardwareSettings:
    """Hardware."""

    precision: str = setting(
        "Precision",
        "16-bit arithmetic: faster and smaller on GPUs with tensor cores.",
        default="float32",
        choices={"float32": "float32", "mixed": "mixed (16 and 32 bits)"},
        quiet=True,
    )
    devices: str = setting(
        "Devices",
        "With several GPUs, each takes an equal fraction of every batch (data parallel).",
        default="one",
        choices={"one": "one", "all": "all GPUs (data parallel)"},
        quiet=True,
    )
    deterministic: bool = setting(
        "Deterministic",
        "The same run again gives the same weights; somewhat slower.",
        default=False,
        quiet=True,
    )


@group
class NameSettings:
    """Names: the run's, and that of the recipe it follows."""

    title: str = setting("Name", "What the run is called.", default="")
    recipe: str | None = setting(
        "Recipe",
        "The recipe whose settings these are.",
        default=None,
        typed="See `recipes`; other options override it",
        quiet=True,
    )


GROUPS: dict[str, type] = {
    "Network": NetworkSettings,
    "Optimizer": OptimizerSettings,
    "LR schedule": ScheduleSettings,
    "Regularisation": RegularisationSettings,
    "Data and split": DataSettings,
    "Preprocessing": PreprocessingSettings,
    "Augmentation": AugmentationSettings,
    "Hardware": HardwareSettings,
    "Name": NameSettings,
}
"""All settings of a run, as the table of the README shows them; ``RunConfig`` is all of these at once."""
