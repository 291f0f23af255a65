"""Image files into arrays: read, decoded and fitted on all cores."""

import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from cnnlab import images, machine
from cnnlab.datasets.cache import Gathered, Origin, gather
from cnnlab.datasets.files.depth import DepthScale, in_one_scale
from cnnlab.datasets.files.listing import Entry, Listing
from cnnlab.datasets.files.parts import ROLES, TEST, TRAIN, VALIDATION
from cnnlab.datasets.files.sources import Source, ZipSource
from cnnlab.datasets.files.survey import refuse_unreadable_class, survey
from cnnlab.datasets.imageset import ImageSet, LoadOptions, Progress, Samples, Skipped, fitted
from cnnlab.datasets.large import part
from cnnlab.datasets.split import at_most
from cnnlab.errors import DatasetError, ImageError
from cnnlab.languages import texts
from cnnlab.remote import RemoteFile, damaged

MOST_LOST = 0.01
"""The fraction of unreadable images from which on an archive is not the published one."""

_ENDINGS = {b"\xff\xd8": ".jpg", b"\x89P": ".png", b"RI": ".webp", b"BM": ".bmp", b"GIF": ".gif"}
_ENDINGS |= {b"II": ".tif", b"MM": ".tif"}

T = TypeVar("T")

SAID = 5
"""Images that cannot be read, each with a sentence of its own."""
AHEAD = 8
"""Images for each core that may be decoded before they are asked for: memory stays small."""


def load_images(source: Source, options: LoadOptions, progress: Progress) -> tuple[tuple[str, ...], Samples]:
    """Return the classes and the images of a folder or ZIP, in the size and colour asked for.

    The native colour is RGB. Images that cannot be read are left out and named in ``Samples.skipped``. What
    is deeper than 8 bits is scaled as one, so that a dark image stays darker than a bright one.

    Raises:
        DatasetError: no size is asked for and the images differ; none can be read; see ``survey``.
    """
    listing = survey(source)
    refuse_unreadable_class(listing)
    whole, roles, rest = _decoded(source, listing, options, progress)
    return listing.classes, _in_parts(listing, whole, roles, rest)


def listed(source: Source, options: LoadOptions) -> tuple[tuple[str, ...], Samples]:
    """Return classes and images as ``load_images`` does, of one pixel each: nothing is decoded.

    Raises:
        DatasetError: see ``survey``.
    """
    listing = survey(source)
    refuse_unreadable_class(listing)
    chosen, labels, roles = _chosen(listing, options)
    names = tuple(listing.entries[i].name for i in chosen)
    whole = ImageSet(np.zeros((len(chosen), 1, 1, 1), np.uint8), labels[chosen], names)
    return listing.classes, _in_parts(listing, whole, roles[chosen], {})


def _in_parts(listing: Listing, whole: ImageSet, roles: np.ndarray, rest: dict[str, Any]) -> Samples:
    """Return images by the parts ``(N,)`` that they belong to."""
    found = {role: np.flatnonzero(roles == role) for role in dict.fromkeys(e.role for e in listing.entries)}
    if found.keys() == {TRAIN}:
        return Samples(whole, **rest)
    if len(found) == 2:  # the other part is left alone, whatever it is called
        found = dict(zip((TRAIN, TEST), (found.pop(TRAIN), *found.values()), strict=True))
    parts = {role: part(whole, rows) for role, rows in found.items()}
    return Samples(parts[TRAIN], parts[TEST], validation=parts.get(VALIDATION), **rest)


