"""The settings of a run and what its worker wrote about the model: read value by value, or not at all."""

import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnlab.errors import RunError
from cnnlab.runs import reading
from cnnlab.runs.reading import DamagedError, is_number, is_text, is_whole

MOST_CLASSES = 10_000
DEEPEST = 32


class Document(dict[str, Any]):
    """The values of one file of a run; to ask for one that is missing raises ``RunError``."""

    def __init__(self, name: str, values: dict[str, Any]):
        super().__init__(values)
        self._name = name

    def __missing__(self, key: str) -> Any:
        raise RunError(f"This run is damaged: {self._name} has no {key}; start a new run.")


@dataclass(frozen=True)
class Settings:
    """A config.json: the settings, and whether the run was trained elsewhere."""

    settings: Document
    imported: bool


def settings(folder: Path) -> Settings:
    """Return what config.json says.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is not as CNN Lab writes it.
    """
    name = "config.json"
    whole = reading.document(folder / name)
    values = _checked(name, whole.get("config"), _SETTINGS)
    for needed in ("architecture", "dataset"):
        if not values.get(needed):
            raise DamagedError(f"{name} has no usable {needed}")
    return Settings(Document(name, values), "imported" in whole)


def model(folder: Path) -> Document:
    """Return what model.json says.

    Raises:
        FileNotFoundError: the run has not come so far.
        DamagedError: it is not as CNN Lab writes it.
    """
    name = "model.json"
    return Document(name, _checked(name, reading.document(folder / name), _FACTS))


def damage(folder: Path) -> str:
    """Say what is odd about the files that every run needs, in a few words; empty where all is well."""
    try:
        settings(folder)
        with suppress(FileNotFoundError):  # its worker has not come so far
            model(folder)
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except DamagedError as error:
        return str(error)
    return odd_control(folder)


def odd_control(folder: Path) -> str:
    """Say what is odd about the folder by which a run is asked for things; empty where all is well."""
    control = folder / "control"
    try:
        if not stat.S_ISDIR(control.stat().st_mode):
            return "control is no folder"
        return "" if stat.S_ISREG((control / "claim").stat().st_mode) else "control/claim is no file"
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"control cannot be read ({error.strerror})"


def title(values: Document) -> str:
    """Return the name that a run was started with."""
    words = f"{values['architecture']} on {Path(values['dataset']).name}"
    return reading.showable(values.get("title") or words)


def _checked(name: str, values: Any, checks: dict[str, Callable[[Any], bool]]) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise DamagedError(f"{name} holds no settings")
    for key, check in checks.items():
        if key in values and not check(values[key]):
            raise DamagedError(f"{name} has no usable {key}")
    if odd := [key for key, value in values.items() if not (is_text(key, 100) and _is_plain(value))]:
        raise DamagedError(f"{name} has no usable {odd[0][:40]!a}")
    return values


def _is_plain(value: Any, levels: int = DEEPEST) -> bool:
    """Whether a value holds only finite numbers, texts that can be shown, and lists and objects of them."""
    if not levels:
        return False
    if isinstance(value, dict):
        return all(is_text(key) and _is_plain(inner, levels - 1) for key, inner in value.items())
    if isinstance(value, list):
        return all(_is_plain(inner, levels - 1) for inner in value)
    return value is None or isinstance(value, bool) or is_number(value) or is_text(value)


def _is_split(value: Any) -> bool:
    return isinstance(value, dict) and all(is_whole(count) for count in value.values())


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(is_whole(side, 1, 10_000) for side in value)


def _are_classes(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_CLASSES and all(map(is_text, value))


def _or_none(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_number, value))


def _is_count(value: Any) -> bool:
    return is_whole(value, 1)


def _is_yes_or_no(value: Any) -> bool:
    return isinstance(value, bool)


def _are_choices(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(chosen, bool) or is_text(chosen) or is_number(chosen) for chosen in value.values()
    )


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


_SETTINGS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("architecture", "dataset", "title", "optimizer", "schedule", "split_by"), is_text),
    **dict.fromkeys(("resample", "fit", "scaling", "precision", "devices"), is_text),
    "recipe": _or_none(is_text),
    **dict.fromkeys(("epochs", "batch_size", "schedule_patience"), _is_count),
    **dict.fromkeys(("seed", "warm_up_epochs", "augmented_copies"), is_whole),
    **dict.fromkeys(("stop_patience", "image_size", "channels", "max_per_class"), _or_none(_is_count)),
    **dict.fromkeys(("momentum", "schedule_factor", "validation_share", "l2", "label_smoothing"), is_number),
    **dict.fromkeys(("learning_rate", "dropout"), _or_none(is_number)),
    **dict.fromkeys(("mean", "deviation", "schedule_epochs"), _are_numbers),
    **dict.fromkeys(("nesterov", "shuffle", "deterministic"), _is_yes_or_no),
    **dict.fromkeys(("options", "augmentation"), _are_choices),
    "network": _is_object,
}
"""What each setting may hold; whether it makes sense is for those to judge who train with it."""
_FACTS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("architecture", "dataset", "note", "trained_on"), is_text),
    "classes": _are_classes,
    "input_shape": _is_shape,
    "preprocessing": _is_object,
    "split": _is_split,
    "params": _or_none(is_whole),
    **dict.fromkeys(("leaked", "batch_norm_images"), is_whole),
    "majority": is_number,
}
