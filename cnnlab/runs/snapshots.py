"""The inside of a network after each epoch of a run, as its worker wrote it down; no TensorFlow.

runs/<run_id>/snapshots/
  epoch-00003.npz    the state after epoch 3
  within.npz         the state within an epoch, newer than all of these; gone once an epoch has ended
  weights-00003.npz  the weights of epoch 3, float32: what training can change, the rest is as in best.keras
  validation.npz     the twelve validation images whose guesses each epoch tells

``epoch-*.npz`` take at most 64 MB of a run, weights at most eight epochs and 256 MB. Of more the epochs 1, 2,
4, 8 … and the last one stay. ``snapshot_file`` tells what stands in a file.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlab.errors import RunError
from cnnlab.languages import texts
from cnnlab.runs import reading
from cnnlab.runs.reading import DamagedError, is_text, is_whole
from cnnlab.runs.run import Run
from cnnlab.runs.snapshot_file import (
    FAILURES,
    FORMAT,
    LARGEST_PROBE,
    FixedImages,
    LayerState,
    Snapshot,
    array_of,
    arrays_of,
    as_bytes,
    facts_of,
    is_image,
    layers_of,
    number_of,
    packed,
    save,
    snapshot_of,
)
from cnnlab.shelf import replacing

FOLDER = "snapshots"
BUDGET_BYTES = 64 * 2**20
WEIGHTS_BUDGET_BYTES = 256 * 2**20
MOST_WEIGHTS = 8
MOST_FILE_BYTES = 8 * 2**20
MOST_FILES = 10_000
_NAME = re.compile(r"epoch-(\d{5,9})\.npz")
_WEIGHTS = re.compile(r"weights-(\d{5,9})\.npz")


@dataclass(frozen=True)
class Listed:
    """One epoch of the list: its files, what computing it cost the worker, and the layers."""

    epoch: int
    has_weights: bool
    bytes: int
    seconds: float
    layers: tuple[LayerState, ...]


def version(run: Run, epoch: int) -> int:
    """Return a number that changes with the snapshot of an epoch; 0 where there is none."""
    return _stamp(_path(run, epoch))


def validation_version(run: Run) -> int:
    """Return a number that changes with the images of the guesses; 0 where there are none."""
    return _stamp(_folder(run) / "validation.npz")


def epochs(run: Run) -> list[int]:
    """Return the epochs that have a snapshot, in order."""
    return sorted(_found(run, _NAME))


def read(run: Run, epoch: int) -> Snapshot:
    """Return the snapshot of an epoch.

    Raises:
        RunError: there is none, or it is not as CNN Lab writes it.
    """
    try:
        return snapshot_of(arrays_of(_path(run, epoch), MOST_FILE_BYTES))
    except FileNotFoundError as error:
        raise RunError(_missing(run, epoch)) from error
    except DamagedError as error:
        raise RunError(f"The snapshot of epoch {epoch} cannot be read: {error}.") from error


def within(run: Run) -> Snapshot | None:
    """Return the state within the epoch at work, or None: there is none, or it cannot be read."""
    try:
        return snapshot_of(arrays_of(_folder(run) / "within.npz", MOST_FILE_BYTES))
    except (OSError, DamagedError):
        return None


def validation(run: Run) -> FixedImages | None:
    """Return the images of the guesses, or None: there are none, or they cannot be read."""
    try:
        arrays = arrays_of(_folder(run) / "validation.npz", MOST_FILE_BYTES)
        said = facts_of(arrays)
        images, names, labels = arrays["images"], said["names"], said["labels"]
        fits = images.dtype == np.uint8 and images.ndim == 4 and images.shape[3] in (1, 3)
        fits = fits and len(images) == len(names) == len(labels) and all(map(is_text, names))
        if fits and all(is_whole(label, 0, 10_000) for label in labels):
            return FixedImages(images, tuple(map(reading.showable, names)), tuple(labels))
    except FAILURES:
        pass
    return None


def weights(run: Run, epoch: int) -> Path | None:
    """Return the file of an epoch's weights, or None where they were not kept."""
    path = _weights_path(run, epoch)
    return path if path.is_file() else None


