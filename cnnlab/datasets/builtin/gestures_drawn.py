"""Rock, paper and scissors drawn by our own generator: offline, any size, as many as you like."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from cnnlab.datasets.builtin import hands
from cnnlab.datasets.builtin.hands.pose import GESTURES
from cnnlab.datasets.builtin.hands.scene import photograph
from cnnlab.datasets.cache import Origin, gather
from cnnlab.datasets.imageset import ImageSet, LoadOptions, Progress, Samples
from cnnlab.datasets.registry import register
from cnnlab.languages import texts

PER_CLASS = 1000
NATIVE_SIZE = 64


@register(
    title=texts("Drawn gestures"),
    source=texts("drawn by CNN Lab"),
    licence=texts("free of any right"),
    lesson=texts("Hands without a camera: train on drawings, then hold up your own hand to the webcam."),
    summary=texts("Hands that show rock, paper or scissors, each with its own pose, skin, light and room."),
    classes=GESTURES,
    images=PER_CLASS * len(GESTURES),
    native_shape=(NATIVE_SIZE, NATIVE_SIZE, 3),
    draws_as_many_as_asked=True,
)
def gestures_drawn(options: LoadOptions, progress: Progress) -> Samples:
    """Draw as many hands as are asked for.

    ``options.max_per_class`` draws so many; image ``i`` depends on the seed and ``i`` alone.
    """
    total = (options.max_per_class or PER_CLASS) * len(GESTURES)
    size = options.image_size or NATIVE_SIZE
    labels = np.arange(total) % len(GESTURES)

    def drawn() -> Iterator[np.ndarray]:
        for index, label in enumerate(labels):  # one thread: such short array operations block each other
            if index % (total // 100 + 1) == 0:
                progress(index / total, f"{index:,} of {total:,} hands drawn")
            yield photograph(GESTURES[label], size, np.random.default_rng([options.seed, index]))

    origin = Origin(f"{pencil()} {total} {size} {options.seed}", "gestures_drawn", pencil())
    return Samples(ImageSet.numbered(gather(drawn, total, origin).pixels, labels, "drawing"))


@cache
def pencil() -> str:
    """Return a hash of the code that draws: other code draws other images."""
    code = sorted(Path(hands.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in code)).hexdigest()
