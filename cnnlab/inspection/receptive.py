"""Receptive fields: which pixels of the image a unit can see, by arithmetic and exactly.

The arithmetic: on each axis, unit ``i`` sees pixels from ``start + stride·i`` up to, not with,
``end + stride·i``. A window turns such a line into the next one; where paths join, their union is seen.

Exactly: from one unit back to the image, layer by layer, as a mask. It knows what the arithmetic does not:
padding inside the network hides no pixels, and a stride may leave the last pixels of a map unseen.
"""

from dataclasses import dataclass
from functools import lru_cache

import keras
import numpy as np

from cnnlab.errors import ArchitectureError
from cnnlab.inspection.figures import Box, Pair, Sizes
from cnnlab.inspection.graph import Step, walk
from cnnlab.inspection.windows import window


@dataclass(frozen=True)
class Line:
    """What unit ``i`` sees on one axis: ``[start + stride·i, end + stride·i)``."""

    stride: int = 1
    start: int = 0
    end: int = 1

    def then(self, span: int, stride: int, before: int) -> "Line":
        """Return the line of a layer whose windows of ``span`` units begin at ``stride·i − before``."""
        shift = -before * self.stride
        return Line(self.stride * stride, self.start + shift, self.end + shift + (span - 1) * self.stride)


@dataclass(frozen=True)
class Axis:
    """What the units of a layer see on one axis: a line for each stride with which paths arrive."""

    lines: tuple[Line, ...]
    units: int

    @property
    def size(self) -> int:
        """Pixels from the first to the last that one unit sees, both included; of the unit that sees most."""
        return max(end - start for start, end in map(self.span, (0, self.units - 1)))

    @property
    def stride(self) -> int:
        """Pixels between the fields of two neighbouring units (of the widest path)."""
        return max(line.stride for line in self.lines)

    @property
    def padding(self) -> int:
        """Pixels by which the first unit looks past the beginning of the image."""
        return -self.span(0)[0]

    def span(self, unit: int) -> Pair:
        """Return the first pixel that a unit sees and the one after the last, on or off the image."""
        starts, ends = zip(
            *((line.start + line.stride * unit, line.end + line.stride * unit) for line in self.lines),
            strict=True,
        )
        return min(starts), max(ends)


@dataclass(frozen=True)
class Field:
    """The receptive field of a layer; not ``aligned`` means that its inputs see differently centred boxes."""

    rows: Axis
    columns: Axis
    aligned: bool = True


def receptive_fields(model: keras.Model) -> dict[str, Field | None]:
    """Return each layer's field; None without rows and columns, or behind an unknown window."""
    return fields_of(walk(model))


def fields_of(steps: dict[str, Step]) -> dict[str, Field | None]:
    """As ``receptive_fields``, for a model that has been walked."""
    fields: dict[str, Field | None] = {}
    for step in steps.values():
        if not step.inputs:
            fields[step.name] = _image(step.output_shape)
        else:
            fields[step.name] = _field(step, [fields[name] for name in step.inputs])
    return fields


def receptive_box(model: keras.Model, layer_name: str, row: int = 0, column: int = 0) -> Box:
    """Return the box of all pixels that one unit can see; it may reach past the image, onto padding.

    A side that the arithmetic puts on pixels which no window reaches is drawn back to the last one seen.
    A layer without rows and columns sees whatever any unit below it sees.

    Raises:
        ArchitectureError: there is no such layer or unit, or its field is not known.
    """
    steps = walk(model)
    field = fields_of(steps).get(layer_name)
    seen = seen_from(steps, layer_name, row, column)
    rows, columns = np.any(seen, axis=1), np.any(seen, axis=0)
    if field is None:
        (top, bottom), (left, right) = _extent(rows), _extent(columns)
    else:
        top, bottom = _side(field.rows.span(row), rows)
        left, right = _side(field.columns.span(column), columns)
    return Box(top, left, bottom, right)


def seen_pixels(model: keras.Model, layer_name: str, row: int = 0, column: int = 0) -> np.ndarray:
    """Return a bool mask ``(H, W)`` of the pixels that can change one unit: its field without the holes.

    Raises:
        ArchitectureError: as ``receptive_box``.
    """
    return seen_from(walk(model), layer_name, row, column)


