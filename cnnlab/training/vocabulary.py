"""What each setting of a run is called in papers and in Keras, what it does, and the words of its values.

``terms`` is the way to ask it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnlab.errors import CnnLabError

NOTHING = "–"


@dataclass(frozen=True)
class Term:
    """What a setting is called: ``choices`` are the words of its values, ``none`` what None stands for."""

    label: str
    help: str
    unit: str = ""
    choices: Mapping[Any, str] = field(default_factory=dict)
    none: str = NOTHING
    say: Callable[[Any], str] | None = None

    def said(self, value: Any) -> str:
        """Say a value; one that no setting should have, as it stands."""
        if isinstance(value, str | int | float | None) and value in self.choices:
            return self.choices[value]
        if value is None:
            return self.none
        if isinstance(value, bool):
            return "yes" if value else "no"
        if self.say:
            with suppress(TypeError, ValueError, AttributeError):  # a file may hold anything
                return self.say(value)
        if isinstance(value, int | float):
            number = f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
            return f"{number} {self.unit}".strip()
        return str(value) if value else NOTHING


def _per_cent(value: Any) -> str:
    return f"{value * 100:.3g} %"


def _plus_minus(value: float) -> str:
    return f"±{_per_cent(value)}"


def _degrees(value: float) -> str:
    return f"±{value:g}°"


AUGMENTATIONS: dict[str, Term] = {
    "flip": Term("Horizontal flip", "Mirrors every second image, left to right."),
    "rotation": Term("Rotation", "About the centre of the image.", "°", say=_degrees),
    "zoom": Term("Zoom", "The same factor in width and height.", say=_plus_minus),
    "shift_x": Term("Horizontal shift", "As a share of the width.", say=_plus_minus),
    "shift_y": Term("Vertical shift", "As a share of the height.", say=_plus_minus),
    "fill": Term(
        *("Fill mode", "What stands where the moved image leaves a gap: black, or the image mirrored."),
        choices={"constant": "constant", "reflect": "reflect"},
    ),
    "brightness": Term("Brightness", "Added to every pixel, as a share of 255.", say=_plus_minus),
    "contrast": Term("Contrast", "Distance from the mean luminance.", say=_plus_minus),
    "saturation": Term("Saturation", "Distance from gray; gray images have none.", say=_plus_minus),
    "hue": Term("Hue", "Turns the colours about gray; gray images have none.", "°", say=_degrees),
    "crop": Term("Random crop", "This share of each side is cut away; the rest is enlarged.", say=_per_cent),
    "cutout": Term(
        "Cutout", "Side of a black square somewhere in the image, as a share of its side.", say=_per_cent
    ),
}
"""Terms of the fields of ``Augmentation``."""

OPTIONS: dict[str, Term] = {
    "base_weights": Term(
        *("Base weights", "What the weights of the base network start from."),
        choices={"imagenet": "ImageNet", "untrained": "random initialisation"},
    ),
    "unfreeze_blocks": Term(
        *("Trainable blocks of the base", "Fine-tuning: so many blocks, counted from the end, train too."),
    ),
    "batch_norm": Term(
        *("Batch norm", "In inference mode it keeps its moving mean and variance, and normalises nothing."),
        choices={"learning": "training mode", "frozen": "inference mode"},
    ),
}
"""Terms of the choices that some networks offer."""


def _augmentation(values: Mapping[str, Any]) -> str:
    words = [_of(AUGMENTATIONS, name, value) for name, value in values.items() if value]
    return ", ".join(words) or "none"


def _options(values: Mapping[str, Any]) -> str:
    return ", ".join(_of(OPTIONS, name, value) for name, value in values.items()) or NOTHING


def _of(terms: Mapping[str, Term], name: str, value: Any) -> str:
    """Say a name with its value: ``rotation ±10°``; a switch that is on by its name alone."""
    term = find(terms, name)
    label = term.label[:1].lower() + term.label[1:]
    return label if name == "flip" else f"{label} {term.said(value)}"


def find(terms: Mapping[str, Term], name: str) -> Term:
    """Return a term; of a setting that only a newer version knows, its name in readable form."""
    return terms.get(name) or Term(name.replace("_", " ").capitalize(), "")


def _epochs(values: Sequence[int]) -> str:
    return f"epoch {', '.join(map(str, values))}" if values else NOTHING


def _channels(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _dataset(name: str) -> str:
    from cnnlab import datasets  # late: it brings OpenCV

    with suppress(CnnLabError, OSError):  # of another machine, or gone
        return datasets.get(name).title
    return Path(str(name)).name


def _architecture(name: str) -> str:
    from cnnlab import architectures

    with suppress(CnnLabError, OSError):
        return architectures.get(name).title
    return str(name)


def _recipe(name: str) -> str:
    from cnnlab.training import recipes

    with suppress(CnnLabError, OSError):
        return recipes.get(name).title
    return str(name)


def _network(values: Mapping[str, Any]) -> str:
    from cnnlab.architectures.own.definition import Definition

    if not values:
        return NOTHING
    with suppress(CnnLabError):
        return "; ".join(Definition.from_dict(values).lines)
    return str(values.get("title", NOTHING))


TERMS: dict[str, Term] = {
    "architecture": Term("Architecture", "The network that is trained.", say=_architecture),
    "dataset": Term("Dataset", "The images, with their classes.", say=_dataset),
    "options": Term("Network options", "Choices that this network offers.", say=_options),
    "epochs": Term("Epochs", "Passes over the training set."),
    "batch_size": Term("Batch size", "Images per gradient step."),
    "optimizer": Term(
        "Optimizer",
        "How the weights follow the gradient of the loss.",
        choices={
            "adam": "Adam",
            "adamw": "AdamW",
            "sgd": "SGD",
            "rmsprop": "RMSprop",
            "adagrad": "Adagrad",
            "adadelta": "Adadelta",
        },
    ),
    "learning_rate": Term(
        "Learning rate", "Step size of the optimizer; empty: Keras's default for it.", none="default"
    ),
    "momentum": Term("Momentum", "Share of the last update that is added to the next one."),
    "nesterov": Term(
        "Nesterov momentum", "Takes the gradient where the momentum will have carried the weights."
    ),
    "schedule": Term(
        "LR schedule",
        "How the learning rate changes from epoch to epoch.",
        choices={
            "constant": "constant",
            "cosine": "cosine decay",
            "exponential": "exponential decay",
            "plateau": "reduce on plateau",
            "step": "step (multistep) decay",
        },
    ),
    "schedule_factor": Term("Decay factor", "The learning rate is multiplied by this at each decay."),
    "schedule_epochs": Term("Milestones", "Epochs after which the learning rate decays.", say=_epochs),
    "schedule_patience": Term(
        "Plateau: patience", "Epochs without a lower validation loss before the rate decays.", "epochs"
    ),
    "warm_up_epochs": Term("Warm-up", "Linear warm-up to the base learning rate.", "epochs"),
    "stop_patience": Term(
        *(
            "Early stopping: patience",
            "Epochs without a lower validation loss before training ends.",
            "epochs",
        ),
        none="off",
    ),
    "dropout": Term("Dropout rate", "Rate of every dropout layer.", none="as in the network"),
    "l2": Term("Weight decay (L2)", "This times the sum of squared kernel weights is added to the loss."),
    "label_smoothing": Term(
        "Label smoothing", "Target probability moved from the true class to all; less over-confidence."
    ),
    "image_size": Term(
        "Image size", "Images are resized to this width and height.", "px", none="input size of the network"
    ),
    "channels": Term(
        "Colour channels",
        "Colour images can be converted to grayscale, and gray ones to RGB.",
        choices={None: "as in the dataset", 1: "grayscale", 3: "RGB"},
    ),
    "seed": Term("Seed", "Fixes the split, the order of the images and the initial weights.", say=str),
    "validation_share": Term(
        "Validation fraction", "Share of the images that is held out for validation.", say=_per_cent
    ),
    "split_by": Term(
        "Split",
        "How training and validation set are divided; validation images are used for evaluation only. "
        "Group-wise: no person (group) is in both.",
        choices={"random": "random", "group": "group-wise", "given": "provided test set"},
    ),
    "resample": Term(
        "Interpolation",
        "How a pixel of the resized image is computed.",
        choices={"area": "area (mean)", "bilinear": "bilinear"},
    ),
    "fit": Term(
        "Aspect ratio",
        "How an image that is not square is made square.",
        choices={"squash": "stretch", "crop": "centre crop"},
    ),
    "max_per_class": Term(
        "Max. images per class", "So many images of each class, drawn at random.", none="all"
    ),
    "mean": Term("Mean", "Subtracted from the pixels, 0 to 255, per channel.", say=_channels),
    "deviation": Term("Standard deviation", "The pixels are divided by it, per channel.", say=_channels),
    "scaling": Term(
        "Normalisation",
        "The range of the pixel values that the network gets.",
        choices={"given": "fixed mean and standard deviation", "dataset": "standardise per channel"},
    ),
    "shuffle": Term("Shuffle", "A new random order of the training images in each epoch."),
    "augmentation": Term(
        "Augmentation",
        "Random changes of the training images, sampled anew in each epoch.",
        say=_augmentation,
    ),
    "augmented_copies": Term(
        "Cached augmented features per image",
        "A frozen base computes the features of so many augmented copies of each image once, and only the "
        "layers behind it train on them: much faster; 0 runs the base in every epoch.",
    ),
    "precision": Term(
        "Precision",
        "16-bit arithmetic: faster and smaller on GPUs with tensor cores.",
        choices={"float32": "float32", "mixed": "mixed (16 and 32 bits)"},
    ),
    "devices": Term(
        "Devices",
        "With several GPUs, each takes an equal share of every batch (data parallel).",
        choices={"one": "one", "all": "all GPUs (data parallel)"},
    ),
    "deterministic": Term("Deterministic", "The same run again gives the same weights; somewhat slower."),
    "title": Term("Name", "What the run is called."),
    "recipe": Term("Recipe", "The recipe whose settings these are.", say=_recipe),
    "network": Term("Layers", "The layers of an own network.", say=_network),
}
"""The term of each field of ``RunConfig``."""