def has_weights(run: Run, epoch: int) -> bool:
    """Whether the network of an epoch can be asked: its weights were kept, or are the best or last ones."""
    return weights(run, epoch) is not None or checkpoint_of(run, epoch) is not None


def epochs_with_weights(run: Run) -> list[int]:
    """Return the epochs whose network can be asked, in order."""
    possible = {*_found(run, _NAME), *_found(run, _WEIGHTS)}
    if (best := run.status().best_epoch) is not None:
        possible.add(best)
    return sorted(epoch for epoch in possible if has_weights(run, epoch))


def checkpoint_of(run: Run, epoch: int) -> str | None:
    """Return ``"best"`` or ``"last"`` where that checkpoint holds the weights of an epoch."""
    now = run.status()
    if epoch == now.best_epoch and run.checkpoint("best"):
        return "best"
    ended = not now.is_active and epoch and now.step == epoch * now.steps_per_epoch
    return "last" if ended and epoch == now.epoch and run.checkpoint("last") else None


def read_weights(run: Run, epoch: int) -> dict[str, np.ndarray]:
    """Return the weights of an epoch, float32, by ``LAYER-WEIGHT``: two numbers that count from 0.

    Raises:
        RunError: they were not kept, or are not as CNN Lab writes them.
    """
    try:
        arrays = arrays_of(_weights_path(run, epoch), WEIGHTS_BUDGET_BYTES + 2**20)
    except FileNotFoundError as error:
        kept = [str(number) for number in sorted(_found(run, _WEIGHTS))]
        known = ", ".join(kept)
        raise RunError(
            f"The weights of epoch {epoch} were not kept; those of {known} are."
            if kept
            else f"The weights of epoch {epoch} were not kept; those of no epoch are."
        ) from error
    except DamagedError as error:
        raise RunError(f"The weights of epoch {epoch} cannot be read: {error}.") from error
    if any(array.dtype != np.float32 for array in arrays.values()):
        raise RunError(f"The weights of epoch {epoch} cannot be read: they are not float32.")
    return arrays


def listing(run: Run) -> list[Listed]:
    """Return what is kept of each epoch, in order; what cannot be read is left out."""
    found = []
    for epoch in epochs(run):
        try:
            facts = facts_of(arrays_of(_path(run, epoch), MOST_FILE_BYTES, only="facts"))
            size = sum(p.stat().st_size for p in (_path(run, epoch), weights(run, epoch)) if p)
            seconds = number_of(facts["seconds"]) or 0.0
            found.append(Listed(epoch, has_weights(run, epoch), size, seconds, layers_of(facts)))
        except FAILURES:
            continue
    return found


def write(run: Run, snapshot: Snapshot, finished: bool = True) -> None:
    """Keep a snapshot, and make room where the run has too many; the worker's end.

    ``finished`` False: the epoch is at work still.

    Raises:
        OSError: the folder cannot be written.
    """
    path = _path(run, snapshot.epoch) if finished else _folder(run) / "within.npz"
    save(path, packed(snapshot))
    if finished:
        (_folder(run) / "within.npz").unlink(missing_ok=True)
        thin({epoch: _path(run, epoch) for epoch in epochs(run)}, BUDGET_BYTES, MOST_FILES)


def write_validation(run: Run, fixed: FixedImages) -> None:
    """Keep the images of the guesses.

    Raises:
        OSError: the folder cannot be written.
    """
    facts = {"format": FORMAT, "names": list(fixed.names), "labels": list(fixed.labels)}
    save(_folder(run) / "validation.npz", {"facts": as_bytes(facts), "images": fixed.images})


