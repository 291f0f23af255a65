"""Claims about layers: activations, pooling, normalisation, dropout, depth."""

from typing import Any

from cnnlab.experiments.experiment import Experiment
from cnnlab.experiments.ready.networks import deep, two_blocks
from cnnlab.languages import texts
from cnnlab.runs.races import Arm
from cnnlab.settings import RunConfig

FEW = 0.9
"""Validation fraction that leaves 179 of the 1,797 digits to train on, and 1,618 to measure by."""


def on_digits(network: dict[str, Any], **settings: Any) -> RunConfig:
    """Return settings for a network on the digits at 16 × 16 pixels."""
    usual = {"epochs": 10, "image_size": 16, "channels": 1, "learning_rate": 0.002}
    return RunConfig(network["name"], "digits", network=network, **usual | settings)


def _activation(label: str, word: str, **more: Any) -> Arm:
    return Arm(label, on_digits(two_blocks(f"two-blocks-{word.replace('_', '-')}", label, word), **more))


ACTIVATIONS = Experiment(
    name="activations",
    title="Sigmoid, tanh, ReLU, leaky ReLU",
    claim="A network with ReLU learns faster than the same network with sigmoid units.",
    claimed_by="Krizhevsky, Sutskever and Hinton, 2012; Glorot and Bengio, 2010",
    paper="https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
    arms=(
        _activation("sigmoid", "sigmoid", epochs=5),
        _activation("tanh", "tanh", epochs=5),
        _activation("ReLU", "relu", epochs=5),
        _activation("leaky ReLU", "leaky_relu", epochs=5),
    ),
    better="ReLU",
    worse="sigmoid",
    look_for="The first epochs: how far each curve is after one pass over the images.",
    lesson=(
        "The slope of a sigmoid is at most 1/4, so each layer makes the gradient smaller; that of ReLU is 1 "
        "where the unit is active. Tanh, with a slope of up to 1 and outputs around 0, is much closer to "
        "ReLU."
    ),
    measure="accuracy",
)

DROPOUT = Experiment(
    name="dropout",
    title="Dropout or none, on few images",
    claim="Dropout reduces overfitting: validation accuracy is higher on a small training set.",
    claimed_by="Srivastava et al., 2014; course on convolution from the ground up",
    paper="https://jmlr.org/papers/v15/srivastava14a.html",
    arms=tuple(
        Arm(
            label,
            on_digits(
                two_blocks(f"two-blocks-dropout-{int(100 * (rate or 0))}", label, dropout=rate, units=256),
                validation_fraction=FEW,
                epochs=40,
            ),
        )
        for label, rate in texts((("no dropout", None), ("dropout 0.5", 0.5)))
    ),
    better="dropout 0.5",
    worse="no dropout",
    look_for="The gap between training and validation accuracy, and the validation loss of the later epochs.",
    lesson=(
        "With dropout each step trains another subnetwork, and units cannot rely on each other. It needs "
        "more epochs, and helps where the network has far more parameters than images."
    ),
)

BATCH_NORM = Experiment(
    name="batch-norm",
    title="Batch norm or none, ten sigmoid layers",
    claim="With batch norm a deep network trains that hardly trains without it.",
    claimed_by="Ioffe and Szegedy, 2015",
    paper="https://arxiv.org/abs/1502.03167",
    arms=(
        Arm("no batch norm", on_digits(deep("ten-sigmoid", "Ten sigmoid layers", 10, "sigmoid"), epochs=8)),
        Arm(
            "batch norm",
            on_digits(
                deep("ten-sigmoid-norm", "Ten sigmoid layers, normalised", 10, "sigmoid", True), epochs=8
            ),
        ),
    ),
    better="batch norm",
    worse="no batch norm",
    look_for="Whether the curve without batch norm leaves chance (10 %) at all.",
    lesson=(
        "Normalised inputs keep each sigmoid in its steep part, so the gradient does not vanish on its way "
        "through ten layers. Without it the first layers get almost no gradient."
    ),
)

BATCH_NORM_FROZEN = Experiment(
    name="batch-norm-frozen",
    title="Batch norm in training mode, or in inference mode throughout",
    claim=(
        "A published Inception10 calls its batch norm in inference mode; in training mode it learns better."
    ),
    claimed_by="Ioffe and Szegedy, 2015; the course's listing of Inception10",
    paper="https://arxiv.org/abs/1502.03167",
    arms=tuple(
        Arm(
            label,
            RunConfig(
                "inception10",
                "digits",
                options={"batch_norm": option},
                epochs=4,
                image_size=16,
                channels=1,
            ),
        )
        for label, option in (
            (texts("training mode"), "learning"),
            (texts("inference mode"), "frozen"),
        )
    ),
    better="training mode",
    worse="inference mode",
    look_for="The first three epochs.",
    lesson=(
        "In inference mode the layer divides by a moving variance that stays at its first value, 1: it "
        "normalises nothing. Whether that is felt depends on how deep the network and how large its first "
        "weights are."
    ),
)

