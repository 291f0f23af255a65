"""The file of a snapshot: what the inside of a network is, written down and read value by value.

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

Files may come from strangers: every value is checked as it is read. ``runs.snapshots`` tells which are kept.
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
from cnnlab.runs import reading
from cnnlab.runs.reading import DamagedError, is_number, is_text, is_whole
from cnnlab.shelf import replacing

FORMAT = 1
MOST_LAYERS = 2000
LARGEST_PROBE = 1024
_MEMBER = re.compile(r"[a-z0-9][a-z0-9-]{0,30}\.npy")
_KINDS = {np.dtype(kind) for kind in ("float16", "float32", "uint8", "int64")}
FAILURES = Exception
"""What a stranger's file may raise: readers of ZIP and .npy raise nearly anything, even ``TokenError``."""


@dataclass(frozen=True)
class LayerState:
    """How a layer learns, on the fixed batch; None where a number has no meaning.

    Norms are Euclidean, over all the layer's weights that learn. ``update_norm`` is of the step that the
    optimizer would take now with this gradient. ``dead`` is the fraction of ReLU units (channels of a map)
    that are 0 for all images of the batch at all positions, ``saturated`` the fraction of values of a sigmoid
    or tanh within 0.05 of an end of its range.
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


def is_image(image: np.ndarray) -> bool:
    """Whether an array is a usable probe: uint8 ``(H, W, 1 or 3)``, at most ``LARGEST_PROBE`` a side."""
    return (
        image.dtype == np.uint8
        and image.ndim == 3
        and image.shape[2] in (1, 3)
        and min(image.shape[:2]) >= 1
        and max(image.shape[:2]) <= LARGEST_PROBE
    )


def save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays to a file, by a temporary name of this process.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as aside, aside.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def packed(snapshot: Snapshot) -> dict[str, np.ndarray]:
    """Return the arrays of a snapshot's file."""
    facts = {
        "format": FORMAT,
        **{name: getattr(snapshot, name) for name in ("epoch", "step", "seconds", "images")},
        "probe": snapshot.probe_name,
        "filters": snapshot.filter_layer,
        "layers": [asdict(layer) for layer in snapshot.layers],
        "maps": [{"layer": layer} for layer in snapshot.maps],
        "batch_norms": [norm.layer for norm in snapshot.batch_norms],
    }
    arrays = {"facts": as_bytes(facts)}
    for name in ("filters", "probe", "guesses"):
        if (array := getattr(snapshot, name)) is not None:
            arrays[name] = array
    arrays |= {f"map-{number:03}": array for number, array in enumerate(snapshot.maps.values())}
    for number, norm in enumerate(snapshot.batch_norms):
        rows = (norm.running_mean, norm.running_variance, norm.batch_mean, norm.batch_variance)
        arrays[f"norm-{number:03}"] = np.stack(rows).astype(np.float32)
    return arrays


def as_bytes(facts: dict[str, Any]) -> np.ndarray:
    """Return facts as the array that holds them, uint8."""
    return np.frombuffer(strict_json.dumps(facts).encode(), np.uint8)


def arrays_of(path: Path, most_bytes: int, only: str = "") -> dict[str, np.ndarray]:
    """Return the arrays of a file, or ``only`` one of them.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is not as CNN Lab writes it.
    """
    with reading.opened(path) as file:
        try:
            return dict(_members(file, most_bytes, only))
        except FAILURES as error:
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
                    yield name, array_of(name, member.read(entry.file_size))


def array_of(name: str, data: bytes) -> np.ndarray:
    """Return the array of a .npy file whose header says no more than its bytes hold."""
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(name)
    shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
    known = kind in _KINDS and (not by_column or len(shape) < 2) and all(side >= 0 for side in shape)
    if not known or prod(shape) * kind.itemsize != len(data) - file.tell():
        raise ValueError(name)
    return np.frombuffer(data, kind, offset=file.tell()).reshape(shape)


def facts_of(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the facts of a file's arrays; whatever is wrong with them raises one of ``FAILURES``."""
    data = arrays["facts"].astype(np.uint8).tobytes()
    if reading.takes_too_much(data):
        raise ValueError("facts")
    facts = json.loads(data)
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ValueError("facts")
    return facts


def snapshot_of(arrays: Mapping[str, np.ndarray]) -> Snapshot:
    """Return what a file says, checked value by value.

    Raises:
        DamagedError: something is not as CNN Lab writes it.
    """
    try:
        facts = facts_of(arrays)
        maps = [_text(entry["layer"]) for entry in facts["maps"]]
        norms = [_text(name) for name in facts["batch_norms"]]
        _refuse_unless(len(maps) <= MOST_LAYERS and len(norms) <= MOST_LAYERS)
        probe, filters = arrays.get("probe"), arrays.get("filters")
        _refuse_unless(probe is None or is_image(probe))
        _refuse_unless(filters is None or (filters.ndim == 4 and filters.shape[3] in (1, 3)))
        guesses = arrays.get("guesses")
        _refuse_unless(guesses is None or guesses.ndim == 2)
        return Snapshot(
            epoch=_whole(facts["epoch"]),
            step=_whole(facts["step"]),
            layers=layers_of(facts),
            images=_whole(facts["images"]),
            seconds=number_of(facts["seconds"]) or 0.0,
            filter_layer=None if facts["filters"] is None else _text(facts["filters"]),
            filters=None if filters is None else _finite(filters),
            probe=probe,
            probe_name=_text(facts["probe"]),
            maps={name: _map(arrays[f"map-{number:03}"]) for number, name in enumerate(maps)},
            batch_norms=tuple(_norm(name, arrays[f"norm-{i:03}"]) for i, name in enumerate(norms)),
            guesses=None if guesses is None else _finite(guesses),
        )
    except FAILURES as error:
        raise DamagedError("a value in it is not as CNN Lab writes it") from error


def layers_of(facts: dict[str, Any]) -> tuple[LayerState, ...]:
    """Return the layers that facts tell of; whatever is wrong with them raises one of ``FAILURES``."""
    _refuse_unless(isinstance(facts["layers"], list) and len(facts["layers"]) <= MOST_LAYERS)
    numbers = ("gradient_norm", "update_norm", "weight_norm", "dead", "saturated")
    return tuple(
        LayerState(
            _text(said["name"]), _text(said["type"]), **{name: number_of(said.get(name)) for name in numbers}
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


def number_of(value: Any) -> float | None:
    """Return a number of at least 0, or None of None; ``ValueError`` of anything else."""
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
