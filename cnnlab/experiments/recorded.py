"""Recorded results: what a ready experiment gave with its seeds, on which machine, when and with what.

One JSON file for each in ``recordings/``, written by ``record`` and never by hand.
"""

import json
import math
import time
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.experiments import handed_over
from cnnlab.experiments.recorded_result import Recording, read
from cnnlab.experiments.results import COLUMNS, Results, Side
from cnnlab.languages import texts
from cnnlab.runs.races import Race
from cnnlab.shelf import write_json

FOLDER = Path(__file__).parent / "recordings"
MACHINES = texts(("CPU, 2 cores (AMD EPYC), beside other work",))
"""The machines of the recorded results, in the words of their files."""
_VERSIONED = ("tensorflow", "keras", "numpy")


def recording(name: str) -> Recording | None:
    """Return the recorded result of a ready experiment, or None where there is none.

    The app's own comes first; then one that arrived with a lesson, see ``handed_over``.
    """
    return of_app(name) or handed_over.recording(name)


@cache
def of_app(name: str) -> Recording | None:
    """Return the recorded result that the app has of a ready experiment, or None."""
    path = FOLDER / f"{name}.json"
    return read(json.loads(path.read_text("utf-8"))) if path.is_file() else None


def record(name: str, race: Race, results: Results, where: str) -> Path:
    """Write down what a race that is over has found on a machine, in words, and return the file."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.json"
    write_json(path, document(race, results, where))
    of_app.cache_clear()
    return path


def document(race: Race, results: Results, where: str) -> dict[str, Any]:
    """Return as plain values what a race that is over has found on a machine, in words."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": where,
        "versions": {package: metadata.version(package) for package in _VERSIONED},
        "seconds": round(race.job.status().seconds, 1),
        "images": results.images,
        "sides": [_side(side) for side in results.sides],
    }


def _side(side: Side) -> dict[str, Any]:
    curves = [
        {
            "seed": curve.seed,
            "over": curve.is_over,
            **{name: _rounded(curve.epochs[name]) for name in COLUMNS},
        }
        for curve in side.curves
    ]
    return {"label": side.label, "parameters": side.parameters, "macs": side.macs, "curves": curves}


def _rounded(column: np.ndarray) -> list[float | None]:
    return [None if math.isnan(value) else round(float(value), 4) for value in column]
