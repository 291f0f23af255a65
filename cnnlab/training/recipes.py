"""Recipes: named run settings, each with the lesson it comes from."""

from dataclasses import dataclass

from cnnlab.errors import ConfigError
from cnnlab.training.config import RunConfig

_COURSE_C = "Convolution from the ground up and five classics on CIFAR-10, cnblogs.com/mllt/p/jjsjwl.html"


@dataclass(frozen=True)
class Recipe:
    """A named RunConfig, with where it comes from and what to expect of it."""

    name: str
    title: str
    summary: str
    source: str
    config: RunConfig


def _cifar10(architecture: str, title: str, expected: str) -> Recipe:
    return Recipe(
        name=f"{architecture.removesuffix('_cifar')}-cifar10",
        title=f"{title} on CIFAR-10",
        summary=f"Adam, batch 32, 5 epochs, validated on the 10,000 test pictures. {expected}",
        source=_COURSE_C,
        config=RunConfig(architecture, "cifar10", epochs=5, batch_size=32, split_by="given"),
    )


_RECIPES = (
    Recipe(
        "lenet5-digits",
        "LeNet-5 on scanned digits",
        "Offline, in seconds: 1,797 real scans, 97 to 99 % right on those not trained on.",
        "LeCun et al. 1998 as taught, with scikit-learn's copy of the UCI optical digits",
        RunConfig("lenet5", "digits", epochs=30, learning_rate=0.004, image_size=32, channels=1),
    ),
    Recipe(
        "baseline-gestures-drawn",
        "One convolution on drawn hands",
        "Offline, in a minute: a unit sees 6 pixels, too few for a hand: 41 % right where luck has 33 %.",
        "CNN Lab",
        RunConfig("baseline", "gestures_drawn", epochs=10, learning_rate=0.0003, image_size=64),
    ),
    Recipe(
        "inception10-gestures-drawn",
        "Inception10 on drawn hands",
        "Offline, in five minutes on two cores: 87 % of unseen drawings, and two of three real hands.",
        "CNN Lab",
        RunConfig(
            "inception10", "gestures_drawn", epochs=10, image_size=64, max_per_class=2000, schedule="cosine"
        ),
    ),
    _cifar10("baseline", "Baseline", "The course reports 0.62 after being trained before."),
    _cifar10("lenet5", "LeNet-5", "The course reports 0.54 after being trained before."),
    _cifar10("alexnet8", "AlexNet8", "The course reports 0.58 after being trained before."),
    _cifar10("vgg16_cifar", "VGG16", "The course means VGG16 here although its listing repeats AlexNet8."),
    _cifar10("inception10", "Inception10", "Batch norm normalises batches here; the course froze it."),
    _cifar10("resnet18", "ResNet-18", "The course states no figure."),
)


def names() -> tuple[str, ...]:
    """Return the names of all recipes, the offline ones first."""
    return tuple(recipe.name for recipe in _RECIPES)


def all() -> tuple[Recipe, ...]:
    """Return all recipes, the offline ones first."""
    return _RECIPES


def get(name: str) -> Recipe:
    """Return one recipe.

    Raises:
        ConfigError: there is no such recipe; the message lists them.
    """
    for recipe in _RECIPES:
        if recipe.name == name:
            return recipe
    raise ConfigError(f"There is no recipe {name!r}; choose one of {', '.join(names())}.")
