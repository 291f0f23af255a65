"""From the settings of a run to a compiled network."""

from pathlib import Path

import keras

from cnnlab import architectures
from cnnlab.architectures.weight_transfer import transfer_weights
from cnnlab.errors import ArchitectureError
from cnnlab.keras_internals import all_layers, set_dropout_rate
from cnnlab.settings import RunConfig
from cnnlab.training.losses import SmoothedCrossentropy
from cnnlab.training.optimizers import optimizer

_PENALISED = (
    ("kernel", "kernel_regularizer"),
    ("kernel", "depthwise_regularizer"),
    ("depthwise_kernel", "depthwise_regularizer"),
    ("pointwise_kernel", "pointwise_regularizer"),
)
"""Weights of Keras's layers that are kernels, and where the layer keeps the penalty on them."""


def build(config: RunConfig, input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the network of these settings, ready for its first step.

    Its loss is the cross-entropy plus, as usual in Keras, the L2 penalty: in training and in validation.

    Raises:
        ArchitectureError: the network is unknown, or does not fit these images.
    """
    model = architectures.build(config.built_from, input_shape, classes, **config.options)
    if config.dropout is not None:
        set_dropout(model, config.dropout)
    if config.l2:
        penalise(model, config.l2)
    _answer_in_float32(model)
    smoothing = config.label_smoothing
    loss = SmoothedCrossentropy(smoothing) if smoothing else "sparse_categorical_crossentropy"
    model.compile(optimizer(config), loss=loss, metrics=["accuracy"])
    return model


def forked(config: RunConfig, input_shape: tuple[int, int, int], classes: int, weights: Path) -> keras.Model:
    """Return the network of these settings with the weights of a saved one, layer by layer, by name.

    A layer whose weights have other shapes (such as the last one, for other classes) begins anew.

    Raises:
        ArchitectureError: not one layer fits.
    """
    options = architectures.get(config.built_from).without_pretrained(config.options)
    model = build(config.changed(options=options), input_shape, classes)
    saved = keras.models.load_model(weights, safe_mode=True, compile=False)
    if not transfer_weights(saved, model):
        raise ArchitectureError(
            f"No layer of {config.architecture} fits the weights it should go on from; start a new run."
        )
    return model


def set_dropout(model: keras.Model, rate: float) -> None:
    """Give every dropout layer this rate."""
    for layer in all_layers(model):
        if isinstance(layer, keras.layers.Dropout):
            set_dropout_rate(layer, rate)


def penalise(model: keras.Model, l2: float) -> None:
    """Add ``l2`` times the sum of squares of each kernel that learns, of convolution and dense layers."""
    for layer in all_layers(model):
        for name, setting in _PENALISED:
            kernel = getattr(layer, name, None)
            if layer.trainable and kernel is not None and hasattr(layer, setting):
                kernel.regularizer = keras.regularizers.L2(l2)
                setattr(layer, setting, kernel.regularizer)


def _answer_in_float32(model: keras.Model) -> None:
    """Compute the probabilities in float32: with 16 bits a small one is 0, and its logarithm infinite."""
    model.layers[-1].dtype_policy = keras.DTypePolicy("float32")
