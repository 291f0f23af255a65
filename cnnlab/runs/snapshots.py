"""The inside of a network after each epoch of a run, as its worker wrote it down; no TensorFlow.

runs/<run_id>/snapshots/
  epoch-00003.npz    the state after epoch 3
  within.npz         the state within an epoch, newer than all of these; gone once an epoch has ended
  weights-00003.npz  the weights of epoch 3, float32: what training can change, the rest is as in best.keras
  validation.npz     the twelve validation images whose guesses each epoch tells

An ``epoch-*.npz`` holds arrays in .npy format, stored without compression and never pickled:

  facts        uint8, a JSON object: format, epoch, step, seconds (what writing it cost), images (of the fixed
               batch), probe (its name), filters (their layer or null), maps [{layer}], batch_norms [layer],
               layers [{name, type, gradient_norm, update_norm, weight_norm, dead, saturated}], null where a
               number has no meaning or is not finite
  filters      float16 (filters, height, width, colours): kernels of the first convolution over gray or RGB
  probe        uint8 (H, W, C): the image of the maps, as the network receives it before scaling
  map-000      float16 (rows, columns, channels) or (units,): the output of the layer ``maps[0]``, its first
               channels, rows and columns averaged to at most 64
  norm-000     float32 (4, channels) of ``batch_norms[0]``: Keras's running mean and variance, then those of
               the fixed batch
  guesses      float32 (images, classes): probabilities for the images of ``validation.npz``

``epoch-*.npz`` take at most 64 MB of a run, weights at most eight epochs and 256 MB. Of more the epochs 1, 2,
4, 8 … and the last one stay. Files may come from strangers: every value is checked as it is read.
"""

import io
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab import strict_json
from cnnlab.errors import RunError
from cnnlab.runs import reading
from cnnlab.runs.reading import DamagedError, is_number, is_text, is_whole
from cnnlab.runs.run import Run

FORMAT = 1
FOLDER = "snapshots"
BUDGET_BYTES = 64 * 2**20
WEIGHTS_BUDGET_BYTES = 256 * 2**20
MOST_WEIGHTS = 8
MOST_FILE_BYTES = 8 * 2**20
MOST_LAYERS = 2000
MOST_FILES = 10_000
LARGEST_PROBE = 1024
_NAME = re.compile(r"epoch-(\d{5,9})\.npz")
_WEIGHTS = re.compile(r"weights-(\d{5,9})\.npz")
_MEMBER = re.compile(r"[a-z0-9][a-z0-9-]{0,30}\.npy")
_KINDS = {np.dtype(kind) for kind in ("float16", "float32", "uint8", "int64")}
_FAILURES = Exception
"""What a stranger's file may raise: readers of ZIP and .npy raise nearly anything, even ``TokenError``."""


@dataclass(frozen=True)
class LayerState:
    """How a layer learns, on the fixed batch; None where a number has no meaning.

    Norms are Euclidean, over all the layer's weights that learn. ``update_norm`` is of the step that the
    optimizer would take now with this gradient. ``dead`` is the share of ReLU units (channels of a map) that
    are 0 for all images of the batch at all positions, ``saturated`` the share of values of a sigmoid or tanh
    within 0.05 of an end of its range.
    """

    name: str
    type: str
    gradient_norm: float | None = None
    update_norm: float | None = None
    weight_norm: float | None = None
    dead: float | None = None
    saturated: float | None = None

    @property
    def ratio(self) -> float | None:
        """The update's norm over the weights'; about 0.001 is usual."""
        if self.update_norm is None or not self.weight_norm:
            return None
        return self.update_norm / self.weight_norm


