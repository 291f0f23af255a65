"""From the settings of a run to a Keras optimizer."""

from typing import Any

import keras

from cnnlab.settings import RunConfig

OPTIMIZERS: dict[str, tuple[type[keras.optimizers.Optimizer], tuple[str, ...]]] = {
    "adam": (keras.optimizers.Adam, ()),
    "adamw": (keras.optimizers.AdamW, ()),
    "sgd": (keras.optimizers.SGD, ("momentum", "nesterov")),
    "rmsprop": (keras.optimizers.RMSprop, ("momentum",)),
    "adagrad": (keras.optimizers.Adagrad, ()),
    "adadelta": (keras.optimizers.Adadelta, ()),
}
"""The class of each, and the settings of a run that it takes beside the learning rate."""


def optimizer(config: RunConfig) -> keras.optimizers.Optimizer:
    """Return the Keras optimizer that the settings name."""
    return keras_class(config)(**arguments(config))


def keras_class(config: RunConfig) -> type[keras.optimizers.Optimizer]:
    """Return the class of this optimizer."""
    return OPTIMIZERS[config.optimizer][0]


def arguments(config: RunConfig) -> dict[str, Any]:
    """Return what its class is given."""
    settings = OPTIMIZERS[config.optimizer][1]
    averaging = {} if config.ema_momentum is None else {"use_ema": True, "ema_momentum": config.ema_momentum}
    return {
        "learning_rate": config.initial_learning_rate,
        **{name: getattr(config, name) for name in settings},
        **averaging,
    }