def seen_from(steps: dict[str, Step], layer_name: str, row: int, column: int) -> np.ndarray:
    """As ``seen_pixels``, for a model that has been walked."""
    masks = {layer_name: _unit(steps, layer_name, row, column)}
    images = [step for step in steps.values() if not step.inputs]
    if len(images) != 1 or len(images[0].output_shape) != 3:
        raise ArchitectureError("Receptive fields are measured on networks that take one image.")
    for step in reversed(steps.values()):
        if step.name not in masks or not step.inputs:
            continue
        for name, given in zip(step.inputs, step.input_shapes, strict=True):
            seen = _seen(step, given, masks[step.name])
            masks[name] = masks[name] | seen if name in masks else seen
    height, width, _ = images[0].output_shape
    return masks.get(images[0].name, np.zeros((height, width), bool))


def _image(shape: Sizes) -> Field | None:
    if len(shape) != 3:
        return None
    rows, columns = (Axis((Line(),), units) for units in shape[:2])
    return Field(rows, columns)


def _field(step: Step, inputs: list[Field | None]) -> Field | None:
    windows = [window(step.layer, given, step.output_shape) for given in step.input_shapes]
    arriving = [(field, win) for field, win in zip(inputs, windows, strict=True) if field and win]
    if len(step.output_shape) != 3 or len(arriving) < len(inputs):
        return None
    axes, aligned = [], True
    for axis, units in enumerate(step.output_shape[:2]):
        paths = [
            line.then(win.span[axis], win.stride[axis], win.before[axis])
            for field, win in arriving
            for line in (field.rows, field.columns)[axis].lines
        ]
        aligned &= len({(path.stride, path.start + path.end) for path in paths}) == 1
        axes.append(Axis(_union(paths), units))
    rows, columns = axes
    return Field(rows, columns, aligned)


def _union(paths: list[Line]) -> tuple[Line, ...]:
    """Join the paths that arrive with the same stride; others see differently wide unions at each unit."""
    by_stride = {stride: [p for p in paths if p.stride == stride] for stride in {p.stride for p in paths}}
    return tuple(
        Line(stride, min(p.start for p in same), max(p.end for p in same))
        for stride, same in sorted(by_stride.items())
    )


def _unit(steps: dict[str, Step], name: str, row: int, column: int) -> np.ndarray:
    if name not in steps:
        raise ArchitectureError(f"The network has no layer {name!r}; its last one is {list(steps)[-1]!r}.")
    shape = steps[name].output_shape
    if len(shape) != 3:
        return np.array(True)
    if not (0 <= row < shape[0] and 0 <= column < shape[1]):
        raise ArchitectureError(
            f"{name} has units 0,0 to {shape[0] - 1},{shape[1] - 1}; there is no unit {row},{column}."
        )
    mask = np.zeros(shape[:2], bool)
    mask[row, column] = True
    return mask


def _seen(step: Step, given: Sizes, mask: np.ndarray) -> np.ndarray:
    """Carry a mask over a layer's output back to one of its inputs; a vector sees all of a map."""
    if len(given) != 3:
        return np.array(True)
    if len(step.output_shape) != 3:
        return np.ones(given[:2], bool)
    if (win := window(step.layer, given, step.output_shape)) is None:
        raise ArchitectureError(
            f"The receptive field is not known behind {step.name}, a {type(step.layer).__name__} layer."
        )
    rows, columns = (
        _looks_at(win.size[axis], win.stride[axis], win.before[axis], win.dilation[axis], given[axis], units)
        for axis, units in enumerate(step.output_shape[:2])
    )
    return np.asarray(rows @ mask.astype(np.float32) @ columns.T > 0)


@lru_cache(maxsize=512)
def _looks_at(size: int, stride: int, before: int, dilation: int, positions: int, units: int) -> np.ndarray:
    """Return 1 where a unit (column) looks at a position (row) of its input, else 0, as float32."""
    looked = (np.arange(units) * stride - before)[:, None] + np.arange(size) * dilation
    seen = np.arange(positions)[:, None, None] == looked
    return np.asarray(np.any(seen, axis=-1), np.float32)


def _extent(seen: np.ndarray) -> Pair:
    return (int(seen.argmax()), len(seen) - int(seen[::-1].argmax())) if seen.any() else (0, 0)


def _side(line: Pair, seen: np.ndarray) -> Pair:
    """Keep the arithmetic's ends where, clipped to the image, they are the first and last seen."""
    first, last = _extent(seen)
    start, end = (min(max(x, 0), len(seen)) for x in line)
    if not seen.any():
        return line if start == end else (0, 0)
    return line[0] if start == first else first, line[1] if end == last else last