@dataclass(frozen=True, eq=False)
class BatchNormState:
    """Statistics of a batch norm, float32 ``(channels,)``: Keras's running averages, those of the batch."""

    layer: str
    running_mean: np.ndarray
    running_variance: np.ndarray
    batch_mean: np.ndarray
    batch_variance: np.ndarray


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A network's inside at one moment; see the layout above.

    ``epoch`` counts from 1; within an epoch it is the one at work. ``seconds`` is what it cost the worker.
    """

    epoch: int
    step: int
    layers: tuple[LayerState, ...]
    images: int = 0
    seconds: float = 0.0
    filter_layer: str | None = None
    filters: np.ndarray | None = None
    probe: np.ndarray | None = None
    probe_name: str = ""
    maps: Mapping[str, np.ndarray] = field(default_factory=dict)
    batch_norms: tuple[BatchNormState, ...] = ()
    guesses: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class FixedImages:
    """The validation images whose guesses are told: uint8 ``(N, H, W, C)``, small; names, class numbers."""

    images: np.ndarray
    names: tuple[str, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Listed:
    """One epoch of the list: its files, what computing it cost the worker, and the layers."""

    epoch: int
    has_weights: bool
    bytes: int
    seconds: float
    layers: tuple[LayerState, ...]


def epochs(run: Run) -> list[int]:
    """Return the epochs that have a snapshot, in order."""
    return sorted(_found(run, _NAME))


def read(run: Run, epoch: int) -> Snapshot:
    """Return the snapshot of an epoch.

    Raises:
        RunError: there is none, or it is not as CNN Lab writes it.
    """
    try:
        return _snapshot(_arrays(_path(run, epoch), MOST_FILE_BYTES))
    except FileNotFoundError as error:
        raise RunError(_missing(run, epoch)) from error
    except DamagedError as error:
        raise RunError(f"The snapshot of epoch {epoch} cannot be read: {error}.") from error


def within(run: Run) -> Snapshot | None:
    """Return the state within the epoch at work, or None: there is none, or it cannot be read."""
    try:
        return _snapshot(_arrays(_folder(run) / "within.npz", MOST_FILE_BYTES))
    except (OSError, DamagedError):
        return None


def validation(run: Run) -> FixedImages | None:
    """Return the images of the guesses, or None: there are none, or they cannot be read."""
    try:
        arrays = _arrays(_folder(run) / "validation.npz", MOST_FILE_BYTES)
        said = _facts(arrays)
        images, names, labels = arrays["images"], said["names"], said["labels"]
        fits = images.dtype == np.uint8 and images.ndim == 4 and images.shape[3] in (1, 3)
        fits = fits and len(images) == len(names) == len(labels) and all(map(is_text, names))
        if fits and all(is_whole(label, 0, 10_000) for label in labels):
            return FixedImages(images, tuple(map(reading.showable, names)), tuple(labels))
    except _FAILURES:
        pass
    return None


def weights(run: Run, epoch: int) -> Path | None:
    """Return the file of an epoch's weights, or None where they were not kept."""
    path = _weights_path(run, epoch)
    return path if path.is_file() else None


def has_weights(run: Run, epoch: int) -> bool:
    """Whether the network of an epoch can be asked: its weights were kept, or are the best or last ones."""
    return weights(run, epoch) is not None or checkpoint_of(run, epoch) is not None


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
        arrays = _arrays(_weights_path(run, epoch), WEIGHTS_BUDGET_BYTES + 2**20)
    except FileNotFoundError as error:
        kept = [str(number) for number in sorted(_found(run, _WEIGHTS))]
        known = f"those of {', '.join(kept)} are" if kept else "those of no epoch are"
        raise RunError(f"The weights of epoch {epoch} were not kept; {known}.") from error
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
            facts = _facts(_arrays(_path(run, epoch), MOST_FILE_BYTES, only="facts"))
            size = sum(p.stat().st_size for p in (_path(run, epoch), weights(run, epoch)) if p)
            seconds = _number(facts["seconds"]) or 0.0
            found.append(Listed(epoch, has_weights(run, epoch), size, seconds, _layers(facts)))
        except _FAILURES:
            continue
    return found


def write(run: Run, snapshot: Snapshot, finished: bool = True) -> None:
    """Keep a snapshot, and make room where the run has too many; the worker's end.

    ``finished`` False: the epoch is at work still.

    Raises:
        OSError: the folder cannot be written.
    """
    path = _path(run, snapshot.epoch) if finished else _folder(run) / "within.npz"
    _save(path, _packed(snapshot))
    if finished:
        (_folder(run) / "within.npz").unlink(missing_ok=True)
        thin({epoch: _path(run, epoch) for epoch in epochs(run)}, BUDGET_BYTES, MOST_FILES)