def _chosen(listing: Listing, options: LoadOptions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the indices of at most so many entries of each class and part; label and role of all."""
    place = {name: label for label, name in enumerate(listing.classes)}
    labels = np.array([place[entry.class_name] for entry in listing.entries])
    roles = np.array([entry.role for entry in listing.entries])
    drawn_from = labels + len(listing.classes) * np.array([ROLES.index(role) for role in roles])
    return at_most(drawn_from, options.max_per_class, options.seed), labels, roles


def load_everything(
    source: Source, known: Collection[str], options: LoadOptions, progress: Progress
) -> tuple[tuple[str, ...], ImageSet, tuple[str, ...]]:
    """Return all labelled images, whichever part they are in, and their classes; one of each is enough.

    Last come sentences on what was left out.

    ``known`` are classes that are expected, see ``survey``.

    Raises:
        DatasetError: as ``load_images``.
    """
    listing = survey(source, known=known, least=1)
    loaded, _, rest = _decoded(source, listing, options, progress)
    said = [item.sentence for item in listing.left_out] + [item.reason for item in rest["skipped"][:SAID]]
    if (more := len(rest["skipped"]) - SAID) > 0:
        said.append(texts(f"{more:,} more images cannot be read and are left out."))
    return listing.classes, loaded, tuple(said)


def _decoded(
    source: Source, listing: Listing, options: LoadOptions, progress: Progress
) -> tuple[ImageSet, np.ndarray, dict[str, Any]]:
    """Return the images that can be read, the role ``(N,)`` of each, and ``skipped`` and ``white``."""
    entries = listing.entries
    chosen, labels, roles = _chosen(listing, options)
    these = [entries[i] for i in chosen]

    def load(scale: DepthScale) -> Gathered:
        return gather(
            lambda: read_all(source, these, lambda image, *_: fitted(image, options), progress, scale),
            len(chosen),
            _origin(source, entries, options, scale.given),
            scale,
        )

    found = in_one_scale(options.white, load)
    kept = chosen[found.rows]
    whole = ImageSet(found.pixels, labels[kept], tuple(entries[i].name for i in kept))
    return whole, roles[kept], {"skipped": found.skipped, "white": found.white or options.white}


def published(file: RemoteFile) -> ZipSource:
    """Open a ZIP that was downloaded.

    Raises:
        DatasetError: it is not here; it is torn, then the message says to delete it.
    """
    if not (path := file.path()):
        raise DatasetError(f"{file.name} is not here; download the dataset first.")
    with damaged(path):
        return ZipSource(path)


def load_published(
    source: Source, classes: Sequence[str], options: LoadOptions, progress: Progress
) -> Samples:
    """Return the images of a published archive with a test part of its own, whole or not at all.

    Raises:
        DatasetError: no size is asked for and the images differ; the archive has other classes than the
            published ones or no test part, or more than ``MOST_LOST`` of its images cannot be read.
    """
    with damaged(Path(source.place)):
        listing = survey(source)
        if listing.classes != tuple(classes) or all(entry.role == TRAIN for entry in listing.entries):
            raise ValueError(texts(f"it should hold {', '.join(classes)}, to train and to test"))
    samples = load_images(source, options, progress)[1]
    skipped, usable = samples.skipped, len(samples.train) + len(samples.test or ())
    with damaged(Path(source.place)):
        if len(skipped) > MOST_LOST * (len(skipped) + usable):
            raise ValueError(texts(f"{len(skipped)} images cannot be read, such as {skipped[0].name}"))
    return samples


def ending_of(data: bytes) -> str:
    """Return the usual ending of an image file by its first bytes."""
    return next((ending for mark, ending in _ENDINGS.items() if data.startswith(mark)), ".png")


def sizes(source: Source, only: Collection[str] | None = None) -> dict[str, tuple[int, int]]:
    """Return each image's ``(height, width)`` by its name, read off its header; of ``only`` these."""
    found = {}
    for entry in survey(source).entries:
        if only is not None and entry.name not in only:
            continue
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
    """Yield ``use(image, its file's bytes, index)`` for each entry in order, or why it was skipped.

    ``use`` runs on several threads at once: decoding leaves the interpreter lock. ``white`` is asked for each
    image of more than 8 bits a channel, see ``images.decode``.
    """

    def read(index: int) -> T | Skipped:
        entry = entries[index]
        try:
            data = source.read(entry.path)
            return use(images.decode(data, entry.name, white), data, index)
        except ImageError as error:
            kind = images.kind_of(data) or ""
            return Skipped(entry.name, str(error), kind if kind in str(error) else "")  # else it is damaged
        except OSError as error:
            return Skipped(entry.name, texts(f"{entry.name} cannot be opened ({error.strerror or error})."))

    workers = machine.cores()
    with ThreadPoolExecutor(workers) as pool:
        ahead = deque(pool.submit(read, index) for index in range(min(AHEAD * workers, len(entries))))
        try:
            for index in range(len(entries)):
                if index % (len(entries) // 100 + 1) == 0:
                    progress(index / len(entries), f"{index:,} of {len(entries):,} images")
                result = ahead.popleft().result()
                if (following := index + AHEAD * workers) < len(entries):
                    ahead.append(pool.submit(read, following))
                yield result
        finally:
            for waiting in ahead:
                waiting.cancel()


def _origin(source: Source, entries: Sequence[Entry], options: LoadOptions, white: int | None) -> Origin:
    """Tell what decides the pixels; the split comes after."""
    draw = (options.max_per_class, options.seed if options.max_per_class else 0)
    view = (options.image_size, options.channels, options.resample, options.resize_mode, white)
    version = source.fingerprint()
    files = hashlib.sha256("\n".join(entry.path for entry in entries).encode("utf-8", "surrogateescape"))
    return Origin(repr((version, files.hexdigest(), draw, view)), source.place, version)
