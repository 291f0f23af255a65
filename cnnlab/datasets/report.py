"""What is wrong with a dataset, if anything: each finding in one sentence, with the names of its files.

Nothing is changed: what cannot be read is left out when the dataset is loaded, the rest can be used as it is.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cnnlab.datasets import duplicates
from cnnlab.datasets.files.parts import TEST, VALIDATION
from cnnlab.datasets.files.survey import unread_sentence
from cnnlab.datasets.imageset import DatasetInfo, ImageSet, Part, Skipped, Splits
from cnnlab.languages import texts

FEW = 20
"""Images of a class that are hardly enough to learn from."""
UNEVEN = 3
"""How many times the smallest class the largest may be."""
SMALLEST_SIDE = 32

Sizes = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Finding:
    """One thing to look at: ``kind`` for programs, a sentence and names for people.

    Kinds: ``unreadable``, ``few``, ``uneven``, ``small``, ``two-classes``, ``twice``, ``twins``,
    ``untested`` (a part has no image of a class), ``deep`` (more than 8 bits a channel), and those of
    ``LeftOut``.
    """

    kind: str
    sentence: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """How many images can be used, of each class too, and what is to be looked at."""

    usable: int
    classes: dict[str, int]
    findings: tuple[Finding, ...]


def report(
    splits: Splits,
    info: DatasetInfo | None = None,
    sizes: Sizes | None = None,
    image_size: int | None = None,
    near_duplicates: bool = True,
) -> Report:
    """Look through a dataset.

    Args:
        splits: its images; whether two are the same is told from their pixels as they are loaded here.
        info: its facts, which say what was left out before.
        sizes: ``(height, width)`` of the files by name, where it has files.
        image_size: pixels a side to train at; files of less than half of it are found too small.
        near_duplicates: look for those across the split; among drawings and scans all are alike.
    """
    parts = [part for part in (splits.train, splits.validation, splits.test) if part]
    counts = np.sum([part.counts(len(splits.classes)) for part in parts], axis=0)
    classes = dict(zip(splits.classes, counts.tolist(), strict=True))
    findings = [
        *(Finding(item.kind, item.sentence, item.names) for item in (info.left_out if info else ())),
        *(_untested(part, splits.classes) for part in (info.parts if info else ())),
        *_unreadable((*(info.skipped if info else ()), *splits.skipped)),
        _few(classes),
        _uneven(classes),
        _small(sizes or {}, (image_size or 2 * SMALLEST_SIDE) // 2),
        _deep(splits.white),
        *_same(parts, splits.classes),
    ]
    if near_duplicates:
        findings.append(_near_duplicates(splits))
    return Report(int(counts.sum()), classes, tuple(found for found in findings if found.names))


def _untested(part: Part, classes: tuple[str, ...]) -> Finding:
    """Find classes of which a test or validation part has no image: nothing is measured of them."""
    missing = tuple(name for name in classes if name not in part.classes)
    few = ", ".join(missing[:5]) + " …" * (len(missing) > 5)
    sentence = texts(
        f"The folder {part.folder} has no images of {few}: what is measured on it says nothing of them."
    )
    is_measured = part.role in (VALIDATION, TEST) and part.classes
    return Finding("untested", sentence, missing if is_measured else ())


def _unreadable(skipped: tuple[Skipped, ...]) -> Iterator[Finding]:
    """Name what no decoder here reads by its kind, and the others with the reason of each."""
    by_kind = defaultdict(list)
    for item in skipped:
        by_kind[item.kind].append(item)
    yield _damaged(by_kind.pop("", []))
    for kind, items in by_kind.items():
        yield Finding("unread", unread_sentence(kind, len(items)), tuple(item.name for item in items))


def _damaged(skipped: list[Skipped]) -> Finding:
    count = len(skipped)
    sentence = texts(
        "1 image is unreadable, skipped." if count == 1 else f"{count:,} images are unreadable, skipped."
    )
    return Finding("unreadable", sentence, tuple(dict.fromkeys(item.reason for item in skipped)))


def _few(classes: dict[str, int]) -> Finding:
    few = tuple(f"{name}: {count}" for name, count in classes.items() if count < FEW)
    sentence = texts(
        f"1 class has fewer than {FEW} images: hardly enough to learn from."
        if len(few) == 1
        else f"{len(few)} classes have fewer than {FEW} images: hardly enough to learn from."
    )
    return Finding("few", sentence, few)


def _uneven(classes: dict[str, int]) -> Finding:
    most, least = max(classes, key=classes.__getitem__), min(classes, key=classes.__getitem__)
    fraction = classes[most] / sum(classes.values())
    times, percent = classes[most] / max(classes[least], 1), fraction * 100
    sentence = texts(
        f"{most} has {times:.1f} times as many images as {least}: "
        f"a network that always says {most} is right in {percent:.0f} % of all cases."
    )
    uneven = classes[most] >= UNEVEN * classes[least]
    return Finding("uneven", sentence, tuple(f"{n}: {c:,}" for n, c in classes.items()) if uneven else ())


def _small(sizes: Sizes, side: int) -> Finding:
    small = {name: size for name, size in sizes.items() if min(size) < side}
    sentence = texts(
        f"1 image has a side of less than {side} pixels: enlarged, they show nothing new."
        if len(small) == 1
        else f"{len(small):,} images have a side of less than {side} pixels: enlarged, they show nothing new."
    )
    return Finding("small", sentence, tuple(f"{n}: {w} × {h}" for n, (h, w) in small.items()))


def _deep(white: int | None) -> Finding:
    """Say how images of more than 8 bits a channel are scaled."""
    sentence = texts("Images of more than 8 bits a channel are scaled alike: the value below becomes white.")
    return Finding("deep", sentence, (f"{white:,}",) if white else ())


def _same(parts: list[ImageSet], classes: tuple[str, ...]) -> tuple[Finding, Finding]:
    """Find images with the very same pixels: in two classes one label is wrong."""
    alike = defaultdict(list)
    for part in parts:
        for index, name in enumerate(part.names):
            pixels = np.ascontiguousarray(part.images[index])
            alike[hashlib.blake2b(pixels.data).digest()].append((int(part.labels[index]), name))
    groups = [sorted(group) for group in alike.values() if len(group) > 1]
    torn = [group for group in groups if group[0][0] != group[-1][0]]
    twice = [group for group in groups if group[0][0] == group[-1][0]]
    return (
        Finding(
            "two-classes",
            texts(
                "1 image is in two classes at once: one of the labels is wrong."
                if len(torn) == 1
                else f"{len(torn):,} images are in two classes at once: one of the labels is wrong."
            ),
            tuple(" = ".join(f"{name} ({classes[label]})" for label, name in group) for group in torn),
        ),
        Finding(
            "twice",
            texts(
                "1 image has exact duplicates: in both parts of a split, they make the accuracy "
                "over-optimistic (data leakage)."
                if len(twice) == 1
                else f"{len(twice):,} images have exact duplicates: in both parts of a split, they make the "
                "accuracy over-optimistic (data leakage)."
            ),
            tuple(" = ".join(name for _, name in group) for group in twice),
        ),
    )


def _near_duplicates(splits: Splits) -> Finding:
    pairs = duplicates.near_duplicates(splits.train, splits.validation)
    names = tuple(
        f"{splits.validation.names[pair.validation]} ~ {splits.train.names[pair.training]}" for pair in pairs
    )
    sentence = texts(
        f"{len(pairs):,} of {len(splits.validation):,} validation images have a near-duplicate in the "
        "training set: the accuracy will be over-optimistic (data leakage); split by group, if the names "
        "say whom they show."
    )
    return Finding("twins", sentence, names)