def write_validation(run: Run, fixed: FixedImages) -> None:
    """Keep the images of the guesses.

    Raises:
        OSError: the folder cannot be written.
    """
    facts = {"format": FORMAT, "names": list(fixed.names), "labels": list(fixed.labels)}
    _save(_folder(run) / "validation.npz", {"facts": _as_bytes(facts), "images": fixed.images})


def write_weights(run: Run, epoch: int, arrays: Mapping[str, np.ndarray]) -> bool:
    """Keep the weights of an epoch, and make room for them; return False where they are too large to keep.

    Raises:
        OSError: the folder cannot be written.
    """
    if sum(array.nbytes for array in arrays.values()) > WEIGHTS_BUDGET_BYTES:
        return False
    _save(_weights_path(run, epoch), {name: np.asarray(a, np.float32) for name, a in arrays.items()})
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
    if not _is_image(image):
        raise RunError(f"The probe must be an image of at most {LARGEST_PROBE:,} pixels a side.")
    temporary = _probe(run).with_suffix(".tmp")
    try:
        temporary.parent.mkdir(exist_ok=True)
        with temporary.open("wb") as file:
            np.save(file, image, allow_pickle=False)
        temporary.replace(_probe(run))
    except OSError as error:
        raise RunError(f"{run.id} cannot be written ({error.strerror}); free some space.") from error


def asked_probe(run: Run) -> np.ndarray | None:
    """Return the image that was asked for last, uint8 ``(H, W, C)``; anything but a usable one is None."""
    try:
        image = _array("probe", reading.data(_probe(run), 3 * LARGEST_PROBE**2 + 1000))
    except _FAILURES:
        return None
    return image if _is_image(image) else None


def probe_version(run: Run) -> int:
    """Return a number that changes when another probe is asked for; 0 where none was."""
    try:
        return _probe(run).stat().st_mtime_ns
    except OSError:
        return 0


def _is_image(image: np.ndarray) -> bool:
    return (
        image.dtype == np.uint8
        and image.ndim == 3
        and image.shape[2] in (1, 3)
        and min(image.shape[:2]) >= 1
        and max(image.shape[:2]) <= LARGEST_PROBE
    )


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
        return f"The run {run.id} has no snapshots."
    known = ", ".join(map(str, kept[:20])) + (" …" if len(kept) > 20 else "")
    return f"There is no snapshot of epoch {epoch}; there is one of {known}."


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


def _save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _packed(snapshot: Snapshot) -> dict[str, np.ndarray]:
    facts = {
        "format": FORMAT,
        **{name: getattr(snapshot, name) for name in ("epoch", "step", "seconds", "images")},
        "probe": snapshot.probe_name,
        "filters": snapshot.filter_layer,
        "layers": [asdict(layer) for layer in snapshot.layers],
        "maps": [{"layer": layer} for layer in snapshot.maps],
        "batch_norms": [norm.layer for norm in snapshot.batch_norms],
    }
    arrays = {"facts": _as_bytes(facts)}
    for name in ("filters", "probe", "guesses"):
        if (array := getattr(snapshot, name)) is not None:
            arrays[name] = array
    arrays |= {f"map-{number:03}": array for number, array in enumerate(snapshot.maps.values())}
    for number, norm in enumerate(snapshot.batch_norms):
        rows = (norm.running_mean, norm.running_variance, norm.batch_mean, norm.batch_variance)
        arrays[f"norm-{number:03}"] = np.stack(rows).astype(np.float32)
    return arrays