def write_weights(run: Run, epoch: int, arrays: Mapping[str, np.ndarray]) -> bool:
    """Keep the weights of an epoch, and make room for them; return False where they are too large to keep.

    Raises:
        OSError: the folder cannot be written.
    """
    if sum(array.nbytes for array in arrays.values()) > WEIGHTS_BUDGET_BYTES:
        return False
    save(_weights_path(run, epoch), {name: np.asarray(a, np.float32) for name, a in arrays.items()})
    kept = {number: _weights_path(run, number) for number in _found(run, _WEIGHTS)}
    thin(kept, WEIGHTS_BUDGET_BYTES, MOST_WEIGHTS)
    return True


def forget_after(run: Run, epoch: int) -> None:
    """Delete what is kept of later epochs: a run that goes on from an epoch trains them anew."""
    for pattern in (_NAME, _WEIGHTS):
        for number, path in _found(run, pattern).items():
            if number > epoch:
                path.unlink(missing_ok=True)
    (_folder(run) / "within.npz").unlink(missing_ok=True)


def thin(files: Mapping[int, Path], most_bytes: int, most_files: int) -> None:
    """Delete files until the others fit: of epochs that are neither a power of two nor the last, the earliest
    go first, then powers of two from 2 on.
    """
    sizes = {epoch: path.stat().st_size for epoch, path in files.items()}
    last = max(files, default=0)
    order = sorted(files, key=lambda epoch: (_is_power_of_two(epoch), epoch == 1, epoch))
    for epoch in order:
        if sum(sizes.values()) <= most_bytes and len(sizes) <= most_files:
            return
        if epoch != last:
            files[epoch].unlink(missing_ok=True)
            del sizes[epoch]


def ask_probe(run: Run, image: np.ndarray) -> None:
    """Ask for the maps of another image, uint8 ``(H, W, 1 or 3)``: the worker takes it up within seconds.

    It is resized and recoloured as the network needs it.

    Raises:
        RunError: it is no such image, or the folder cannot be written.
    """
    if not is_image(image):
        raise RunError(f"The probe must be an image of at most {LARGEST_PROBE:,} pixels a side.")
    try:
        _probe(run).parent.mkdir(exist_ok=True)
        with replacing(_probe(run)) as aside, aside.open("wb") as file:
            np.save(file, image, allow_pickle=False)
    except OSError as error:
        raise run.unwritable(error) from error


def asked_probe(run: Run) -> np.ndarray | None:
    """Return the image that was asked for last, uint8 ``(H, W, C)``; anything but a usable one is None."""
    try:
        image = array_of("probe", reading.data(_probe(run), 3 * LARGEST_PROBE**2 + 1000))
    except FAILURES:
        return None
    return image if is_image(image) else None


def probe_version(run: Run) -> int:
    """Return a number that changes when another probe is asked for; 0 where none was."""
    return _stamp(_probe(run))


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _is_power_of_two(number: int) -> bool:
    return number & (number - 1) == 0


def _folder(run: Run) -> Path:
    return run.folder / FOLDER


def _path(run: Run, epoch: int) -> Path:
    return _folder(run) / f"epoch-{epoch:05}.npz"


def _weights_path(run: Run, epoch: int) -> Path:
    return _folder(run) / f"weights-{epoch:05}.npz"


def _probe(run: Run) -> Path:
    return run.folder / "control" / "probe"


def _missing(run: Run, epoch: int) -> str:
    kept = epochs(run)
    if not kept:
        return texts(f"The run {run.id} has no snapshots.")
    known = ", ".join(map(str, kept[:20])) + (" …" if len(kept) > 20 else "")
    return texts(f"There is no snapshot of epoch {epoch}; there is one of {known}.")


def _found(run: Run, pattern: re.Pattern[str]) -> dict[int, Path]:
    """Return the files of a kind by their epoch; of a folder with more than anybody writes, the first."""
    found: dict[int, Path] = {}
    try:
        with os.scandir(_folder(run)) as entries:
            for _, entry in zip(range(2 * MOST_FILES), entries, strict=False):
                if (name := pattern.fullmatch(entry.name)) and entry.is_file(follow_symlinks=False):
                    found[int(name[1])] = Path(entry.path)
    except OSError:
        pass
    return found
