"""Recipes: named run settings, each with the lesson it comes from, and those that people save themselves."""

from cnnlab.errors import ConfigError
from cnnlab.languages import texts
from cnnlab.settings import RunConfig
from cnnlab.training import own_recipes
from cnnlab.training.own_recipes import Recipe, delete

__all__ = ["Recipe", "delete", "get", "list_recipes", "names", "save"]

_COURSE_A = texts("AlexNet on gray cats and dogs, Twilight737 on CSDN")
_COURSE_B = texts("AlexNet on cats and dogs, eleve on CSDN")
_COURSE_C = texts(
    "Convolution from the ground up and five classics on CIFAR-10, cnblogs.com/mllt/p/jjsjwl.html"
)
_COURSE_D = texts("VGG16 transfer on rock, paper, scissors, Day (AKA Elin) on CSDN")
_COURSE_E = texts("AlexNet on CIFAR-10 in Keras, after Krizhevsky, Sutskever and Hinton (NIPS 2012)")
_AS_GIVEN = texts("Adam, batch 32, 5 epochs, validated on the 10,000 test images.")
_NO_FIGURE = texts("The course states no figure.")


def _cifar10(
    architecture: str,
    title: str,
    summary: str = _AS_GIVEN,
    expected: str = _NO_FIGURE,
    cost: str = "",
) -> Recipe:
    return Recipe(
        name=f"{architecture.removesuffix('_cifar')}-cifar10",
        title=title,
        summary=summary,
        source=_COURSE_C,
        config=RunConfig(architecture, "cifar10", epochs=5, batch_size=32, split_by="given"),
        expected=expected,
        cost=cost,
    )


_OFFLINE = (
    Recipe(
        "lenet5-digits",
        "LeNet-5 on digits",
        "Offline, in seconds: 1,797 scanned digits, 97 to 99 % validation accuracy.",
        "LeCun et al. 1998 as taught, with scikit-learn's copy of the UCI optical digits",
        RunConfig("lenet5", "digits", epochs=30, learning_rate=0.004, image_size=32, channels=1),
    ),
    Recipe(
        "baseline-gestures-drawn",
        "One convolution on drawn gestures",
        "Offline, in a minute. Receptive field 6 × 6 pixels, too small for a hand: 41 % validation accuracy, "
        "chance is 33 %.",
        "CNN Lab",
        RunConfig("baseline", "gestures_drawn", epochs=10, learning_rate=0.0003, image_size=64),
    ),
    Recipe(
        "inception10-gestures-drawn",
        "Inception10 on drawn gestures",
        "Offline, in five minutes on two cores: 87 % validation accuracy, and two of three real hands.",
        "CNN Lab",
        RunConfig(
            "inception10", "gestures_drawn", epochs=10, image_size=64, max_per_class=2000, schedule="cosine"
        ),
    ),
    Recipe(
        "plain-gestures-drawn",
        "Plain CNN on drawn gestures",
        "Offline, in six minutes on two cores: 95 % validation accuracy, and six of seven real hands.",
        "CNN Lab",
        RunConfig(
            "plain_cnn",
            "gestures_drawn",
            epochs=12,
            image_size=64,
            max_per_class=3000,
            schedule="cosine",
            learning_rate=0.002,
        ),
    ),
)

_CIFAR10 = (
    _cifar10(
        "baseline",
        "Baseline on CIFAR-10",
        expected="The course reports a validation accuracy of 0.6209 after five more epochs on weights from "
        "before.",
        cost="It took 24 s an epoch there.",
    ),
    _cifar10(
        "lenet5",
        "LeNet-5 on CIFAR-10",
        expected="The course reports a validation accuracy of 0.5411 after five more epochs on weights from "
        "before.",
        cost="It took 14 s an epoch there.",
    ),
    _cifar10(
        "alexnet8",
        "AlexNet8 on CIFAR-10",
        expected="The course reports accuracies of 0.7078 (training) and 0.5811 (validation) after five more "
        "epochs on weights from before.",
        cost="It took 332 s an epoch there.",
    ),
    _cifar10(
        "vgg16_cifar",
        "VGG16 on CIFAR-10",
        "Adam, batch 32, 5 epochs, validated on the 10,000 test images. The course means VGG16 here although "
        "its listing repeats AlexNet8.",
    ),
    _cifar10(
        "inception10",
        "Inception10 on CIFAR-10",
        "Adam, batch 32, 5 epochs, validated on the 10,000 test images. Batch norm in training mode; the "
        "course has it in inference mode.",
    ),
    _cifar10("resnet18", "ResNet-18 on CIFAR-10"),
    Recipe(
        "alexnet-cifar10-sgd",
        "AlexNet on CIFAR-10, 300 epochs of SGD",
        "Step decay by 0.1 after epochs 100 and 200; horizontal flips, and shifts of up to 1/8.",
        _COURSE_E,
        RunConfig(
            *("alexnet_cifar", "cifar10"),
            epochs=300,
            batch_size=64,
            optimizer="sgd",
            learning_rate=0.01,
            momentum=0.9,
            nesterov=True,
            schedule="step",
            schedule_factor=0.1,
            schedule_epochs=(100, 200),
            split_by="given",
            mean=(125.307, 122.95, 113.865),
            std=(62.9932, 62.0887, 66.7048),
            augmentation={"flip": 1, "shift_x": 0.125, "shift_y": 0.125},
        ),
        expected=_NO_FIGURE,
        cost="300 epochs of 782 steps: hours on a GPU, days on a CPU.",
    ),
)

