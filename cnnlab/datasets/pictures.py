"""Picture files into arrays: read, decoded and fitted on all cores."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from cnnlab import images
from cnnlab.datasets.cache import Origin, gather
from cnnlab.datasets.depth import in_one_scale
from cnnlab.datasets.imageset import ImageSet, LoadOptions, Progress, Samples, Skipped, fitted
from cnnlab.datasets.large import part
from cnnlab.datasets.listing import Entry, classes_of, classify
from cnnlab.datasets.sources import Source, ZipSource
from cnnlab.datasets.split import at_most
from cnnlab.errors import ImageError
from cnnlab.remote import RemoteFile, damaged

MOST_LOST = 0.01
"""The share of unreadable pictures from which on an archive is not the published one."""

T = TypeVar("T")

AHEAD = 8
"""Pictures for each core that may be decoded before they are asked for: memory stays small."""


def load_pictures(
    source: Source, options: LoadOptions, progress: Progress
) -> tuple[tuple[str, ...], Samples]:
    """Return the classes and the pictures of a folder or ZIP, in the size and colour asked for.

    The native colour is RGB. Pictures that cannot be read are left out and named in ``Samples.skipped``. What
    is deeper than 8 bits is scaled as one, so that a dark picture stays darker than a bright one.

    Raises:
        DatasetError: no size is asked for and the pictures differ; none can be read; see ``classify``.
    """
    entries = classify(source.paths(), source.title)
    classes = classes_of(entries)
    labels = np.array([classes.index(entry.class_name) for entry in entries])
    is_test = np.array([entry.is_test for entry in entries])
    chosen = at_most(labels + len(classes) * is_test, options.max_per_class, options.seed)
    found = in_one_scale(
        options.white,
        lambda scale: gather(
            lambda: read_all(
                source,
                [entries[i] for i in chosen],
                lambda image, *_: fitted(image, options),
                progress,
                scale,
            ),
            len(chosen),
            _origin(source, options, scale.given),
            scale,
        ),
    )
    kept, white = chosen[found.rows], found.white or options.white
    whole = ImageSet(found.pixels, labels[kept], tuple(entries[i].name for i in kept))
    if not is_test.any():
        return classes, Samples(whole, skipped=found.skipped, white=white)
    train, test = (np.flatnonzero(is_test[kept] == side) for side in (False, True))
    return classes, Samples(part(whole, train), part(whole, test), found.skipped, white)


def published(file: RemoteFile) -> ZipSource:
    """Open a ZIP that was downloaded.

    Raises:
        DatasetError: it is torn; the message says to delete it.
    """
    with damaged(file.path()):
        return ZipSource(file.path())


def load_published(
    source: Source, classes: Sequence[str], options: LoadOptions, progress: Progress
) -> Samples:
    """Return the pictures of a published archive with a test part of its own, whole or not at all.

    Raises:
        DatasetError: no size is asked for and the pictures differ; the archive has other classes than the
            published ones or no test part, or more than ``MOST_LOST`` of its pictures cannot be read.
    """
    with damaged(Path(source.place)):
        entries = classify(source.paths(), source.title)
        if classes_of(entries) != tuple(classes) or not any(entry.is_test for entry in entries):
            raise ValueError(f"it should hold {', '.join(classes)}, to train and to test")
    samples = load_pictures(source, options, progress)[1]
    skipped, usable = samples.skipped, len(samples.train) + len(samples.test or ())
    with damaged(Path(source.place)):
        if len(skipped) > MOST_LOST * (len(skipped) + usable):
            raise ValueError(f"{len(skipped)} pictures cannot be read, such as {skipped[0].name}")
    return samples


def sizes(source: Source) -> dict[str, tuple[int, int]]:
    """Return each picture's ``(height, width)`` by its name, read off its header."""
    found = {}
    for entry in classify(source.paths(), source.title):
        with suppress(ImageError, OSError):
            found[entry.name] = images.size(source.read(entry.path), entry.name)
    return found


def read_all(
    source: Source,
    entries: Sequence[Entry],
    use: Callable[[np.ndarray, bytes, int], T],
    progress: Progress,
    white: images.White | None = None,
) -> Iterator[T | Skipped]:
    """Yield ``use(picture, its file's bytes, index)`` for each entry in order, or why it was skipped.

    ``use`` runs on several threads at once: decoding leaves the interpreter lock. ``white`` is asked for each
    picture of more than 8 bits a channel, see ``images.decode``.
    """

    def read(index: int) -> T | Skipped:
        entry = entries[index]
        try:
            data = source.read(entry.path)
            return use(images.decode(data, entry.name, white), data, index)
        except ImageError as error:
            return Skipped(entry.name, str(error))
        except OSError as error:
            return Skipped(entry.name, f"{entry.name} cannot be opened ({error.strerror or error}).")

    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        ahead = deque(pool.submit(read, index) for index in range(min(AHEAD * workers, len(entries))))
        try:
            for index in range(len(entries)):
                if index % (len(entries) // 100 + 1) == 0:
                    progress(index / len(entries), f"{index:,} of {len(entries):,} pictures")
                result = ahead.popleft().result()
                if (following := index + AHEAD * workers) < len(entries):
                    ahead.append(pool.submit(read, following))
                yield result
        finally:
            for waiting in ahead:
                waiting.cancel()


def _origin(source: Source, options: LoadOptions, white: int | None) -> Origin:
    """Tell what decides the pixels; the split comes after."""
    draw = (options.max_per_class, options.seed if options.max_per_class else 0)
    fit = (options.image_size, options.channels, options.resample, options.fit, white)
    version = source.fingerprint()
    return Origin(repr((version, draw, fit)), source.place, version)
