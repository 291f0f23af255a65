"""What a run was trained on, image by image: its dataset may change, and what is said of it stays true.

Images that were added later are left out when the run goes on or is evaluated; those that are gone are
missed. So no image that a run has trained on is ever among those that it is measured on.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cnnlab.datasets import ImageSet, Splits
from cnnlab.datasets.large import join, part
from cnnlab.errors import RunError
from cnnlab.languages import texts
from cnnlab.runs import Run
from cnnlab.runs.lineage import PARENT_TRAINED_ON, TRAINED_ON, Origin, origin
from cnnlab.settings import RunConfig
from cnnlab.shelf import replacing
from cnnlab.training.titles import dataset_title

LABELS = "split_labels.npz"
"""The classes of the training and the validation images, by number, in the order of the split."""
MOST_ROWS = 32
MOST_GONE = 0.5


@dataclass(frozen=True, eq=False)
class TrainedOn:
    """The images of a split as keys, uint64 ``(N, 2)``: of the name, and of the pixels.

    ``before`` are those that the weights were trained on before this run, of which it is a fork. A name of
    theirs is 0 where it cannot be compared with ours.
    """

    train: np.ndarray
    validation: np.ndarray
    before: np.ndarray

    @classmethod
    def of(cls, splits: Splits) -> "TrainedOn":
        """Return the keys of a split, in its order."""
        return cls(_keys(splits.train), _keys(splits.validation), np.empty((0, 2), np.uint64))

    @property
    def leaked(self) -> int:
        """How many validation images the weights were trained on before this run."""
        return int(self.seen_before(self.validation).sum())

    def seen_before(self, keys: np.ndarray) -> np.ndarray:
        """Return which of these images, bool ``(N,)``, the weights were trained on before this run."""
        names = self.before[self.before[:, 0] != 0, 0]
        return np.isin(keys[:, 1], self.before[:, 1]) | np.isin(keys[:, 0], names)

    def after(self, parent: "TrainedOn", same_dataset: bool, same_view: bool) -> "TrainedOn":
        """Return these keys of a run that goes on from the weights of ``parent``.

        Args:
            parent: what its parent was trained on.
            same_dataset: whether both are trained on one dataset: else equal names mean nothing.
            same_view: whether both see images in one size and colour. Then the pixels tell, and equal names
                do not matter: another image may have taken the place. Else only the names can tell.
        """
        before, train = parent.before.copy(), parent.train.copy()
        if not same_dataset:
            before[:, 0] = 0
        if not same_dataset or same_view:
            train[:, 0] = 0
        return replace(self, before=np.concatenate([before, train]))

    @property
    def fingerprint(self) -> str:
        """What tells one split from any other."""
        return hashlib.sha256(self.train.tobytes() + b"|" + self.validation.tobytes()).hexdigest()[:16]

    def write(self, run: Run) -> None:
        """Keep it in the run's folder, whole or not at all."""
        with replacing(run.folder / TRAINED_ON) as aside, aside.open("wb") as file:
            np.savez(file, train=self.train, validation=self.validation, before=self.before)

    @classmethod
    def read(cls, run: Run, file: str = TRAINED_ON) -> "TrainedOn | None":
        """Return what a run was trained on, or None where it does not remember."""
        try:
            with np.load(run.folder / file, allow_pickle=False) as keys:
                known = cls(keys["train"], keys["validation"], keys["before"])
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
            return None
        parts = vars(known).values()
        whole = all(part.ndim == 2 and part.shape[1] == 2 and part.dtype == np.uint64 for part in parts)
        return known if whole else None


