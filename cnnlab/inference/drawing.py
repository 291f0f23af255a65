"""A drawing made as the images of handwritten digits were: the same size, place and polarity.

A network that learned centred digits of one size fails on a small one in a corner; so what is drawn is cut
out, scaled and centred as the makers of the datasets did it.
"""

import numpy as np

from cnnlab import images

INK = 40
"""A gray level that counts as drawn, on black."""


def as_mnist(drawn: np.ndarray) -> np.ndarray:
    """Return light strokes on black, uint8 ``(H, W)``, as an image of MNIST, uint8 ``(28, 28, 1)``.

    The drawing is scaled to fit a box of 20 × 20 pixels, its aspect ratio kept, and placed so that its centre
    of mass is the centre of the 28 × 28 image (LeCun, Cortes and Burges, the MNIST database).
    """
    part = _scaled(cut_out(drawn), 20)
    rows, columns = (np.arange(size) for size in part.shape)
    mass = part.sum(dtype=np.float64) or 1.0
    middle = (rows @ part.sum(1, dtype=np.float64)) / mass, (part.sum(0, dtype=np.float64) @ columns) / mass
    return _placed(part, 28, [13.5 - place for place in middle])


def as_digits(drawn: np.ndarray) -> np.ndarray:
    """Return light strokes on black, uint8 ``(H, W)``, as an image of scikit-learn's digits, ``(8, 8, 1)``.

    Those are bitmaps of 32 × 32 pixels that the digit fills, reduced to blocks of 4 × 4 (Alpaydin and Kaynak
    1998, UCI Optical Recognition of Handwritten Digits).
    """
    part = _scaled(cut_out(drawn), 32)
    middle = [(32 - size) / 2 for size in part.shape]
    return images.resize(_placed(part, 32, middle), (8, 8))


def cut_out(drawn: np.ndarray) -> np.ndarray:
    """Return the smallest part of an image ``(H, W)`` that holds all ink; the whole where there is none."""
    rows, columns = (np.flatnonzero((drawn >= INK).any(axis)) for axis in (1, 0))
    if not len(rows):
        return drawn
    return drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


PREPARED = {"mnist": as_mnist, "digits": as_digits}
"""By dataset: what makes a drawing look like its images."""


def _scaled(part: np.ndarray, box: int) -> np.ndarray:
    scale = box / max(part.shape)
    size = tuple(max(1, round(side * scale)) for side in part.shape)
    return images.resize(np.ascontiguousarray(part)[..., None], size)[..., 0]


def _placed(part: np.ndarray, side: int, corner: list[float]) -> np.ndarray:
    """Put an image on black, its corner at the nearest whole pixel, but all of it within the image."""
    top, left = (
        min(max(0, round(place)), side - size) for place, size in zip(corner, part.shape, strict=True)
    )
    placed = np.zeros((side, side, 1), np.uint8)
    placed[top : top + part.shape[0], left : left + part.shape[1], 0] = part
    return placed
