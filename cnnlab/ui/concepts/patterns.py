"""Small images made for one purpose: what a kernel does to a dot, an edge or stripes is seen at once."""

import numpy as np

from cnnlab.languages import texts

SIDE = 12


def _dot() -> np.ndarray:
    image = np.zeros((SIDE, SIDE))
    image[SIDE // 2, SIDE // 2] = 1
    return image


def _edge() -> np.ndarray:
    return np.repeat([np.arange(SIDE) >= SIDE // 2], SIDE, axis=0).astype(float)


def _stripes() -> np.ndarray:
    return np.repeat([np.arange(SIDE) // 2 % 2], SIDE, axis=0).astype(float)


def _checkerboard() -> np.ndarray:
    rows, columns = np.indices((SIDE, SIDE)) // 2
    return ((rows + columns) % 2).astype(float)


def _ramp() -> np.ndarray:
    return np.repeat([np.linspace(0, 1, SIDE)], SIDE, axis=0)


def _cross() -> np.ndarray:
    image = np.zeros((SIDE, SIDE))
    for n in range(2, SIDE - 2):
        image[n, n] = image[n, SIDE - 1 - n] = 1
    return image


def _colours() -> np.ndarray:
    """Return the corners of the colour cube in eight fields."""
    rows, columns = np.indices((SIDE, SIDE))
    field = (rows >= SIDE // 2) * 4 + columns // (SIDE // 4)
    return np.stack([field >> 2 & 1, field >> 1 & 1, field & 1], -1).astype(float)


def _as_uint8(values: np.ndarray) -> np.ndarray:
    return np.round(255 * (values if values.ndim == 3 else values[..., None])).astype(np.uint8)


PATTERNS = texts(
    {
        "dot": ("A dot", _as_uint8(_dot())),
        "edge": ("An edge", _as_uint8(_edge())),
        "stripes": ("Stripes", _as_uint8(_stripes())),
        "checkerboard": ("A checkerboard", _as_uint8(_checkerboard())),
        "ramp": ("A ramp", _as_uint8(_ramp())),
        "cross": ("A cross", _as_uint8(_cross())),
        "colours": ("Eight colours", _as_uint8(_colours())),
    }
)
"""Title and image, uint8 ``(12, 12, 1 or 3)``, by the id in the address."""
