"""Picture files into arrays: read, decoded and fitted on all cores."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import numpy as np

from cnnlab import images
from cnnlab.datasets.imageset import (
    ImageSet,
    LoadOptions,
    Progress,
    Samples,
    Skipped,
    fitted,
    refuse_too_much,
)
from cnnlab.datasets.listing import Entry, classes_of, classify
from cnnlab.datasets.sources import Source
from cnnlab.datasets.split import at_most
from cnnlab.errors import DatasetError, ImageError

T = TypeVar("T")


def load_pictures(
    source: Source, options: LoadOptions, progress: Progress
) -> tuple[tuple[str, ...], Samples]:
    """Return the classes and the pictures of a folder or ZIP, in the size and colour asked for.

    The native colour is RGB. Pictures that cannot be read are left out and named in ``Samples.skipped``.

    Raises:
        DatasetError: no size is asked for and the pictures differ; none can be read; see ``classify``.
    """
    entries = classify(source.paths(), source.title)
    classes = classes_of(entries)
    labels = np.array([classes.index(entry.class_name) for entry in entries])
    is_test = np.array([entry.is_test for entry in entries])
    chosen = at_most(labels + len(classes) * is_test, options.max_per_class, options.seed)
    results = read_all(
        source, [entries[i] for i in chosen], lambda image, *_: fitted(image, options), progress
    )
    pixels, rows, skipped = _gather(results, len(chosen))
    if not rows:
        raise DatasetError(f"{source.title} holds no picture that can be read: {skipped[0].reason}")
    kept = chosen[rows]
    whole = ImageSet(pixels, labels[kept], tuple(entries[i].name for i in kept))
    if not is_test.any():
        return classes, Samples(whole, skipped=skipped)
    train, test = (np.flatnonzero(is_test[kept] == part) for part in (False, True))
    return classes, Samples(whole.subset(train), whole.subset(test), skipped)


def sizes(source: Source) -> Counter[tuple[int, int]]:
    """Return how many pictures have which ``(height, width)``, read off their headers."""
    found = Counter()
    for entry in classify(source.paths(), source.title):
        with suppress(ImageError, OSError):
            found[images.size(source.read(entry.path), entry.name)] += 1
    return found


def read_all(
    source: Source,
    entries: Sequence[Entry],
    use: Callable[[np.ndarray, bytes, int], T],
    progress: Progress,
) -> Iterator[T | Skipped]:
    """Yield ``use(picture, its file's bytes, index)`` for each entry in order, or why it was skipped.

    ``use`` runs on several threads at once: decoding leaves the interpreter lock.
    """

    def read(index: int) -> T | Skipped:
        entry = entries[index]
        try:
            data = source.read(entry.path)
            return use(images.decode(data, entry.name), data, index)
        except ImageError as error:
            return Skipped(entry.name, str(error))
        except OSError as error:
            return Skipped(entry.name, f"{entry.name} cannot be opened ({error.strerror or error}).")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for index, result in enumerate(pool.map(read, range(len(entries)))):
            if index % (len(entries) // 100 + 1) == 0:
                progress(index / len(entries), f"{index:,} of {len(entries):,} pictures")
            yield result


def _gather(
    results: Iterable[np.ndarray | Skipped], total: int
) -> tuple[np.ndarray | None, list[int], tuple[Skipped, ...]]:
    """Return the pictures in one array, which of the results they were, and what was skipped."""
    pixels, rows, skipped = None, [], []
    for index, result in enumerate(results):
        if isinstance(result, Skipped):
            skipped.append(result)
            continue
        if pixels is None:
            refuse_too_much(total, result.shape)
            pixels = np.empty((total, *result.shape), np.uint8)
        if result.shape != pixels.shape[1:]:
            raise DatasetError("The pictures differ in size; choose an image size, for example 64.")
        pixels[len(rows)] = result
        rows.append(index)
    return None if pixels is None else pixels[: len(rows)], rows, tuple(skipped)
