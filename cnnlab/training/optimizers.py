"""From the settings of a run to a Keras optimizer."""

from typing import Any

import keras

from cnnlab.settings import RunConfig


def optimizer(config: RunConfig) -> keras.optimizers.Optimizer:
    """Return the Keras optimizer that the settings name."""
    kinds = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "sgd": keras.optimizers.SGD,
        "rmsprop": keras.optimizers.RMSprop,
        "adagrad": keras.optimizers.Adagrad,
        "adadelta": keras.optimizers.Adadelta,
    }
    extra: dict[str, Any] = {}
    if config.optimizer == "sgd":
        extra = {"momentum": config.momentum, "nesterov": config.nesterov}
    elif config.optimizer == "rmsprop":
        extra = {"momentum": config.momentum}
    return kinds[config.optimizer](learning_rate=config.initial_learning_rate, **extra)
