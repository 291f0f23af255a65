"""From a photograph to the numbers a network sees: one function for training and for classifying."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab import images
from cnnlab.settings import SeenAs


@dataclass(frozen=True)
class Preprocessing(SeenAs):
    """How an image becomes a network's input: resized and recoloured as uint8, then scaled as float32.

    ``(pixel - mean) / std`` with ``mean`` and ``std`` in pixel units (0 to 255), one number for
    all channels or one for each. The default, 0 and 255, scales to [0, 1]; 127.5 and 127.5 to [-1, 1].
    """

    def decode(self, data: bytes, name: str = "this image") -> np.ndarray:
        """Return an encoded image as uint8 RGB ``(H, W, 3)``, its depth scaled as in training.

        Raises:
            ImageError: see ``images.decode``.
        """
        return images.decode(data, name, self.white)

    def read(self, path: str | Path) -> np.ndarray:
        """Return the image in a file as ``decode`` would.

        Raises:
            ImageError: see ``images.read``.
        """
        return images.read(path, self.white)

    def image(self, image: np.ndarray) -> np.ndarray:
        """Return a uint8 ``(H, W, 1 or 3)`` image as uint8 ``(height, width, channels)``."""
        image = images.recolour(image, self.channels)
        return images.resize(
            image, (self.height, self.width), resample=self.resample, resize_mode=self.resize_mode
        )

    def scale(self, batch: Any) -> Any:
        """Scale float32 pixels ``(..., C)`` from 0–255; an array or a tensor, the same kind comes back."""
        mean, std = (np.asarray(v, np.float32) for v in (self.mean, self.std))
        return (batch - mean) / std

    def at_once(self, most: int, pixels: int) -> int:
        """Return how large a batch of at most ``most`` images and ``pixels`` pixels is; at least 1."""
        return max(1, min(most, pixels // (self.height * self.width)))

    @classmethod
    def of(cls, seen_as: SeenAs) -> "Preprocessing":
        """Return what does as a run noted it."""
        return cls(**vars(seen_as))
