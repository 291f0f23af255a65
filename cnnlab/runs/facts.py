"""The settings of a run and what its worker wrote about the model: read value by value, or not at all."""

import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnlab.access import owner_in
from cnnlab.languages import texts
from cnnlab.runs import naming, reading
from cnnlab.runs.reading import DamagedError, is_number, is_text, is_whole
from cnnlab.settings import ModelFacts, RunConfig, Setting, all_settings

DEEPEST = 32


@dataclass(frozen=True)
class Document:
    """A config.json: the settings, whether the run was trained elsewhere, whose it is (see ``access``)."""

    config: RunConfig
    imported: bool
    owner: str = ""


def settings(folder: Path) -> Document:
    """Return what config.json says. Whether a setting makes sense is for those to judge who train with it.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is not as CNN Lab writes it.
    """
    name = "config.json"
    whole = reading.document(folder / name)
    values = _plain(name, whole.get("config"))
    for known in all_settings().values():
        if known.name in values and not _can_be(known, values[known.name]):
            raise DamagedError(f"{name} has no usable {known.name}")
    for needed in ("architecture", "dataset"):
        if not values.get(needed):
            raise DamagedError(f"{name} has no usable {needed}")
    return Document(RunConfig.from_dict(values), "imported" in whole, owner_in(whole))


def model(folder: Path) -> ModelFacts:
    """Return what model.json says.

    Raises:
        FileNotFoundError: the run has not come so far.
        DamagedError: it is not as CNN Lab writes it.
    """
    name = "model.json"
    values = _plain(name, reading.document(folder / name))
    try:
        return ModelFacts.from_dict(values)
    except ValueError as error:
        raise DamagedError(f"{name} has no usable {error}") from error


def damage(folder: Path) -> str:
    """Say what is odd about the files that every run needs, in a few words; empty where all is well."""
    try:
        settings(folder)
        with suppress(FileNotFoundError):  # its worker has not come so far
            model(folder)
    except FileNotFoundError as error:
        return texts(f"{Path(error.filename).name} is missing")
    except DamagedError as error:
        return str(error)
    return odd_control(folder)


def odd_control(folder: Path) -> str:
    """Say what is odd about the folder by which a run is asked for things; empty where all is well."""
    control = folder / "control"
    try:
        if not stat.S_ISDIR(control.stat().st_mode):
            return texts("control is no folder")
        is_file = stat.S_ISREG((control / "claim").stat().st_mode)
        return "" if is_file else texts("control/claim is no file")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return texts(f"control cannot be read ({error.strerror})")


def title(config: RunConfig) -> str:
    """Return the title that a run was started with; without one it is called by its network and dataset."""
    return reading.showable(config.title or naming.of(config))


def _plain(name: str, values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise DamagedError(f"{name} holds no settings")
    if odd := [key for key, value in values.items() if not (is_text(key, 100) and _is_plain(value))]:
        raise DamagedError(f"{name} has no usable {odd[0][:40]!a}")
    return values


def _can_be(known: Setting, value: Any) -> bool:
    """Whether a value of a file has the type of the setting; a number may be beyond its range."""
    if value is None:
        return known.optional
    if known.kind is int:
        return is_whole(value, 1 if known.low is None else min(1, int(known.low)))
    if known.kind is tuple:
        return isinstance(value, list) and all(map(is_number, value))
    if known.kind is dict and known.items is not Any:
        return isinstance(value, dict) and all(
            isinstance(inner, bool | str) or is_number(inner) for inner in value.values()
        )
    return known.is_of_type(value)


def _is_plain(value: Any, levels: int = DEEPEST) -> bool:
    """Whether a value holds only finite numbers, texts that can be shown, and lists and objects of them."""
    if not levels:
        return False
    if isinstance(value, dict):
        return all(is_text(key) and _is_plain(inner, levels - 1) for key, inner in value.items())
    if isinstance(value, list):
        return all(_is_plain(inner, levels - 1) for inner in value)
    return value is None or isinstance(value, bool) or is_number(value) or is_text(value)
