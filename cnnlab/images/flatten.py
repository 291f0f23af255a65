"""Deep and transparent pixels to what a network is trained on: 8 bits a channel, opaque.

**Depth.** A microscope stores 12 bits in a file of 16. So a channel is scaled by what is *white*: the
smallest of 2⁸-1, 2¹⁰-1, 2¹²-1, 2¹⁴-1 and 2¹⁶-1 that holds the largest value (1 for fractions), of the image
or, so that images stay comparable, of a whole dataset. Files of 8 bits and less are never scaled.

**Transparency.** What is drawn lies on white; if more than a quarter of it is itself nearly white, on black;
if more than a quarter of it is nearly black too, on middle gray. "Nearly" is within 64 of 255 levels of
luminance, and each pixel counts by its opacity. So a drawing is never lost in its ground, and training and
asking agree.
"""

from collections.abc import Iterator

import cv2
import numpy as np

DEPTHS = (8, 10, 12, 14, 16, 24, 32, 64, 128, 1024)
NEARLY = 64
MOST_LOST = 0.25
AT_ONCE = 2**20
"""Pixels that are computed with at a time: what 25 megapixels need beside themselves stays small."""


def white_for(peak: float) -> int:
    """Return what is white where ``peak`` is the largest value, by the rule of this module.

    Beyond 16 bits it is the next of ``DEPTHS``, and 1 where all values are fractions up to 1.
    """
    if 0 < peak <= 1 and isinstance(peak, float):
        return 1
    return next(2**n - 1 for n in DEPTHS if peak <= 2**n - 1)


def peak_of(pixels: np.ndarray) -> int | float:
    """Return the largest finite value of a deep image's colours, 0 if there is none above."""
    colours = pixels[..., :3]
    if pixels.dtype.kind != "f":
        return max(int(colours.max()), 0)
    return max(
        (float(np.max(part, where=np.isfinite(part), initial=0)) for part in _parts(colours)), default=0.0
    )


def to_eight_bits(pixels: np.ndarray, white: int) -> np.ndarray:
    """Return a deep image ``(H, W, C)`` as uint8, 0 to ``white`` becoming 0 to 255; beyond them it is cut.

    Whole numbers keep their uppermost bits of those that ``white`` has. The alpha of an image with four
    channels spans its type.
    """
    result = np.empty(pixels.shape, np.uint8)
    for whole, part in zip(_parts(result), _parts(pixels), strict=True):
        whole[:] = _scaled(part, white)
        if part.shape[2] == 4:
            opaque = 1 if part.dtype.kind == "f" else np.iinfo(part.dtype).max
            whole[..., 3] = _scaled(np.ascontiguousarray(part[..., 3]), opaque)
    return result


def _scaled(part: np.ndarray, white: int) -> np.ndarray:
    if part.dtype == np.uint16:
        return np.minimum(np.arange(2**16) * (256 / (white + 1)), 255).astype(np.uint8)[part]
    with np.errstate(all="ignore"):  # of NaN, of infinity and of what is larger than float32
        scaled = part * (255 / white) + 0.5 if part.dtype.kind == "f" else part * (256 / (white + 1))
        return np.clip(np.nan_to_num(scaled, nan=0, posinf=255, neginf=0), 0, 255)


def on_ground(image: np.ndarray) -> np.ndarray:
    """Return a uint8 RGBA image ``(H, W, 4)`` as RGB on the ground on which it is seen."""
    drawn = nearly_white = nearly_black = 0.0
    for part in _parts(image):
        luminance, alpha = cv2.cvtColor(part, cv2.COLOR_RGBA2GRAY), cv2.extractChannel(part, 3)
        drawn += cv2.sumElems(alpha)[0]
        nearly_white += cv2.sumElems(cv2.bitwise_and(alpha, cv2.inRange(luminance, 256 - NEARLY, 255)))[0]
        nearly_black += cv2.sumElems(cv2.bitwise_and(alpha, cv2.inRange(luminance, 0, NEARLY - 1)))[0]
    is_lost_on_white, is_lost_on_black = (near > MOST_LOST * drawn for near in (nearly_white, nearly_black))
    ground = (128 if is_lost_on_black else 0) if is_lost_on_white else 255
    result = np.empty((*image.shape[:2], 3), np.uint8)
    for whole, part in zip(_parts(result), _parts(image), strict=True):
        *colours, alpha = cv2.split(part)
        below = cv2.convertScaleAbs(cv2.bitwise_not(alpha), alpha=ground / 255)
        mixed = [cv2.add(cv2.multiply(colour, alpha, scale=1 / 255), below) for colour in colours]
        whole[:] = cv2.merge(mixed)
    return result


def _parts(image: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of an image, some at a time."""
    rows = max(1, AT_ONCE // image.shape[1])
    return (image[top : top + rows] for top in range(0, len(image), rows))
