"""Drawn gestures as twelve people would film them: many frames of few poses, with the name of each person."""

from collections.abc import Iterator

import numpy as np

from cnnlab.datasets.builtin.gestures_drawn import NATIVE_SIZE, pencil
from cnnlab.datasets.builtin.hands.pose import GESTURES
from cnnlab.datasets.builtin.hands.scene import photograph
from cnnlab.datasets.cache import Origin, gather
from cnnlab.datasets.imageset import ImageSet, LoadOptions, Progress, Samples
from cnnlab.datasets.registry import register
from cnnlab.languages import texts

PEOPLE, TAKES, FRAMES = 12, 2, 10
"""Each person shows each gesture in so many poses, and each pose for so many frames."""
MARGIN = 0.12
"""A frame is a part of a larger image, which moves by at most this fraction of its side."""


_EACH = FRAMES * len(GESTURES)
NAMES = tuple(
    f"{gesture}/person{person + 1:02}__{take * FRAMES + frame:02}"
    for person in range(PEOPLE)
    for take in range(TAKES)
    for gesture in GESTURES
    for frame in range(FRAMES)
)


@register(
    title=texts("Drawn gestures of twelve people"),
    source=texts("drawn by CNN Lab"),
    licence=texts("free of any right"),
    lesson=texts("Frames of one person are near-duplicates: split at random and by person, and compare."),
    summary=texts(
        "Frames of a webcam: a person has one room, light, skin and sleeve, and holds each pose for a while."
    ),
    classes=GESTURES,
    images=PEOPLE * TAKES * FRAMES * len(GESTURES),
    native_shape=(NATIVE_SIZE, NATIVE_SIZE, 3),
    names=NAMES,
)
def gestures_drawn_people(options: LoadOptions, progress: Progress) -> Samples:
    """Draw the frames of all people.

    The seed decides who the people are.
    """
    size, poses = options.image_size or NATIVE_SIZE, PEOPLE * TAKES

    def drawn() -> Iterator[np.ndarray]:
        for pose in range(poses):
            progress(pose / poses, f"{pose * _EACH:,} of {len(NAMES):,} hands drawn")
            for label in range(len(GESTURES)):
                yield from _frames(options.seed, pose, label, size)

    labels = np.tile(np.repeat(np.arange(len(GESTURES)), FRAMES), poses)
    origin = Origin(f"{pencil()} {len(NAMES)} {size} {options.seed}", "gestures_drawn_people", pencil())
    pixels = gather(drawn, len(NAMES), origin).pixels
    return Samples(ImageSet(pixels, labels, NAMES))


def _frames(seed: int, pose: int, label: int, size: int) -> Iterator[np.ndarray]:
    """Yield frames of one pose, uint8 ``(size, size, 3)``: the hand sways, the light flickers."""
    rng = np.random.default_rng([seed, 1, pose, label])
    whole = size + max(1, round(MARGIN * size))
    seen = photograph(GESTURES[label], whole, rng, np.random.default_rng([seed, 2, pose // TAKES]))
    for _ in range(FRAMES):
        top, left = rng.integers(0, whole - size + 1, 2)
        frame = seen[top : top + size, left : left + size] * rng.uniform(0.9, 1.1)
        yield np.clip(frame + rng.normal(0, 4, frame.shape), 0, 255).astype(np.uint8)