RESPONSE_NORM = Experiment(
    name="local-response-norm",
    title="Local response normalisation, batch norm, neither",
    claim="Local response normalisation improves accuracy.",
    claimed_by=(
        "Krizhevsky, Sutskever and Hinton, 2012 (1.2 points on ImageNet); Simonyan and Zisserman, 2014: "
        "it does not"
    ),
    paper="https://arxiv.org/abs/1409.1556",
    arms=tuple(
        Arm(
            label,
            on_digits(
                two_blocks(f"two-blocks-{word}", label, between=kind), validation_fraction=FEW, epochs=20
            ),
        )
        for label, word, kind in (
            (texts("neither"), "plain", None),
            (texts("response norm"), "response-norm", "response_norm"),
            (texts("batch norm"), "batch-norm", "batch_norm"),
        )
    ),
    better="response norm",
    worse="neither",
    look_for="Whether the two curves lie further apart than the seeds do.",
    lesson=(
        "Two papers say the opposite, on the same data set and different networks. VGG left it out, and so "
        "has nearly everybody since."
    ),
)

POOLING = Experiment(
    name="max-or-average-pooling",
    title="Max pooling or average pooling",
    claim="Max pooling gives a higher accuracy than average pooling.",
    claimed_by="Scherer, Müller and Behnke, 2010; Boureau, Ponce and LeCun, 2010",
    paper="https://doi.org/10.1007/978-3-642-15825-4_10",
    arms=tuple(
        Arm(
            label,
            on_digits(two_blocks(f"two-blocks-{word}", label, pool=kind), validation_fraction=FEW, epochs=20),
        )
        for label, word, kind in (
            (texts("max pooling"), "max-pool", "max_pooling"),
            (texts("average pooling"), "average-pool", "average_pooling"),
        )
    ),
    better="max pooling",
    worse="average pooling",
    look_for="Speed in the first epochs, and the level at the end.",
    lesson=(
        "A maximum keeps the strongest answer of a filter wherever it is in the window; a mean dilutes it. "
        "On clean, centred digits there is little to dilute."
    ),
)

OVERLAPPING = Experiment(
    name="overlapping-pooling",
    title="Overlapping pooling (3, stride 2) or not (2, stride 2)",
    claim="Overlapping pooling gives a higher accuracy.",
    claimed_by="Krizhevsky, Sutskever and Hinton, 2012 (0.4 points on ImageNet)",
    paper="https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
    arms=tuple(
        Arm(
            label,
            on_digits(
                two_blocks(f"two-blocks-pool-{side}", label, pool_size=side),
                validation_fraction=FEW,
                epochs=20,
            ),
        )
        for label, side in texts((("2 × 2, stride 2", 2), ("3 × 3, stride 2", 3)))
    ),
    better="3 × 3, stride 2",
    worse="2 × 2, stride 2",
    look_for="The difference at the end beside the spread of the seeds.",
    lesson=(
        "The paper's 0.4 points were measured on 150,000 images. With a few hundred or thousand, so small a "
        "difference drowns in that of the seeds: that is what the interval says."
    ),
)


def _depth(label: str, depth: int) -> Arm:
    network = deep(f"tanh-{depth}", f"{depth} layers", depth, "tanh")
    return Arm(label, on_digits(network, epochs=8))


DEPTH = Experiment(
    name="depth",
    title="1, 2, 4, 8 and 16 plain layers",
    claim="More layers do not help a plain network without limit: 16 layers are worse than 4.",
    claimed_by="He et al., 2015 (the degradation problem)",
    paper="https://arxiv.org/abs/1512.03385",
    arms=tuple(
        _depth(label, depth)
        for label, depth in texts(
            (("1 layer", 1), ("2 layers", 2), ("4 layers", 4), ("8 layers", 8), ("16 layers", 16))
        )
    ),
    better="4 layers",
    worse="16 layers",
    look_for="Training accuracy: a network that overfitted would have a high one.",
    lesson=(
        "The deep plain network is worse on its training images too, so it does not overfit: it is harder to "
        "optimise. Shortcuts around layers, as in ResNet, were the answer."
    ),
    measure="accuracy",
)


def _stack(label: str, depth: int, shortcuts: bool) -> Arm:
    options: dict[str, str | int] = {"depth": depth, "shortcuts": "yes" if shortcuts else "no"}
    return Arm(
        label,
        RunConfig(
            "residual_stack",
            "digits",
            options=options,
            epochs=6,
            image_size=16,
            channels=1,
            learning_rate=0.002,
            max_per_class=80,
        ),
    )


SHORTCUTS = Experiment(
    name="shortcuts",
    title="1, 2, 4, 8 and 16 layers with and without shortcuts",
    claim="With a shortcut around each layer 16 layers train better than the same 16 layers without.",
    claimed_by="He et al., 2015",
    paper="https://arxiv.org/abs/1512.03385",
    arms=tuple(
        _stack(label, depth, shortcuts)
        for label, depth, shortcuts in texts(
            (
                ("1 layer", 1, True),
                ("2 layers, plain", 2, False),
                ("2 layers, shortcuts", 2, True),
                ("4 layers, plain", 4, False),
                ("4 layers, shortcuts", 4, True),
                ("8 layers, plain", 8, False),
                ("8 layers, shortcuts", 8, True),
                ("16 layers, plain", 16, False),
                ("16 layers, shortcuts", 16, True),
            )
        )
    ),
    better="16 layers, shortcuts",
    worse="16 layers, plain",
    look_for="From which depth on a plain stack is worse than one of half the layers.",
    lesson=(
        "A shortcut lets the gradient reach each layer unchanged, and a layer has to learn only what it "
        "adds. A single layer has nothing to go around, so it stands here once."
    ),
    measure="accuracy",
)

ALL = (
    ACTIVATIONS,
    DROPOUT,
    BATCH_NORM,
    BATCH_NORM_FROZEN,
    RESPONSE_NORM,
    POOLING,
    OVERLAPPING,
    DEPTH,
    SHORTCUTS,
)
"""In the order of a course."""
