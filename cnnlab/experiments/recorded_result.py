"""What a recorded result is, and how it is read from its document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.experiments.results import COLUMNS, Curve, Results, Side


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


def read(document: Mapping[str, Any]) -> Recording:
    """Return the recording in a document as ``recorded.document`` makes it."""
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
