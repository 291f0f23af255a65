"""A network for phones and small computers: TensorFlow Lite, in float32 and quantised to int8."""

import contextlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab import machine
from cnnlab.errors import RunError
from cnnlab.inference import Classifier

REPRESENTATIVE = 100
"""Training images from which the range of every value is measured."""
COMPARED = 2_000
"""At most so many validation images tell how well the two files agree."""

_BATCH = 16
_BYTES_PER_WEIGHT_BYTE = 16
"""Peak memory of a conversion, measured on AlexNet: 3.7 GB for 228 MB of weights."""


@dataclass(frozen=True)
class Agreement:
    """The int8 file against the float file on the same ``n`` validation images, each figure 0 to 1."""

    n: int
    agreement: float
    float_accuracy: float
    int8_accuracy: float


def convert(model: Any) -> bytes:
    """Return a keras.Model as a TensorFlow Lite file in float32.

    Raises:
        RunError: the network has an operation that cannot be converted, or is too large for this memory.
    """
    return _converted(model, lambda converter: None)


def convert_int8(model: Any, images: np.ndarray) -> bytes:
    """Return a keras.Model as a TensorFlow Lite file in int8: weights, activations, input and output.

    Args:
        model: the network.
        images: float32 ``(N, H, W, C)``, scaled as the network takes them; they tell the range of values.

    Raises:
        RunError: as ``convert``.
    """
    import tensorflow as tf

    def in_bytes(converter: Any) -> None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([image[None]] for image in images)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8

    return _converted(model, in_bytes)


def probabilities(file: Path, images: np.ndarray) -> np.ndarray:
    """Return what a TensorFlow Lite file gives float32 images ``(N, H, W, C)``: ``(N, classes)``."""
    return _answers(_interpreter(file), images)


def compare(
    files: tuple[Path, Path],
    classifier: Classifier,
    images: np.ndarray,
    labels: np.ndarray,
    progress: Callable[[float], None],
) -> Agreement:
    """Ask the float file and the int8 file about the same images, uint8 ``(N, H, W, C)``, N at least 1."""
    chosen = np.unique(np.linspace(0, len(images) - 1, min(COMPARED, len(images))).astype(int))
    interpreters = [_interpreter(file) for file in files]
    answers: list[list[np.ndarray]] = [[], []]
    for start in range(0, len(chosen), 256):
        progress(start / len(chosen))
        seen = classifier.preprocessing.scale(images[chosen[start : start + 256]].astype(np.float32))
        for interpreter, found in zip(interpreters, answers, strict=True):
            found.append(_answers(interpreter, seen).argmax(axis=1))
    exact, rounded = (np.concatenate(found) for found in answers)
    truth = labels[chosen]
    return Agreement(
        n=len(chosen),
        agreement=float((exact == rounded).mean()),
        float_accuracy=float((exact == truth).mean()),
        int8_accuracy=float((rounded == truth).mean()),
    )


def _interpreter(file: Path) -> Any:
    import tensorflow as tf

    return tf.lite.Interpreter(model_path=str(file), num_threads=machine.cores())


def _answers(interpreter: Any, images: np.ndarray) -> np.ndarray:
    batches = np.split(images, range(_BATCH, len(images), _BATCH))
    return np.concatenate([_asked(interpreter, batch) for batch in batches])


def _asked(interpreter: Any, batch: np.ndarray) -> np.ndarray:
    entry = interpreter.get_input_details()[0]
    interpreter.resize_tensor_input(entry["index"], batch.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(entry["index"], _as_bytes(batch, *entry["quantization"]))
    interpreter.invoke()
    exit_ = interpreter.get_output_details()[0]
    scale, zero = exit_["quantization"]
    answer = interpreter.get_tensor(exit_["index"])
    return (answer.astype(np.float32) - zero) * scale if scale else answer


def _as_bytes(batch: np.ndarray, scale: float, zero: int) -> np.ndarray:
    """Return what the file takes in: ``round(x / scale) + zero`` as int8, or float32 where scale is 0."""
    return np.clip(np.round(batch / scale) + zero, -128, 127).astype(np.int8) if scale else batch


def _converted(model: Any, prepare: Callable[[Any], None]) -> bytes:
    import tensorflow as tf

    _refuse_too_large(model)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    prepare(converter)
    talk = contextlib.redirect_stdout(io.StringIO())  # Keras prints the tensors of what it hands over
    try:
        with talk, warnings.catch_warnings(action="ignore"):
            return converter.convert()
    except Exception as error:  # the converter raises what its compiler prints, pages of it
        raise RunError("TensorFlow Lite cannot convert this network; take model.keras instead.") from error


def _refuse_too_large(model: Any) -> None:
    weights = sum(int(np.prod(weight.shape)) for weight in model.weights) * 4
    needed, free = weights * _BYTES_PER_WEIGHT_BYTE, machine.free_bytes()
    if needed > free:
        raise RunError(
            f"Converting {weights / 1e6:,.0f} MB of weights needs {needed / 1e9:.1f} GB of memory and "
            f"{free / 1e9:.1f} GB are free; export it on a larger computer."
        )