def begin_or_go_on(run: Run, splits: Splits, reload: Callable[[], Splits]) -> Splits:
    """Return the images to train on: of a run without weights all, remembered from now on; else its own.

    An epoch keeps its number of images: some stand in for those that are gone. See ``as_it_was``.

    Raises:
        RunError: the classes are others, or too little is left.
    """
    if not run.checkpoint("last"):
        return _begun(run, splits)
    its_own, known = as_it_was(run, splits, reload), TrainedOn.read(run)
    missing = len(known.train) - len(its_own.train) if known else 0
    if not missing:
        return its_own
    again = np.random.default_rng(run.config.seed).choice(len(its_own.train), missing)
    return replace(its_own, train=part(its_own.train, np.append(np.arange(len(its_own.train)), again)))


def _begun(run: Run, splits: Splits) -> Splits:
    if parent := origin(run):  # its last layer has one unit for each class, in this order
        splits = splits.in_order(parent.classes) or splits
    known = TrainedOn.of(splits)
    if before := TrainedOn.read(run, PARENT_TRAINED_ON):
        known = known.after(before, *alike(origin(run), splits, run.config))
    known.write(run)
    train, validation = (part.labels.astype(np.uint16) for part in (splits.train, splits.validation))
    np.savez(run.folder / LABELS, train=train, validation=validation)
    return _seen_before(splits, known)


def labels_of(run: Run, known: TrainedOn) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the labels of what a run was trained and validated on, or None where it does not remember."""
    try:
        with np.load(run.folder / LABELS, allow_pickle=False) as labels:
            train, validation = labels["train"], labels["validation"]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    fits = train.shape == known.train.shape[:1] and validation.shape == known.validation.shape[:1]
    return (train, validation) if fits else None


def alike(parent: Origin | None, splits: Splits, config: RunConfig) -> tuple[bool, bool]:
    """Return whether a fork has its parent's dataset, and sees images as its parent did; see ``after``."""
    if parent is None or not parent.seen_as:  # it did not say: only the pixels can be compared
        return False, True
    view = (*splits.train.images.shape[1:], config.resample, config.resize_mode)
    return parent.dataset == config.dataset, parent.seen_as == view


def _seen_before(splits: Splits, known: TrainedOn) -> Splits:
    """Say where a fork is validated on what its weights have seen before."""
    seen = known.leaked
    if not seen:
        return splits
    note = (
        f"{seen:,} of the {len(known.validation):,} validation images were trained on by the run that "
        "this one goes on from, so its accuracy is over-optimistic (data leakage); keep the seed and the "
        "split to avoid it."
    )
    return replace(splits, note=f"{splits.note} {note}".lstrip())


def fingerprint(run: Run) -> str:
    """Return what tells the images that a run was trained on from any others; empty if it does not know."""
    known = TrainedOn.read(run)
    return known.fingerprint if known else ""


def leaked(run: Run) -> int:
    """Return how many validation images of a run its weights were trained on before it began."""
    known = TrainedOn.read(run)
    return known.leaked if known else 0


def trained_on_among(run: Run, images: ImageSet) -> int:
    """Return how many of these images, as the run sees them, its weights were trained on: by their pixels."""
    known = TrainedOn.read(run)
    if not known:
        return 0
    return int(np.isin(_keys(images)[:, 1], np.concatenate([known.train, known.before])[:, 1]).sum())


def as_it_was(run: Run, splits: Splits, reload: Callable[[], Splits]) -> Splits:
    """Return the images that a run was trained on and validated on, as far as they are still there.

    ``reload`` gives all images of the dataset where ``splits`` may be only some. ``Splits.note`` says in
    one sentence what has changed; of an unchanged dataset ``splits`` itself comes back.

    Raises:
        RunError: the classes are others, or too little is left.
    """
    known, now = TrainedOn.read(run), TrainedOn.of(splits)
    classes, name = run.model_facts.classes, dataset_title(run.config.dataset)
    splits = _in_order(splits, classes, name)
    if (known.fingerprint if known else run.model_facts.trained_on) in (now.fingerprint, ""):
        return _seen_before(splits, known) if known else splits
    if not known:  # the run came from elsewhere, without its memory
        return replace(
            splits,
            note=texts(
                f"{name} is not what this run was trained on: it may have seen the validation images."
            ),
        )
    if run.config.max_per_class:
        splits = _in_order(reload(), classes, name)
        now = TrainedOn.of(splits)
    return _seen_before(_picked(splits, now, known, name), known)


