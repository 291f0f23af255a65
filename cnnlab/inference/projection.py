"""Features of many dimensions as points of a plane: PCA at once, t-SNE where there is time."""

import contextlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Progress = Callable[[float], None]
PERPLEXITY = 30.0
ITERATIONS = 1000
"""Of t-SNE: what scikit-learn takes by default."""
LEAST = 3


@dataclass(frozen=True, eq=False)
class Projection:
    """``points`` float32 ``(N, 2)``; ``explained`` is the fraction of variance in each axis, PCA's only."""

    points: np.ndarray
    method: str
    explained: tuple[float, float] | None = None


def pca(features: np.ndarray) -> Projection:
    """Return the two directions in which features ``(N, D)`` vary most (principal components)."""
    centred = np.asarray(features, np.float64) - np.mean(features, axis=0, dtype=np.float64)
    left, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(centred), 2))
    kept = min(2, len(sizes))
    # a direction and its opposite are alike: let the largest of its numbers be positive
    signs = np.array([np.sign(row[np.abs(row).argmax()]) or 1.0 for row in directions[:kept]])
    points[:, :kept] = left[:, :kept] * sizes[:kept] * signs
    total = float((sizes**2).sum())
    fractions = [float(size**2 / total) if total else 0.0 for size in sizes[:2]] + [0.0, 0.0]
    return Projection(points.astype(np.float32), "pca", (fractions[0], fractions[1]))


def tsne(features: np.ndarray, seed: int = 0, progress: Progress | None = None) -> Projection:
    """Return a plane in which neighbours of features ``(N, D)`` stay neighbours (t-SNE, of scikit-learn).

    Distances between groups, and the sizes of groups, mean nothing in it. ``progress`` is told the fraction
    that is done, 0 to 1, every fifty iterations; it takes what the process prints meanwhile.
    """
    if len(features) <= LEAST:
        return pca(features)
    from sklearn.manifold import TSNE

    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    asked = TSNE(perplexity=perplexity, init="pca", random_state=seed, verbose=2 if progress else 0)
    told = contextlib.redirect_stdout(_Iterations(progress)) if progress else contextlib.nullcontext()
    with told:
        made = asked.fit_transform(np.asarray(features, np.float32))
    return Projection(made.astype(np.float32), "tsne")


class _Iterations(io.TextIOBase):
    """Reads off what scikit-learn prints how many of the iterations are done."""

    def __init__(self, progress: Progress):
        self._progress = progress

    def write(self, text: str) -> int:
        if found := re.search(r"Iteration (\d+)", text):
            self._progress(min(1.0, int(found[1]) / ITERATIONS))
        return len(text)


def aligned(points: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Turn and mirror points ``(N, 2)`` so that they lie as near as possible to others of the same images.

    Distances stay as they are (orthogonal Procrustes; Schönemann 1966). Both are centred in the result.
    """
    centred, goal = (np.asarray(p, np.float64) - np.mean(p, 0, dtype=np.float64) for p in (points, to))
    left, _, right = np.linalg.svd(centred.T @ goal)
    return (centred @ left @ right).astype(np.float32)
