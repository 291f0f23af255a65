"""Arrays as images: values in colour, and heat laid over an image. Black is nothing, in both themes."""

import numpy as np

POSITIVE = ((0, 0, 0), (224, 132, 56), (255, 247, 214))
NEGATIVE = ((0, 0, 0), (63, 143, 201), (222, 240, 255))
"""From zero over half to full strength: the colours of validation and of training, then nearly white."""
DIMMED = 0.45
"""What is left of an image's brightness under heat."""


def coloured(values: np.ndarray, largest: float) -> np.ndarray:
    """Return values of any shape as uint8 RGB ``(*shape, 3)``; zero is black, ``±largest`` the brightest."""
    strength = np.clip(np.abs(values) / (largest or 1), 0, 1)
    return np.where((values < 0)[..., None], _ramp(strength, NEGATIVE), _ramp(strength, POSITIVE))


def in_gray(values: np.ndarray, largest: float) -> np.ndarray:
    """Return values of any shape as uint8: middle gray is 0, black and white are ``∓largest``."""
    return np.round(127.5 + 127.5 * values / (largest or 1)).astype(np.uint8)


def heat_over(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Lay heat ``(H, W)`` of either sign over an image uint8 RGB ``(H, W, 3)``.

    The pixel that is farthest from 0 is the brightest.
    """
    largest = np.abs(heat).max()
    strength = (np.abs(heat) / (largest or 1))[..., None]
    gray = image.mean(-1, keepdims=True) * DIMMED
    return np.round(gray * (1 - strength) + coloured(heat, largest) * strength).astype(np.uint8)


def _ramp(strength: np.ndarray, colours: tuple) -> np.ndarray:
    places = np.linspace(0, 1, len(colours))
    channels = [np.interp(strength, places, channel) for channel in zip(*colours, strict=True)]
    return np.round(np.stack(channels, -1)).astype(np.uint8)
