"""The terms of a run's settings: the form, the tables of runs and the comparison all ask here.

Neither TensorFlow nor OpenCV is needed. The words themselves stand in ``vocabulary``.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cnnlab.errors import CnnLabError
from cnnlab.training.vocabulary import AUGMENTATIONS, OPTIONS, TERMS, Term, find

if TYPE_CHECKING:
    from cnnlab.training.config import RunConfig

_PARTS = {"train": "training", "validation": "validation", "test": "test"}

NORMALISATIONS = {
    "unit": "[0, 1]",
    "centred": "[−1, 1]",
    "dataset": "standardise per channel",
    "given": "fixed mean and standard deviation",
}
"""How pixels are scaled, by the kinds that ``normalisation`` tells apart."""
FIXED = {"unit": ((0.0,), (255.0,)), "centred": ((127.5,), (127.5,))}
"""Mean and deviation of the kinds that have the same for every dataset."""


def label(name: str) -> str:
    """Return what a setting is called, such as ``LR schedule``."""
    return find(TERMS, name).label


def help(name: str) -> str:
    """Return what a setting does, in a sentence; nothing of a setting that is unknown here."""
    return find(TERMS, name).help


def label_with_unit(name: str) -> str:
    """Return what a field of a form is called: ``Image size (px)``."""
    term = find(TERMS, name)
    return f"{term.label} ({term.unit})" if term.unit else term.label


def unit(name: str) -> str:
    """Return the unit of a setting, ``px`` or ``epochs``; empty where it has none."""
    return find(TERMS, name).unit


def choices(name: str) -> dict[Any, str]:
    """Return the values that a setting can take, each with its words; empty where it is no choice."""
    return dict(find(TERMS, name).choices)


def said(name: str, value: Any, config: "RunConfig | None" = None) -> str:
    """Say a value in words: ``said("fit", "crop")`` is "centre crop".

    Any value of a file is said somehow, an unknown one as it stands.

    Args:
        name: a field of ``RunConfig``.
        value: of this field.
        config: the other settings: a learning rate of None becomes a number, ``scaling`` says its figures.
    """
    if (
        config is not None
        and name == "learning_rate"
        and value is None
        and config.optimizer in choices("optimizer")
    ):
        return f"{config.initial_learning_rate:g} (default of {said('optimizer', config.optimizer)})"
    if config is not None and name == "scaling":
        return _normalised(config)
    return find(TERMS, name).said(value)


def option(name: str) -> Term:
    """Return the term of a choice that some networks offer, such as ``unfreeze_blocks``."""
    return find(OPTIONS, name)


def augmentation(name: str) -> Term:
    """Return the term of a field of ``Augmentation``, such as ``shift_x``."""
    return find(AUGMENTATIONS, name)


def normalisation(config: "RunConfig") -> str:
    """Return the key of ``NORMALISATIONS`` that these settings come to."""
    if config.scaling == "dataset":
        return "dataset"
    pair = (tuple(config.mean), tuple(config.deviation))
    return next((kind for kind, known in FIXED.items() if known == pair), "given")


def applied(
    config: "RunConfig | Mapping[str, Any]", facts: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Return the settings that have an effect, label to words, in the order of ``TERMS``.

    A momentum that the optimizer does not have, milestones of a constant rate and the like are left out.

    Args:
        config: the settings, or what config.json holds.
        facts: what is known of the run beside them: of model.json ``input_shape`` (what the images really
            are), ``preprocessing`` (the measured mean and deviation) and ``split`` (images of each part);
            ``epochs``, where it was trained on for more than the settings say.

    Raises:
        ConfigError: the settings name no architecture or no dataset.
    """
    from cnnlab.training.config import RunConfig  # late: it takes its words from here

    known = config if isinstance(config, RunConfig) else RunConfig.from_dict(dict(config))
    facts, rows = facts or {}, {}
    for name, term in TERMS.items():
        if _matters(name, known):
            rows[term.label] = _really(name, known, facts)
        if name == "options":
            rows |= {option(chosen).label: option(chosen).said(v) for chosen, v in known.options.items()}
        if name == "split_by" and (parts := facts.get("split")):
            rows["Images"] = ", ".join(f"{count:,} {_PARTS.get(part, part)}" for part, count in parts.items())
    return rows


def _matters(name: str, config: "RunConfig") -> bool:
    """Whether a setting has an effect beside the others."""
    value, schedule = getattr(config, name), config.schedule
    match name:
        case "title" | "mean" | "deviation" | "options":  # said otherwise
            return False
        case "momentum":
            return bool(value) and config.optimizer in {"sgd", "rmsprop"}
        case "nesterov":
            return bool(value and config.momentum) and config.optimizer == "sgd"
        case "schedule_factor":
            return schedule in {"step", "exponential", "plateau"}
        case "schedule_epochs":
            return schedule == "step"
        case "schedule_patience":
            return schedule == "plateau"
        case "validation_share":
            return config.split_by != "given"
        case "shuffle":
            return not value
        case "precision" | "devices":
            return value not in {"float32", "one"}
        case "dropout":
            return value is not None
        case "warm_up_epochs" | "stop_patience" | "l2" | "label_smoothing" | "max_per_class" | "recipe":
            return bool(value)
        case "augmented_copies" | "deterministic" | "network":
            return bool(value)
    return True


def _really(name: str, config: "RunConfig", facts: Mapping[str, Any]) -> str:
    """Say what a setting came to, as far as the facts tell."""
    shape, seen = facts.get("input_shape"), facts.get("preprocessing")
    value = getattr(config, name)
    if name == "epochs":
        value = facts.get("epochs") or value
    elif name == "learning_rate" and value is None and config.optimizer in choices("optimizer"):
        value = config.initial_learning_rate
    elif name == "image_size":
        value = shape[0] if shape else value or _own_size(config)
    elif name == "channels" and shape:
        value = shape[2]
    elif name == "scaling" and value == "dataset" and seen:
        return f"{NORMALISATIONS['dataset']} ({_figures(seen['mean'], seen['deviation'])})"
    return said(name, value, config)


def _own_size(config: "RunConfig") -> int | None:
    """Return the size of the images that the network was published for: a run without one takes it."""
    from cnnlab import architectures

    with suppress(CnnLabError, OSError):
        return architectures.get(config.built_from).reference.input_shape[0]
    return None


def _normalised(config: "RunConfig") -> str:
    kind = normalisation(config)
    return _figures(config.mean, config.deviation) if kind == "given" else NORMALISATIONS[kind]


def _figures(mean: Sequence[float], deviation: Sequence[float]) -> str:
    return f"mean {said('mean', mean)}; std {said('deviation', deviation)}"
