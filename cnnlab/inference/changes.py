"""Changes of an image whose size a person sets, and how the answer follows: what does a network depend on?

Each is made on the network input, uint8 ``(H, W, C)``. Pixels from beyond the edge are the image mirrored at
it (fill mode reflect), so that no black border appears that the network never saw.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnlab import images
from cnnlab.languages import texts

Answer = Callable[[np.ndarray], np.ndarray]
"""Of images uint8 ``(N, H, W, C)``, their probabilities ``(N, classes)``."""
NOISE_SEED = 7
HALVINGS = 6
"""The value where the answer changes is found to 1/64 of the distance between two measured ones."""


@dataclass(frozen=True)
class Change:
    """One change: its label, the unit and range of its size, the size that leaves the image as it is."""

    label: str
    unit: str
    lowest: float
    highest: float
    none: float
    step: float
    apply: Callable[[np.ndarray, float], np.ndarray]

    def said(self, value: float) -> str:
        """Return a size with its unit."""
        return f"{value:g}{self.unit}" if self.unit in ("°", "×", "") else f"{value:g} {self.unit}"


@dataclass(frozen=True, eq=False)
class Response:
    """How the answer follows a change: ``values`` ``(points,)``, ``probabilities`` ``(points, classes)``."""

    change: Change
    values: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """The class of the highest probability at each value, int ``(points,)``."""
        return self.probabilities.argmax(-1)


@dataclass(frozen=True)
class Turn:
    """Where the predicted class changes for the first time on the way from no change to one end."""

    value: float
    becomes: int


def response(change: Change, image: np.ndarray, answer: Answer, points: int = 21) -> Response:
    """Ask for the answer over the whole range of a change; the size without effect is one of the points."""
    values = np.linspace(change.lowest, change.highest, points)
    values[np.abs(values - change.none).argmin()] = change.none
    changed = np.stack([change.apply(image, value) for value in values])
    return Response(change, values, np.asarray(answer(changed)))


def turns(found: Response, image: np.ndarray, answer: Answer) -> list[Turn]:
    """Return the first change of the predicted class to either side, at most two, located by bisection."""
    start = int(np.abs(found.values - found.change.none).argmin())
    first = found.predicted[start]
    sides = (range(start - 1, -1, -1), range(start + 1, len(found.values)))
    located = []
    for side in sides:
        for place in side:
            if found.predicted[place] != first:
                before = place + 1 if place < start else place - 1
                same, other, becomes = found.values[before], found.values[place], found.predicted[place]
                located.append(_bisected(found.change, image, answer, first, same, other, becomes))
                break
    return located


def _bisected(
    change: Change, image: np.ndarray, answer: Answer, first: int, same: float, other: float, becomes: int
) -> Turn:
    for _ in range(HALVINGS):
        if abs(other - same) <= change.step:
            break
        middle = (same + other) / 2
        predicted = int(np.asarray(answer(change.apply(image, middle)[None]))[0].argmax())
        if predicted == first:
            same = middle
        else:
            other, becomes = middle, predicted
    return Turn(float(other), int(becomes))


def _warped(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Warp around the middle of the image; ``matrix`` is 2 × 2 and leads from new to old places."""
    middle = (np.array(image.shape[1::-1]) - 1) / 2
    shift = middle - matrix @ middle
    return images.warp(image, np.hstack([matrix, shift[:, None]]), "reflect")


def rotated(image: np.ndarray, degrees: float) -> np.ndarray:
    """Turn an image counter-clockwise around its middle."""
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    return _warped(image, np.array([[cosine, -sine], [sine, cosine]]))


def zoomed(image: np.ndarray, factor: float) -> np.ndarray:
    """Enlarge an image around its middle; below 1 it shrinks."""
    return _warped(image, np.eye(2) / factor)


def shifted(image: np.ndarray, right: float = 0, down: float = 0) -> np.ndarray:
    """Shift an image by per cent of its width and height."""
    height, width = image.shape[:2]
    matrix = np.array([[1, 0, -right * width / 100], [0, 1, -down * height / 100]])
    return images.warp(image, matrix, "reflect")


def brightened(image: np.ndarray, levels: float) -> np.ndarray:
    """Add gray levels (0 to 255) to each pixel."""
    return np.clip(np.rint(image + np.float32(levels)), 0, 255).astype(np.uint8)


def contrasted(image: np.ndarray, factor: float) -> np.ndarray:
    """Multiply the distance of each pixel from the image's mean."""
    mean = image.mean(dtype=np.float64)
    return np.clip(np.rint(mean + (image - mean) * factor), 0, 255).astype(np.uint8)


def blurred(image: np.ndarray, per_cent: float) -> np.ndarray:
    """Blur by a Gaussian whose standard deviation is this fraction of the longer side, in per cent."""
    sigma = per_cent / 100 * max(image.shape[:2])
    return images.blur(image, sigma) if sigma > 0.05 else image


def noisy(image: np.ndarray, std: float) -> np.ndarray:
    """Add Gaussian noise of a standard deviation in gray levels; always the same draw, larger or smaller."""
    noise = np.random.default_rng(NOISE_SEED).standard_normal(image.shape, np.float32)
    return np.clip(np.rint(image + noise * np.float32(std)), 0, 255).astype(np.uint8)


def compressed(image: np.ndarray, quality: float) -> np.ndarray:
    """Return what a JPEG of this quality (1 to 100) keeps."""
    decoded = images.decode(images.encode_jpeg(image, round(quality)))
    return images.recolour(decoded, image.shape[2])


CHANGES = {
    "rotation": Change(texts("Rotation"), "°", -180, 180, 0, 1, rotated),
    "shift_right": Change(
        texts("Horizontal shift"),
        texts("% of the width"),
        -50,
        50,
        0,
        1,
        lambda image, size: shifted(image, right=size),
    ),
    "shift_down": Change(
        texts("Vertical shift"),
        texts("% of the height"),
        -50,
        50,
        0,
        1,
        lambda image, size: shifted(image, down=size),
    ),
    "zoom": Change(texts("Zoom"), "×", 0.25, 4, 1, 0.05, zoomed),
    "brightness": Change(texts("Brightness"), texts("gray levels"), -200, 200, 0, 2, brightened),
    "contrast": Change(texts("Contrast"), "×", 0, 4, 1, 0.05, contrasted),
    "blur": Change(texts("Gaussian blur"), texts("% of the side"), 0, 15, 0, 0.1, blurred),
    "noise": Change(texts("Gaussian noise"), texts("gray levels (std)"), 0, 150, 0, 1, noisy),
    "jpeg": Change(texts("JPEG quality"), "", 1, 100, 100, 1, compressed),
}
