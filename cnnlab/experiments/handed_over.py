"""Recorded results that arrived with a lesson: in ``CNNLAB_HOME/recordings``, a file for each experiment.

They come from strangers: every value is checked before a file is written, and again when it is read.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from cnnlab import workspace
from cnnlab.errors import ExperimentError
from cnnlab.experiments.experiment import Experiment
from cnnlab.experiments.ready import READY
from cnnlab.experiments.recorded_result import Recording, read
from cnnlab.experiments.results import COLUMNS
from cnnlab.plain_text import one_line
from cnnlab.runs import reading
from cnnlab.runs.races import MOST_SEEDS
from cnnlab.shelf import write_json

MOST_BYTES = 4 * 2**20
MOST_EPOCHS, LONGEST_WORDS = 1_000, 200
_LARGEST = 1e12
_kept: dict[Path, tuple[int, Recording | None]] = {}


def path_of(name: str) -> Path:
    """Return where the recorded result of an experiment lies, or would lie."""
    return workspace.home() / "recordings" / f"{name}.json"


def recording(name: str) -> Recording | None:
    """Return the result of a ready experiment that arrived here, or None; so for a file that is damaged."""
    path = path_of(name)
    try:
        changed = path.stat().st_mtime_ns
        if path not in _kept or _kept[path][0] != changed:
            _kept[path] = changed, read(checked(name, reading.data(path, MOST_BYTES)))
        return _kept[path][1]
    except (OSError, reading.DamagedError, ExperimentError):
        return None


def accept(name: str, content: bytes) -> None:
    """Keep a result that somebody hands over, in place of one that came before.

    Raises:
        ExperimentError: it is not as CNN Lab writes it.
        OSError: it cannot be written.
    """
    document = checked(name, content)
    path = path_of(name)
    workspace.made(path.parent)
    write_json(path, document)


def checked(name: str, content: bytes) -> dict[str, Any]:
    """Return the document of a recorded result, each value checked.

    Raises:
        ExperimentError: there is no such experiment here, or the result is not as CNN Lab writes it.
    """
    if name not in READY:
        raise ExperimentError(f"There is no experiment {name[:40]!r} here; update CNN Lab.")
    try:
        return _checked(READY[name], json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise ExperimentError(
            f"The recorded result of {name} is not as CNN Lab writes it; export the lesson again."
        ) from error


def _checked(experiment: Experiment, known: dict[str, Any]) -> dict[str, Any]:
    sides = known["sides"]
    if [side["label"] for side in sides] != [arm.label for arm in experiment.arms]:
        raise ValueError("sides")
    found = [_side(side) for side in sides]
    if len({len(side["curves"]) for side in found}) != 1:
        raise ValueError("seeds")
    versions = {_words(package): _words(version) for package, version in list(known["versions"].items())[:10]}
    return {
        "date": date.fromisoformat(known["date"]).isoformat(),
        "machine": _words(known["machine"]),
        "versions": versions,
        "seconds": _number(known["seconds"]),
        "images": None if known["images"] is None else _whole(known["images"]),
        "sides": found,
    }


def _side(side: dict[str, Any]) -> dict[str, Any]:
    curves = side["curves"]
    if not isinstance(curves, list) or not 1 <= len(curves) <= MOST_SEEDS:
        raise ValueError("curves")
    parameters, macs = (None if side[name] is None else _whole(side[name]) for name in ("parameters", "macs"))
    found = [_curve(curve) for curve in curves]
    return {"label": side["label"], "parameters": parameters, "macs": macs, "curves": found}


def _curve(curve: dict[str, Any]) -> dict[str, Any]:
    columns = {name: [None if v is None else _number(v) for v in curve[name]] for name in COLUMNS}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or not 1 <= min(lengths) <= MOST_EPOCHS:
        raise ValueError("columns")
    return {"seed": _whole(curve["seed"]), "over": curve["over"] is True, **columns}


def _words(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_WORDS:
        raise ValueError("words")
    return one_line(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        raise ValueError("number")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _LARGEST:
        raise ValueError("whole number")
    return value
