"""Turn Keras's complaint about shapes into one sentence: which layer cannot fit, and why."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from cnnlab.errors import ArchitectureError
from cnnlab.languages import texts


@contextmanager
def explained(network: str, input_shape: tuple[int, ...]) -> Iterator[None]:
    """Raise ``ArchitectureError`` for a shape error of a layer that is called inside the ``with`` block."""
    try:
        yield
    except ValueError as error:
        if (call := _failed_call(error)) is None:
            raise
        raise ArchitectureError(
            f"{network} does not fit an input of {times(input_shape)}: {_reason(error, *call)}."
        ) from error


def times(sizes: Any) -> str:
    """Write sizes as people do: ``5×5×16``."""
    return "×".join(str(n) for n in sizes)


def _failed_call(error: ValueError) -> tuple[keras.Layer, Any] | None:
    """Return the layer that raised and its input: Keras names neither, but its call is in the traceback."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        match frame.f_locals.get("args"):
            case (keras.Layer() as layer, inputs, *_):
                return layer, inputs
    return None


def _reason(error: ValueError, layer: keras.Layer, inputs: Any) -> str:
    shapes = [tuple(tensor.shape[1:]) for tensor in (inputs if isinstance(inputs, list) else [inputs])]
    window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if window and len(shapes[0]) == len(window) + 1:
        span = [(k - 1) * d + 1 for k, d in zip(window, getattr(layer, "dilation_rate", (1, 1)), strict=True)]
        rows_columns = shapes[0][: len(window)]
        if layer.padding == "valid" and any(k > n for k, n in zip(span, rows_columns, strict=True)):
            return texts(
                f"{layer.name} slides a {times(span)} window without padding over a map of only "
                f"{times(rows_columns)}; use a larger image, a smaller window or padding"
            )
    if len(shapes) == 2:
        return texts(f"{layer.name} cannot merge maps of {times(shapes[0])} and {times(shapes[1])}")
    if len(shapes) > 2:
        return texts(f"{layer.name} cannot merge maps of {' and '.join(times(s) for s in shapes)}")
    said = str(error).splitlines()[0].rstrip(".")
    return texts(f"{layer.name} cannot take {times(shapes[0])} ({said})")
