"""Features of many dimensions as points of a plane: PCA at once, t-SNE where there is time."""

from dataclasses import dataclass

import numpy as np

PERPLEXITY = 30.0
LEAST = 3


@dataclass(frozen=True, eq=False)
class Projection:
    """``points`` float32 ``(N, 2)``; ``explained`` is the share of the variance in each axis, PCA's only."""

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
    shares = [float(size**2 / total) if total else 0.0 for size in sizes[:2]] + [0.0, 0.0]
    return Projection(points.astype(np.float32), "pca", (shares[0], shares[1]))


def tsne(features: np.ndarray, seed: int = 0) -> Projection:
    """Return a plane in which neighbours of features ``(N, D)`` stay neighbours (t-SNE, of scikit-learn).

    Distances between groups, and the sizes of groups, mean nothing in it.
    """
    if len(features) <= LEAST:
        return pca(features)
    from sklearn.manifold import TSNE

    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    made = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(
        np.asarray(features, np.float32)
    )
    return Projection(made.astype(np.float32), "tsne")