def _in_order(splits: Splits, classes: tuple[str, ...], name: str) -> Splits:
    """Return the images with labels in the order in which a run learned its classes."""
    if found := splits.in_order(classes):
        return found
    raise RunError(
        f"{name} now has the classes {_few(splits.classes)}, and this run learned {_few(classes)}; "
        "start a new run on it."
    )


def _picked(splits: Splits, now: TrainedOn, known: TrainedOn, name: str) -> Splits:
    keys = np.concatenate([now.train, now.validation])
    train, validation, moved = _places(keys, known)
    gone = int((train < 0).sum() + (validation < 0).sum())
    new = len(keys) - len(set(train[train >= 0]) | set(validation[validation >= 0]))
    if (train < 0).mean() > MOST_GONE or (validation < 0).all():
        raise RunError(
            f"{name} has changed too much since this run began: {gone:,} of its "
            f"{len(train) + len(validation):,} images are gone; start a new run on it."
        )
    pool = join(splits.train, splits.validation)
    return replace(
        splits,
        train=part(pool, train[train >= 0]),
        validation=part(pool, validation[validation >= 0]),
        note=_note(name, new, gone, moved),
    )


def _places(keys: np.ndarray, known: TrainedOn) -> tuple[np.ndarray, np.ndarray, int]:
    """Return where the images of a run lie among ``keys`` ``(N, 2)``, -1 for those that are gone.

    One whose name is gone, and whose pixels are there under a name that is new, is the same image: its label
    was corrected, or its file was renamed. The last number tells how many these are.
    """
    place = {tuple(key): index for index, key in enumerate(keys.tolist())}
    found = [
        np.array([place.get(tuple(key), -1) for key in wanted.tolist()], int)
        for wanted in (known.train, known.validation)
    ]
    taken, moved = {index for places in found for index in places.tolist()}, 0
    new: dict[int, list[int]] = {}
    for index, (_, pixels) in enumerate(keys.tolist()):
        if index not in taken:
            new.setdefault(pixels, []).append(index)
    for places, wanted in zip(found, (known.train, known.validation), strict=True):
        for number in np.flatnonzero(places < 0):
            if same := new.get(int(wanted[number, 1])):
                places[number] = same.pop(0)
                moved += 1
    return found[0], found[1], moved


def _note(name: str, new: int, gone: int, moved: int) -> str:
    parts = []
    if moved:
        one = texts("1 has another label or name")
        parts.append(one if moved == 1 else texts(f"{moved:,} have another label or name"))
    if new:
        parts.append(texts("1 new image is left out" if new == 1 else f"{new:,} new images are left out"))
    if gone:
        parts.append(texts("1 is gone" if gone == 1 else f"{gone:,} are gone"))
    match parts:
        case [first, second, third]:
            return texts(f"{name} has changed since this run began: {first}, {second} and {third}.")
        case [first, second]:
            return texts(f"{name} has changed since this run began: {first} and {second}.")
        case [first]:
            return texts(f"{name} has changed since this run began: {first}.")
    return ""  # the same images in another order


def _keys(images: ImageSet) -> np.ndarray:
    keys = np.empty((len(images), 2), np.uint64)
    step = -(-images.images.shape[1] // MOST_ROWS)
    keys[:, 0] = name_keys(images.names)
    for index in range(len(images)):
        keys[index, 1] = _number(np.ascontiguousarray(images.images[index, ::step]).tobytes())
    return keys


def name_keys(names: Sequence[str]) -> list[int]:
    """Return what is kept of the names of images."""
    return [_number(name.encode("utf-8", "surrogateescape")) for name in names]


def _number(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def _few(classes: tuple[str, ...]) -> str:
    return ", ".join(classes[:5]) + (" and others" if len(classes) > 5 else "")
