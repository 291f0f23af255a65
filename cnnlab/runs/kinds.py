"""The kinds of work that take long: in which lane each waits, and what it may take of the machine.

What each does stands in ``worker.work``: another kind is a line here and a function there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cnnlab.languages import texts
from cnnlab.runs.limits import Limits

DEVICE, LIGHT = "device", "light"
"""The lanes: one for what trains, which has the GPUs or the cores for itself; one for work beside it."""


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    Args:
        name: its word in job.json.
        verb: what is said while it works, before the title of the run that it is about.
        noun: what failed, where it fails.
        lane: where it waits.
        limits: the most that it may take; without them it is not watched.
        shared: whether all who ask for the same thing watch the same job.
        forgotten_seconds: where it waits and nobody has looked for so long, it is not begun.
        kept: whether its folder stays until somebody deletes it; else it goes a day after it is over.
    """

    name: str
    verb: str
    noun: str
    lane: str = LIGHT
    limits: Limits | None = None
    shared: bool = True
    forgotten_seconds: float | None = None
    kept: bool = False


TRAIN = Kind("train", texts("Training"), texts("Training"), DEVICE)
RATE_SWEEP = Kind(
    "rate_sweep",
    texts("Learning rate range test"),
    texts("The range test"),
    DEVICE,
    shared=False,
    forgotten_seconds=120.0,
)
EVALUATE = Kind("evaluate", texts("Evaluating"), texts("The evaluation"), limits=Limits(3600, 4 * 3600))
EXPORT = Kind("export", texts("Exporting"), texts("The export"), limits=Limits(3600, 4 * 3600))
OPEN = Kind("open", texts("Opening an imported run"), texts("The import"), limits=Limits(300, 600, 6 * 2**30))
EXPORT_LESSON = Kind(
    "export_lesson",
    texts("Exporting a lesson"),
    texts("The export of the lesson"),
    limits=Limits(3600, 4 * 3600),
)
OPEN_LESSON = Kind(
    "open_lesson",
    texts("Opening a lesson"),
    texts("The import of the lesson"),
    limits=Limits(600, 1800, 6 * 2**30),
)
PROJECT = Kind(
    "project", texts("Computing a projection"), texts("The projection"), limits=Limits(300, 600, 2 * 2**30)
)
RACE = Kind("race", texts("Training side by side"), texts("The race"), DEVICE, shared=False, kept=True)
OF_LESSONS = (EXPORT_LESSON, OPEN_LESSON)
CAPSULE = "lesson.zip"
"""What the export of a lesson leaves in its folder."""
PROJECTED = "points.npy"
"""What a projection leaves in its folder: float32 ``(N, 2)``."""

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (TRAIN, RATE_SWEEP, EVALUATE, EXPORT, OPEN, *OF_LESSONS, PROJECT, RACE)}
)
"""All kinds by their names."""
