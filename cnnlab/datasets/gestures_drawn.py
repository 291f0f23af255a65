"""Rock, paper and scissors drawn by our own generator: offline, any size, as many as you like."""

import numpy as np

from cnnlab.datasets.hands.pose import GESTURES
from cnnlab.datasets.hands.scene import photograph
from cnnlab.datasets.imageset import ImageSet, LoadOptions, Progress, Samples, refuse_too_much
from cnnlab.datasets.registry import register

PER_CLASS = 1000
NATIVE_SIZE = 64


@register(
    title="Drawn gestures",
    source="drawn by CNN Lab",
    licence="free of any right",
    lesson="Hands without a camera: train on drawings, then hold up your own hand to the webcam.",
    classes=GESTURES,
    images=PER_CLASS * len(GESTURES),
    native_shape=(NATIVE_SIZE, NATIVE_SIZE, 3),
)
def gestures_drawn(options: LoadOptions, progress: Progress) -> Samples:
    """Hands that show rock, paper or scissors, each with its own pose, skin, light and room.

    ``options.max_per_class`` draws so many; picture ``i`` depends on the seed and ``i`` alone.
    """
    total = (options.max_per_class or PER_CLASS) * len(GESTURES)
    size = options.image_size or NATIVE_SIZE
    refuse_too_much(total, (size, size, 3))
    pixels, labels = np.empty((total, size, size, 3), np.uint8), np.arange(total) % len(GESTURES)
    for index, label in enumerate(labels):  # one thread: array operations as short as these block each other
        pixels[index] = photograph(GESTURES[label], size, np.random.default_rng([options.seed, index]))
        if index % (total // 100 + 1) == 0:
            progress(index / total, f"{index:,} of {total:,} hands drawn")
    return Samples(ImageSet.numbered(pixels, labels, "drawing"))