def _as_bytes(facts: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(strict_json.dumps(facts).encode(), np.uint8)


def _arrays(path: Path, most_bytes: int, only: str = "") -> dict[str, np.ndarray]:
    """Return the arrays of a file, or ``only`` one of them.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is not as CNN Lab writes it.
    """
    with reading.opened(path) as file:
        try:
            return dict(_members(file, most_bytes, only))
        except _FAILURES as error:
            raise DamagedError(f"{path.name} is not as CNN Lab writes it") from error


def _members(file: Any, most_bytes: int, only: str) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and arrays; nothing is unpacked, so that a small file cannot become a large one."""
    size = os.fstat(file.fileno()).st_size
    with zipfile.ZipFile(file) as members:
        entries = members.infolist()
        stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
        claimed = sum(entry.file_size for entry in entries)
        if size > most_bytes or claimed > size or not stored or len(entries) > 3 * MOST_LAYERS:
            raise ValueError("the sizes")
        for entry in entries:
            name = entry.filename.removesuffix(".npy")
            if not _MEMBER.fullmatch(entry.filename):
                raise ValueError("a name")
            if not only or name == only:
                with members.open(entry) as member:
                    yield name, _array(name, member.read(entry.file_size))


def _array(name: str, data: bytes) -> np.ndarray:
    """Return the array of a .npy file whose header says no more than its bytes hold."""
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(name)
    shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
    known = kind in _KINDS and (not by_column or len(shape) < 2) and all(side >= 0 for side in shape)
    if not known or prod(shape) * kind.itemsize != len(data) - file.tell():
        raise ValueError(name)
    return np.frombuffer(data, kind, offset=file.tell()).reshape(shape)


def _facts(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    data = arrays["facts"].astype(np.uint8).tobytes()
    if reading.takes_too_much(data):
        raise ValueError("facts")
    facts = json.loads(data)
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ValueError("facts")
    return facts


def _snapshot(arrays: Mapping[str, np.ndarray]) -> Snapshot:
    """Return what a file says, checked value by value.

    Raises:
        DamagedError: something is not as CNN Lab writes it.
    """
    try:
        facts = _facts(arrays)
        maps = [_text(entry["layer"]) for entry in facts["maps"]]
        norms = [_text(name) for name in facts["batch_norms"]]
        _refuse_unless(len(maps) <= MOST_LAYERS and len(norms) <= MOST_LAYERS)
        probe, filters = arrays.get("probe"), arrays.get("filters")
        _refuse_unless(probe is None or _is_image(probe))
        _refuse_unless(filters is None or (filters.ndim == 4 and filters.shape[3] in (1, 3)))
        guesses = arrays.get("guesses")
        _refuse_unless(guesses is None or guesses.ndim == 2)
        return Snapshot(
            epoch=_whole(facts["epoch"]),
            step=_whole(facts["step"]),
            layers=_layers(facts),
            images=_whole(facts["images"]),
            seconds=_number(facts["seconds"]) or 0.0,
            filter_layer=None if facts["filters"] is None else _text(facts["filters"]),
            filters=None if filters is None else _finite(filters),
            probe=probe,
            probe_name=_text(facts["probe"]),
            maps={name: _map(arrays[f"map-{number:03}"]) for number, name in enumerate(maps)},
            batch_norms=tuple(_norm(name, arrays[f"norm-{i:03}"]) for i, name in enumerate(norms)),
            guesses=None if guesses is None else _finite(guesses),
        )
    except _FAILURES as error:
        raise DamagedError("a value in it is not as CNN Lab writes it") from error


def _layers(facts: dict[str, Any]) -> tuple[LayerState, ...]:
    _refuse_unless(isinstance(facts["layers"], list) and len(facts["layers"]) <= MOST_LAYERS)
    numbers = ("gradient_norm", "update_norm", "weight_norm", "dead", "saturated")
    return tuple(
        LayerState(
            _text(said["name"]), _text(said["type"]), **{name: _number(said.get(name)) for name in numbers}
        )
        for said in facts["layers"]
    )


def _norm(name: str, rows: np.ndarray) -> BatchNormState:
    _refuse_unless(rows.ndim == 2 and len(rows) == 4)
    return BatchNormState(name, *_finite(rows))


def _map(values: np.ndarray) -> np.ndarray:
    _refuse_unless(values.ndim in (1, 3))
    return _finite(values)


def _finite(values: np.ndarray) -> np.ndarray:
    _refuse_unless(values.dtype.kind == "f")
    finite: np.ndarray = np.nan_to_num(values, nan=0.0)
    return finite


def _number(value: Any) -> float | None:
    _refuse_unless(value is None or is_number(value, 0))
    return None if value is None else float(value)


def _whole(value: Any) -> int:
    _refuse_unless(is_whole(value))
    return int(value)


def _text(value: Any) -> str:
    _refuse_unless(is_text(value, 300))
    return reading.showable(value)


def _refuse_unless(holds: object) -> None:
    if not holds:
        raise ValueError
