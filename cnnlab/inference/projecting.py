"""t-SNE as a process of its own: ``python -m cnnlab.inference.projecting FEATURES.npy POINTS.npy``.

It reads features float32 ``(N, D)``, writes points ``(N, 2)``, and prints the share that is done on standard
error, a line each.
"""

import os
import sys
from pathlib import Path

import numpy as np

from cnnlab.inference.projection import tsne
from cnnlab.runs.limits import limit_myself

NICENESS = 10
"""Pages and trainings come first."""


def main(features: Path, points: Path) -> None:
    """Project, and say how far it is."""
    limit_myself()
    if hasattr(os, "nice"):
        os.nice(NICENESS)

    def progress(share: float) -> None:
        print(share, file=sys.stderr, flush=True)

    found = tsne(np.load(features, allow_pickle=False), progress=progress)
    np.save(points, found.points, allow_pickle=False)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
