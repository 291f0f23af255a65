"""Recorded results: what a ready experiment gave with its seeds, on which machine, when and with what.

One JSON file for each in ``recordings/``, written by ``record`` and never by hand.
"""

import json
import math
import time
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.experiments.results import COLUMNS, Curve, Results, Side
from cnnlab.runs.races import Race
from cnnlab.shelf import write_json

FOLDER = Path(__file__).parent / "recordings"
_VERSIONED = ("tensorflow", "keras", "numpy")


@dataclass(frozen=True)
class Recording:
    """What was found, and the circumstances: a date, the machine in words, versions, seconds of the race."""

    results: Results
    date: str
    machine: str
    versions: dict[str, str]
    seconds: float

    @property
    def seeds(self) -> int:
        """How many seeds were run."""
        return len(self.results.sides[0].curves)


@cache
def recording(name: str) -> Recording | None:
    """Return the recorded result of a ready experiment, or None where there is none."""
    path = FOLDER / f"{name}.json"
    return _read(json.loads(path.read_text("utf-8"))) if path.is_file() else None


def record(name: str, race: Race, results: Results, where: str) -> Path:
    """Write down what a race that is over has found on a machine, in words, and return the file."""
    document = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": where,
        "versions": {package: metadata.version(package) for package in _VERSIONED},
        "seconds": round(race.job.status().seconds, 1),
        "images": results.images,
        "sides": [_side(side) for side in results.sides],
    }
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.json"
    write_json(path, document)
    recording.cache_clear()
    return path


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


def _read(document: dict[str, Any]) -> Recording:
    sides = tuple(
        Side(
            side["label"],
            tuple(
                Curve(curve["seed"], {name: np.array(curve[name], float) for name in COLUMNS}, curve["over"])
                for curve in side["curves"]
            ),
            side["parameters"],
            side["macs"],
        )
        for side in document["sides"]
    )
    known = {name: document[name] for name in ("date", "machine", "versions", "seconds")}
    return Recording(Results(sides, document["images"]), **known)
