"""Augmentation: what a training image may look like today, as data. TensorFlow is not needed.

Every random number follows from (seed, epoch, number of the image): an epoch has a table of them, so that a
resumed run sees the very images it would have seen, in batches of any size and on any number of threads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from cnnlab import images
from cnnlab.errors import ConfigError
from cnnlab.settings.augmentation import augmentation_problem

MOVES = ("flip", "rotation", "zoom", "shift_x", "shift_y", "crop")
COLOURS = ("brightness", "contrast", "saturation", "hue")
LIGHT = ("gamma", "light")
_DRAWS = (*MOVES, *COLOURS, "crop_y", "cutout", "cutout_y", *LIGHT, "light_angle")
"""What is drawn for an image, each in its own place: one setting does not change another's random number."""

_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
"""RGB to luminance and the two axes of colour (NTSC, as in ``tf.image.rgb_to_yiq``)."""

_TABLE, _COPIES = 2, 3
"""Third parts of a generator's seed (seed, epoch, …); an epoch's order has none, a sample of images has 1."""


@dataclass(frozen=True)
class Augmentation:
    """Random changes of the training images; everything at 0 leaves them alone.

    Where things are is one affine map: output pixel ``o`` shows the input at ``w + F R(a) (o - c - t) / z``,
    with the image's centre ``c`` and that of the part looked at, ``w``. What colour they have is another:
    ``k H(h, s) rgb + (1 - k) m + b`` with the mean luminance ``m`` of the image. The light changes before
    both: ``255 (v / 255)^e (1 + light)^(r (x cos d + y sin d))``, where x and y go from -1 to 1 over the
    image. What comes into the image from outside stays black.

    Args:
        flip: 1 mirrors every second image, left to right (``F``).
        rotation: degrees; ``a`` is uniform from -rotation to rotation, counter-clockwise, about the centre.
        zoom: a fraction; the magnification ``z`` is uniform from 1 - zoom to 1 + zoom, as much in x as in y.
        shift_x: a fraction of the width; ``t`` is uniform from -shift_x to shift_x, to the right.
        shift_y: a fraction of the height, downwards.
        fill: what comes in from outside: ``"constant"`` is 0, ``"reflect"`` the image mirrored at its edge.
        brightness: a fraction of 255; ``b`` is uniform from -brightness to brightness times 255.
        contrast: a fraction; ``k`` is uniform from 1 - contrast to 1 + contrast.
        saturation: a fraction; ``s``, the distance from gray, is uniform in 1 ± saturation.
        hue: degrees; ``h`` is uniform from -hue to hue, turned about gray in YIQ (luminance stays).
            Gray images have neither saturation nor hue.
        crop: the fraction of each side that is cut away; what is left, anywhere, is enlarged to the old size.
        gamma: the exponent ``e`` lies between 1 / (1 + gamma) and 1 + gamma, its logarithm uniform.
        light: uneven light; ``r`` is uniform from -1 to 1, in any direction ``d``: at most 1 + light times as
            bright in the middle of one edge, as much darker at the opposite one.
        cutout: side of a square anywhere in the image that becomes 0, as a fraction of the shorter side
            (DeVries & Taylor 2017, arXiv:1708.04552; theirs may reach beyond the edge).
    """

    flip: int = 0
    rotation: float = 0.0
    zoom: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    fill: str = "constant"
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    crop: float = 0.0
    cutout: float = 0.0
    gamma: float = 0.0
    light: float = 0.0

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Augmentation":
        """Rebuild from ``to_dict``.

        Raises:
            ConfigError: one sentence naming the setting, its range and the value given.
        """
        if said := augmentation_problem(values):
            raise ConfigError(said)
        plain: dict[str, Any] = {n: int(value) if n == "flip" else value for n, value in values.items()}
        return cls(**plain)

    def to_dict(self) -> dict[str, float | str]:
        """Return the settings that are not at rest."""
        chosen = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in chosen.items() if value != getattr(Augmentation, name)}

    def __bool__(self) -> bool:
        """Whether any image would change."""
        return any(getattr(self, name) for name in (*MOVES, *COLOURS, *LIGHT, "cutout"))

    def apply(self, batch: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return changed copies of uint8 ``(N, H, W, 1 or 3)``; ``rows`` are theirs of ``image_draws``."""
        draws = dict(zip(_DRAWS, rows.T, strict=True))
        changed = np.empty(batch.shape, np.uint8)
        if self.gamma or self.light:
            batch = self._relit(draws, batch)
        mixes = self.colour_maps(draws, batch) if any(getattr(self, c) for c in COLOURS) else None
        places = self.affine_maps(draws, batch.shape[1:3]) if any(getattr(self, m) for m in MOVES) else None
        for number, image in enumerate(batch):
            if mixes is not None:
                image = images.mix_channels(image, mixes[number])
            changed[number] = image if places is None else images.warp(image, places[number], self.fill)
        if self.cutout:
            self._cut_out(draws, changed)
        return changed

    def affine_maps(self, draws: Mapping[str, np.ndarray], size: tuple[int, int]) -> np.ndarray:
        """Return ``(N, 2, 3)``: where in the input, as (x, y), the output pixel (x, y, 1) looks.

        ``draws`` holds a number from -1 to 1 for each setting and image, ``size`` is (height, width).
        """
        side = np.array(size[::-1], float)  # (x, y) from here on
        centre = (side - 1) / 2
        angle = np.deg2rad(self.rotation * draws["rotation"])
        cos, sin = np.cos(angle), np.sin(angle)
        maps = np.array([[cos, -sin], [sin, cos]]).transpose(2, 0, 1)
        if self.flip:
            maps[draws["flip"] > 0, 0] *= -1
        maps *= ((1 - self.crop) / (1 + self.zoom * draws["zoom"]))[:, None, None]
        shift = np.stack([self.shift_x * draws["shift_x"], self.shift_y * draws["shift_y"]], axis=1) * side
        window = np.stack([draws["crop"], draws["crop_y"]], axis=1) * (self.crop * side / 2)
        offset = centre + window - (maps @ (centre + shift)[..., None])[..., 0]
        return np.concatenate([maps, offset[..., None]], axis=2)

    def colour_maps(self, draws: Mapping[str, np.ndarray], batch: np.ndarray) -> np.ndarray:
        """Return ``(N, C, C + 1)``: what (channels, 1) of a pixel becomes."""
        count, channels = len(batch), batch.shape[3]
        contrast = 1 + self.contrast * draws["contrast"]
        maps = self._tints(draws) if channels == 3 else np.ones((count, 1, 1))
        weights = _YIQ[0] if channels == 3 else np.ones(1)
        middle = np.array([images.channel_means(image) @ weights for image in batch])
        offset = (1 - contrast) * middle + 255 * self.brightness * draws["brightness"]
        offsets = np.broadcast_to(offset[:, None, None], (count, channels, 1))
        return np.concatenate([contrast[:, None, None] * maps, offsets], axis=2)

    def _tints(self, draws: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return ``(N, 3, 3)``: the colour turned and stretched about gray."""
        angle = np.deg2rad(self.hue * draws["hue"])
        strength = 1 + self.saturation * draws["saturation"]
        cos, sin = strength * np.cos(angle), strength * np.sin(angle)
        turn = np.zeros((len(angle), 3, 3))
        turn[:, 0, 0] = 1
        turn[:, 1, 1], turn[:, 1, 2], turn[:, 2, 1], turn[:, 2, 2] = cos, -sin, sin, cos
        return np.linalg.inv(_YIQ) @ turn @ _YIQ

    def _relit(self, draws: Mapping[str, np.ndarray], batch: np.ndarray) -> np.ndarray:
        exponents = (1 + self.gamma) ** draws["gamma"]
        directions = np.pi * draws["light_angle"]
        slopes = np.log1p(self.light) * draws["light"] * np.array([np.cos(directions), np.sin(directions)])
        return np.stack(list(map(images.relight, batch, exponents, slopes.T)))

    def _cut_out(self, draws: Mapping[str, np.ndarray], batch: np.ndarray) -> None:
        height, width = batch.shape[1:3]
        side = round(self.cutout * min(height, width))
        tops = ((draws["cutout_y"] + 1) / 2 * (height - side + 1)).astype(int)
        lefts = ((draws["cutout"] + 1) / 2 * (width - side + 1)).astype(int)
        for image, top, left in zip(batch, tops, lefts, strict=True):
            image[top : top + side, left : left + side] = 0


def image_draws(seed: int, epoch: int, count: int) -> np.ndarray:
    """Return what is drawn for each image of a set in an epoch: ``(count, draws)``, uniform in [-1, 1)."""
    return np.random.default_rng((seed, epoch, _TABLE)).uniform(-1, 1, (count, len(_DRAWS)))


def image_copies(seed: int, epoch: int, count: int, copies: int) -> np.ndarray:
    """Return which of so many kept copies of each image is seen in this epoch, int64 ``(count,)``."""
    return np.random.default_rng((seed, epoch, _COPIES)).integers(copies, size=count)
