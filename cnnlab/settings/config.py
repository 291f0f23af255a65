"""All settings of one training run, checked before anything starts."""

import dataclasses
from dataclasses import dataclass, replace
from typing import Any

from cnnlab.errors import ConfigError, DatasetError
from cnnlab.languages import texts
from cnnlab.settings.declaration import Setting, as_arguments, declared, named, named_values
from cnnlab.settings.groups import (
    OPTIMIZERS,
    AugmentationSettings,
    DataSettings,
    HardwareSettings,
    ImageSize,
    NameSettings,
    NetworkSettings,
    OptimizerSettings,
    PreprocessingSettings,
    RegularisationSettings,
    Resizing,
    ScheduleSettings,
    Split,
    decay_factor,
)

ONLY_IF_CHOSEN = ("network", "ema_momentum", "sort_by_class")
"""Settings that files have only where they are neither empty nor off: with them came a newer version."""
INCOMPLETE = texts("A run needs at least an architecture and a dataset.")


@dataclass(frozen=True)
class LoadOptions(Split, Resizing, ImageSize):
    """How to load: size, colour and split. The same options give the same arrays in any process.

    ``image_size`` and ``channels`` None keep what the dataset has. ``split_by`` ``"random"`` keeps the class
    proportions, ``"group"`` keeps images of one person or recording together, ``"given"`` takes the
    dataset's own test part as the validation part. A dataset that has a validation part besides its test part
    is divided already: ``"random"`` and ``"given"`` both keep it so. ``white``
    is what becomes 255 in images of more than 8 bits a channel, by default what those of this dataset use.

    Raises:
        DatasetError: an option is out of its range; images can be loaded smaller, and in fewer for
            validation, than a run may ask for.
    """

    white: int | None = dataclasses.field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        for known in declared(LoadOptions).values():
            if known.choices and known.problem(value := known.of(self)):
                words = ", ".join(str(choice) for choice in known.choices if choice is not None)
                raise DatasetError(f"{known.name} cannot be {value!r}; choose one of {words}.")
        values = named_values(self)
        if not 0 < values["validation_share"] < 1:
            raise DatasetError(
                f"validation_share must lie between 0 and 1, not at {values['validation_share']}."
            )
        if self.image_size is not None and not 1 <= self.image_size <= 1024:
            raise DatasetError(f"image_size must lie between 1 and 1024 pixels, not at {self.image_size}.")
        if self.max_per_class is not None and self.max_per_class < 2:
            raise DatasetError("max_per_class must be at least 2: one image to train, one to validate.")


@dataclass(frozen=True)
class RunConfig(
    NameSettings,  # fields come in the order of these from the last to the first
    HardwareSettings,
    AugmentationSettings,
    PreprocessingSettings,
    DataSettings,
    RegularisationSettings,
    ScheduleSettings,
    OptimizerSettings,
    NetworkSettings,
):
    """Everything that decides a run's outcome: all groups at once, see ``groups``.

    It may hold what cannot work: a form is being filled in, or another version has written it. ``validated``
    checks it. On disk it is one flat object, ``to_dict``.
    """

    def __post_init__(self) -> None:
        if self.schedule_factor is None:
            object.__setattr__(self, "schedule_factor", decay_factor(self.schedule))

    def validated(self) -> "RunConfig":
        """Return this config, or raise on the first setting that cannot work.

        Raises:
            ConfigError: one sentence naming the setting, its range and the value given.
        """
        for known in all_settings().values():
            if said := known.problem(known.of(self)):
                raise ConfigError(said)
        return self

    @property
    def initial_learning_rate(self) -> float:
        """The rate the optimizer begins with."""
        return OPTIMIZERS[self.optimizer] if self.learning_rate is None else self.learning_rate

    @property
    def built_from(self) -> str | dict[str, Any]:
        """What ``architectures.get`` and ``build`` take: the snapshot of the network, else its name."""
        return self.network if self.network.get("name") == self.architecture else self.architecture

    def load_options(self) -> LoadOptions:
        """Return the part that decides which images are trained on."""
        return LoadOptions(**{known.attribute: known.of(self) for known in declared(LoadOptions).values()})

    def changed(self, **settings: Any) -> "RunConfig":
        """Return a copy with other settings; another schedule brings its own factor where none was chosen."""
        if "schedule" in settings and self.schedule_factor == decay_factor(self.schedule):
            settings = {"schedule_factor": None} | settings
        return replace(self, **settings)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold; see ``ONLY_IF_CHOSEN``."""
        return {k: v for k, v in named_values(self).items() if k not in ONLY_IF_CHOSEN or v}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "RunConfig":
        """Rebuild from ``to_dict``; settings of a newer version are left out.

        Raises:
            ConfigError: the architecture or the dataset is missing.
        """
        known = all_settings()
        chosen: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known
        }
        try:
            return cls(**as_arguments(cls, chosen))
        except TypeError as error:
            raise ConfigError(INCOMPLETE) from error

    @classmethod
    def from_untrusted(cls, values: Any) -> "RunConfig":
        """Rebuild settings from a file that anybody may have written, and check them.

        Raises:
            ConfigError: a setting is of the wrong type or out of range.
        """
        if not isinstance(values, dict):
            raise ConfigError(INCOMPLETE)
        return cls.from_dict(values).validated()


def all_settings() -> dict[str, Setting]:
    """Return all settings of a run by name, in the order of their groups."""
    return declared(RunConfig)


def setting_named(name: str) -> Setting:
    """Return a setting of a run; of one that only a newer version knows, its name in readable form."""
    return named(all_settings(), name)
