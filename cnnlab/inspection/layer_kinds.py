"""What kind of layer a row is: the letter in its block of the diagram, and the word for it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class LayerKind:
    """A kind of layer; ``main`` is False for those that only normalise, activate, drop, pad or reshape."""

    name: str
    letter: str
    said: str
    types: tuple[str, ...]
    main: bool = True


BATCH_NORM = ("BatchNormalization", "FrozenBatchNormalization")
POOLING = ("MaxPooling2D", "AveragePooling2D")
KINDS = (
    LayerKind("image", "I", "input image", ("InputLayer",)),
    LayerKind("convolution", "C", "convolution", ("Conv2D",)),
    LayerKind("depthwise", "DW", "depthwise convolution", ("DepthwiseConv2D", "SeparableConv2D")),
    LayerKind("pooling", "P", "pooling", POOLING),
    LayerKind("global", "GP", "global pooling", ("GlobalAveragePooling2D", "GlobalMaxPooling2D")),
    LayerKind("add", "+", "add", ("Add", "Subtract", "Average", "Maximum", "Minimum")),
    LayerKind("multiply", "×", "multiply", ("Multiply",)),
    LayerKind("concatenate", "‖", "concatenate", ("Concatenate",)),
    LayerKind("dense", "D", "dense", ("Dense",)),
    LayerKind("normalisation", "BN", "batch normalisation", BATCH_NORM, False),
    LayerKind(
        "normalisation", "N", "normalisation", ("LocalResponseNormalization", "LayerNormalization"), False
    ),
    LayerKind(
        "activation", "A", "activation", ("ReLU", "LeakyReLU", "Activation", "ELU", "Softmax", "PReLU"), False
    ),
    LayerKind("dropout", "DO", "dropout", ("Dropout", "SpatialDropout2D", "GaussianDropout"), False),
    LayerKind("flatten", "F", "flatten", ("Flatten", "Reshape"), False),
    LayerKind("padding", "0", "zero padding", ("ZeroPadding2D", "Cropping2D"), False),
    LayerKind("bypassed", "–", "bypassed, identity", ("bypassed", "Identity"), False),
    LayerKind("other", "•", "other", (), False),
)
_BY_TYPE = {name: kind for kind in KINDS for name in kind.types}


class Typed(Protocol):
    """A row that names the Keras class of its layer."""

    @property
    def type(self) -> str:
        """The name of the Keras class."""


def kind_of(row: Typed) -> LayerKind:
    """Return the kind of a row; ``other`` for a class that is not listed."""
    return _BY_TYPE.get(row.type, KINDS[-1])
