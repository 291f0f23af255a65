"""The settings of one training run, checked before anything starts. No TensorFlow here."""

import math
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, get_args, get_origin, get_type_hints

from cnnlab.augmentation import Augmentation
from cnnlab.datasets import LoadOptions
from cnnlab.errors import ConfigError
from cnnlab.training import terms

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

_RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 10_000),
    "batch_size": (1, 4096),
    "image_size": (8, 1024),
    "seed": (0, 2**31 - 1),
    "momentum": (0, 0.9999),
    "schedule_factor": (0.001, 1),
    "schedule_patience": (1, 1000),
    "warm_up_epochs": (0, 1000),
    "stop_patience": (1, 10_000),
    "validation_share": (0.01, 0.9),
    "max_per_class": (2, 10**7),
    "dropout": (0, 0.95),
    "l2": (0, 10),
    "label_smoothing": (0, 0.9),
    "augmented_copies": (0, 100),
}
_CHOICES: dict[str, tuple[Any, ...]] = {
    "optimizer": tuple(OPTIMIZERS),
    "schedule": ("constant", "step", "exponential", "cosine", "plateau"),
    "channels": (None, 1, 3),
    "split_by": ("random", "group", "given"),
    "resample": ("area", "bilinear"),
    "fit": ("squash", "crop"),
    "scaling": ("given", "dataset"),
    "precision": ("float32", "mixed"),
    "devices": ("one", "all"),
}
_OPTIONAL = {"image_size", "max_per_class", "stop_patience", "dropout"}
_WHOLE = {
    *("epochs", "batch_size", "image_size", "seed", "max_per_class"),
    *("schedule_patience", "warm_up_epochs", "stop_patience", "augmented_copies"),
}


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run's outcome. None means: as the network or the dataset has it.

    ``options`` are the named choices of the architecture, such as ``{"unfreeze_blocks": 2}``;
    ``learning_rate`` None is Keras's default of the optimizer; ``mean`` and ``deviation`` are in pixel units,
    and with ``scaling`` "dataset" they are measured on the training part, per channel, instead;
    ``schedule`` and what belongs to it are told in ``schedules.py``; its factor None becomes the usual one;
    ``stop_patience`` epochs without a new least validation loss end the run. ``dropout`` sets the rate of
    every dropout layer of the network, ``l2`` is the penalty on the sum of squared kernel weights.
    ``augmentation`` holds the fields of ``Augmentation`` that are not at rest, such as ``{"flip": 1}``; a
    frozen base with ``augmented_copies`` looks at so many augmented copies of each picture once, and its head
    trains on what it saw.
    """

    architecture: str
    dataset: str
    options: dict[str, str | int] = field(default_factory=dict)
    epochs: int = 5
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float | None = None
    momentum: float = 0.0
    nesterov: bool = False
    schedule: str = "constant"
    schedule_factor: float | None = None
    schedule_epochs: tuple[int, ...] = ()
    schedule_patience: int = 3
    warm_up_epochs: int = 0
    stop_patience: int | None = None
    dropout: float | None = None
    l2: float = 0.0
    label_smoothing: float = 0.0
    image_size: int | None = None
    channels: int | None = None
    seed: int = 0
    validation_share: float = 0.2
    split_by: str = "random"
    resample: str = "area"
    fit: str = "squash"
    max_per_class: int | None = None
    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (255.0,)
    scaling: str = "given"
    shuffle: bool = True
    augmentation: dict[str, float | str] = field(default_factory=dict)
    augmented_copies: int = 0
    precision: str = "float32"
    devices: str = "one"
    deterministic: bool = False
    title: str = ""
    recipe: str | None = None
    network: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.schedule_factor is None:
            object.__setattr__(self, "schedule_factor", decay_factor(self.schedule))

    def validated(self) -> "RunConfig":
        """Return this config, or raise on the first setting that cannot work.

        Raises:
            ConfigError: one sentence naming the setting, its range and the value given.
        """
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is None and name in _OPTIONAL:
                continue
            kind = "a whole number" if name in _WHOLE else "a number"
            if not _is_number(value, name in _WHOLE) or not low <= value <= high:
                label = terms.label_with_unit(name)
                raise ConfigError(f"{label} must be {kind} from {low:,} to {high:,}, not {value}.")
        for name, allowed in _CHOICES.items():
            if (value := getattr(self, name)) not in allowed:
                label = terms.label(name)
                words = ", ".join(str(choice) for choice in allowed if choice is not None)
                raise ConfigError(f"{label} must be one of {words}, not {value}.")
        rate = self.learning_rate
        if rate is not None and not (_is_number(rate) and 0 < rate <= 100):
            raise ConfigError(f"The learning rate must be greater than 0 and at most 100, not {rate}.")
        if not all(_is_number(epoch, whole=True) and epoch > 0 for epoch in self.schedule_epochs):
            raise ConfigError("The epochs at which the learning rate drops must be whole numbers above 0.")
        if not all(map(_is_number, self.mean + self.deviation)) or min(self.deviation) <= 0:
            raise ConfigError("Mean and deviation must be numbers in pixel units, the deviation above 0.")
        Augmentation.from_dict(self.augmentation)
        return self

    @property
    def initial_learning_rate(self) -> float:
        """The rate the optimizer begins with."""
        return OPTIMIZERS[self.optimizer] if self.learning_rate is None else self.learning_rate

    def load_options(self) -> LoadOptions:
        """Return the part that decides which pictures are trained on."""
        names = {known.name for known in fields(LoadOptions)}
        return LoadOptions(**{k: v for k, v in asdict(self).items() if k in names})

    def changed(self, **settings: Any) -> "RunConfig":
        """Return a copy with other settings; another schedule brings its own factor where none was chosen."""
        if "schedule" in settings and self.schedule_factor == decay_factor(self.schedule):
            settings = {"schedule_factor": None} | settings
        return replace(self, **settings)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return {k: v for k, v in asdict(self).items() if k != "network" or v}

    def pinned(self) -> "RunConfig":
        """Return this config with a snapshot of the network, where that is a person's own.

        Raises:
            ArchitectureError: the file of the network is damaged.
        """
        from cnnlab.architectures.own import library

        return replace(self, network=library.snapshot(self.architecture))

    @property
    def built_from(self) -> str | dict[str, Any]:
        """What ``architectures.get`` and ``build`` take: the snapshot of the network, else its name."""
        return self.network if self.network.get("name") == self.architecture else self.architecture

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "RunConfig":
        """Rebuild from ``to_dict``; settings of a newer version are left out.

        Raises:
            ConfigError: the architecture or the dataset is missing.
        """
        known = {setting.name for setting in fields(cls)}
        chosen: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known
        }
        try:
            return cls(**chosen)
        except TypeError as error:
            raise ConfigError("A run needs at least an architecture and a dataset.") from error

    @classmethod
    def from_untrusted(cls, values: Any) -> "RunConfig":
        """Rebuild settings from a file that anybody may have written, and check them.

        Raises:
            ConfigError: a setting is of the wrong type or out of range.
        """
        if not isinstance(values, dict):
            raise ConfigError("A run needs at least an architecture and a dataset.")
        config = cls.from_dict(values)
        for name, kind in get_type_hints(cls).items():
            if not _is_a(getattr(config, name), kind):
                raise ConfigError(f"The setting {name} is of the wrong type.")
        if not (config.mean and config.deviation):
            raise ConfigError("Mean and deviation must be numbers in pixel units, the deviation above 0.")
        return config.validated()


def decay_factor(schedule: str) -> float:
    """Return the factor that a schedule has when none is given."""
    return DECAY_FACTORS.get(schedule, USUAL_FACTOR)


def _is_a(value: Any, kind: Any) -> bool:
    """Whether a value is of a type as the settings declare them: simple ones, and what holds simple ones."""
    kinds = get_args(kind)
    if kind is Any:
        return True
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(_is_a(item, kinds[0]) for item in value)
    if get_origin(kind) is dict:
        return isinstance(value, dict) and all(
            _is_a(key, kinds[0]) and _is_a(item, kinds[1]) for key, item in value.items()
        )
    if kinds:
        return any(_is_a(value, one) for one in kinds)
    if kind is float:
        return _is_number(value)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _is_number(value: Any, whole: bool = False) -> bool:
    kinds = int if whole else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
