"""Small networks of each kind: plain, residual, Inception, and one within another."""

import keras
import numpy as np
from keras import layers

from cnnlab import architectures

KINDS = ("plain", "residual", "inception", "nested")
SHAPE = (16, 16, 3)


def some_image(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape or SHAPE, np.float32)


def network(kind: str, classes: int = 4) -> keras.Model:
    """Return a network with weights that are the same at every call."""
    keras.utils.set_random_seed(3)
    if kind == "plain":
        return architectures.build("lenet5", (20, 20, 3), classes)
    if kind == "residual":
        return residual(classes)
    if kind == "inception":
        return architectures.build("inception10", SHAPE, classes)
    return nested(classes)


def shape_of(model: keras.Model) -> tuple[int, int, int]:
    return model.input_shape[1:]


def residual(classes: int) -> keras.Model:
    x = image = keras.Input(SHAPE, name="image")
    x = layers.Conv2D(6, 3, padding="same", activation="relu", name="conv1")(x)
    y = layers.Conv2D(6, 3, padding="same", name="conv2")(x)
    y = layers.BatchNormalization(name="norm2", moving_mean_initializer=keras.initializers.Constant(0.1))(y)
    x = layers.ReLU(name="relu2")(layers.Add(name="add")([x, y]))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, layers.Dense(classes, activation="softmax", name="output")(x), name="residual")


def base() -> keras.Model:
    x = image = keras.Input(SHAPE, name="base_image")
    x = layers.Conv2D(5, 3, strides=2, padding="same", activation="relu", name="base_conv1")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="base_depthwise")(x)
    return keras.Model(image, layers.Conv2D(7, 1, activation="relu", name="base_conv2")(x), name="base")


def nested(classes: int) -> keras.Model:
    image = keras.Input(SHAPE, name="image")
    x = layers.Rescaling(2.0, -1.0, name="rescale")(image)
    x = base()(x)
    x = layers.MaxPooling2D(2, name="pool")(x)
    x = layers.Flatten(name="flatten")(x)
    return keras.Model(image, layers.Dense(classes, activation="softmax", name="output")(x), name="nested")