_PHOTOS = (
    Recipe(
        "alexnet-gray-cats-dogs",
        "AlexNet on grayscale cats and dogs",
        "Adadelta, batch 16, 50 epochs on 2,000 photos; then train 200 more. An epoch is one pass "
        "over all photos; the course samples its batches with replacement.",
        _COURSE_A,
        RunConfig(
            *("alexnet_gray", "cats_and_dogs"),
            epochs=50,
            batch_size=16,
            optimizer="adadelta",
            image_size=224,
            channels=1,
            max_per_class=1200,
            validation_fraction=1 / 6,
        ),
        expected="The course ends at 99.99 % training accuracy, and calls that overfitted itself.",
        cost="About 8 hours there for all 250 epochs.",
    ),
    Recipe(
        "alexnet-cats-dogs",
        "AlexNet on colour cats and dogs",
        "Adam at 0.01, batch 2, 100 epochs, 90 % for training. That rate is ten times Adam's usual one: "
        "where the loss stays at 0.69 = ln 2, which is chance, fork the run at 0.0001.",
        _COURSE_B,
        RunConfig(
            *("alexnet", "cats_and_dogs"),
            epochs=100,
            batch_size=2,
            optimizer="adam",
            learning_rate=0.01,
            image_size=224,
            channels=3,
            validation_fraction=0.1,
            mean=(127.5,),
            std=(127.5,),
        ),
        expected=_NO_FIGURE,
        cost="The course states no time.",
    ),
    Recipe(
        "vgg16-transfer-rps",
        "Pretrained VGG-16 on rock, paper, scissors",
        "RMSprop, batch 32, 20 epochs: only the last layer is trained. The course trains without the base's "
        "own preprocessing and predicts with it; here both use it.",
        _COURSE_D,
        RunConfig(
            *("vgg16_transfer", "rock_paper_scissors"),
            epochs=20,
            batch_size=32,
            optimizer="rmsprop",
            image_size=224,
            split_by="given",
            augmentation={"flip": 1, "rotation": 10, "zoom": 0.1, "shift_x": 10 / 224, "shift_y": 10 / 224},
        ),
        expected="The course reports accuracies over 0.93 (training) and of 0.85 to 0.93 (validation).",
        cost="It took 11 min 8 s there on an RTX 2060.",
    ),
    Recipe(
        "mobilenetv2-transfer-rps",
        "Pretrained MobileNetV2 on rock, paper, scissors",
        "For a laptop: fine-tuning of the last eight blocks at 224 × 224, each photo augmented anew in every "
        "epoch. Rotation of up to 130°, for people hold hands up from below and from the side.",
        "CNN Lab, after Sandler et al. 2018",
        RunConfig(
            *("mobilenetv2_transfer", "rock_paper_scissors"),
            options={"unfreeze_blocks": 8},
            epochs=6,
            batch_size=32,
            learning_rate=0.0002,
            schedule="cosine",
            image_size=224,
            split_by="given",
            augmentation={
                **{"flip": 1, "rotation": 130, "zoom": 0.3, "shift_x": 0.15, "shift_y": 0.15},
                **{"fill": "reflect", "brightness": 0.3, "contrast": 0.3, "saturation": 0.5, "hue": 36},
            },
        ),
        expected="docs/gestures.md has its accuracy on eight people, each left out of the training in turn.",
        cost="Four minutes for 1,680 photos on two cores.",
    ),
)
_RECIPES = (*_OFFLINE, *_CIFAR10, *_PHOTOS)


def names() -> tuple[str, ...]:
    """Return the names of all recipes: the offline ones first, those that people saved last."""
    return tuple(recipe.name for recipe in list_recipes())


def list_recipes() -> tuple[Recipe, ...]:
    """Return all recipes: the offline ones first, those that people saved last."""
    built_in = {recipe.name for recipe in _RECIPES}
    return _RECIPES + tuple(recipe for recipe in own_recipes.saved() if recipe.name not in built_in)


def save(title: str, config: RunConfig) -> Recipe:
    """Keep settings as a recipe under a name made from the title.

    Raises:
        ConfigError: a setting is out of range, or the title is empty, too long or taken.
    """
    return own_recipes.save(title, config, taken={recipe.name for recipe in _RECIPES})


def get(name: str) -> Recipe:
    """Return one recipe.

    Raises:
        ConfigError: there is no such recipe (the message lists them), or its file is damaged.
    """
    for recipe in _RECIPES:
        if recipe.name == name:
            return recipe
    if own := own_recipes.get(name):
        return own
    raise ConfigError(f"There is no recipe {name!r}; choose one of {', '.join(names())}.")
