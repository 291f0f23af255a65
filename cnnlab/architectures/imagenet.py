"""A base network with ImageNet weights, as a start for other images: frozen, or open at its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from cnnlab import remote
from cnnlab.architectures.deferred import keras, own_layers
from cnnlab.architectures.registry import PretrainedBase
from cnnlab.errors import ArchitectureError, DownloadError
from cnnlab.remote import Progress, RemoteFile

Weights = Literal["imagenet", "untrained"]
SERVER = "https://storage.googleapis.com/tensorflow/keras-applications"
HDF5 = b"\x89HDF\r\n\x1a\n"
"""The first bytes of a weights file: of MobileNetV2's Keras publishes no checksum."""
MIN_SIZE = 32
"""What ``keras.applications`` asks of an image."""


def weights_path(file: RemoteFile) -> Path:
    """Return where ``keras.applications`` looks for pretrained weights."""
    return remote.keras_home() / "models" / file.name


def fetch_weights(file: RemoteFile, progress: Progress) -> Path:
    """Download pretrained weights to where Keras looks for them; return their path.

    Raises:
        DownloadError: as ``remote.download``.
    """
    return remote.download(file, weights_path(file).parent, progress)


def prepared(image: keras.KerasTensor, mode: str) -> keras.KerasTensor:
    """Return the image as a base network wants it; a gray one is given three times.

    Raises:
        ArchitectureError: the image is too small, or has neither 1 nor 3 channels.
    """
    height, width, channels = image.shape[1:]
    if min(height, width) < MIN_SIZE:
        raise ArchitectureError(
            f"The ImageNet base does not fit an input of {height}×{width}×{channels}: "
            f"its layers need at least {MIN_SIZE}×{MIN_SIZE} pixels."
        )
    if channels not in (1, 3):
        raise ArchitectureError(f"The ImageNet base takes images with 1 or 3 channels, not {channels}.")
    if channels == 1:
        image = keras.layers.Concatenate(name="gray_to_rgb")([image] * 3)
    return own_layers.ImageNetPreprocessing(mode, name="preprocess")(image)


def load_base(base: PretrainedBase, x: keras.KerasTensor, weights: Weights) -> keras.Model:
    """Return the base network without its top, built on ``x``; weights that are missing are fetched.

    Raises:
        ArchitectureError: the weights are not on this computer and cannot be downloaded, or are damaged.
    """
    application = getattr(keras.applications, base.application)
    if weights == "untrained":
        return application(include_top=False, weights=None, input_tensor=x)
    path = weights_path(base.weights)
    try:
        if not path.is_file():
            fetch_weights(base.weights, lambda fraction, doing: None)
        return application(include_top=False, weights="imagenet", input_tensor=x)
    except DownloadError as error:
        raise ArchitectureError(
            f"The ImageNet weights cannot be downloaded: put {path.name} into {path.parent}, "
            "or choose the untrained base."
        ) from error
    except Exception as error:  # Keras raises a bare Exception where it fetches a damaged file anew
        if not isinstance(error, OSError) and "URL fetch failure" not in str(error):
            raise
        raise ArchitectureError(
            f"The ImageNet weights in {path} are damaged: delete the file, or put a whole one there."
        ) from error


def freeze(base: keras.Model, first_layers: Sequence[str], unfreeze_blocks: int) -> None:
    """Let only the last blocks of a base learn; ``first_layers`` names the layer each block begins with.

    A frozen batch norm works in inference mode, and batch norm stays frozen in open blocks too: the few
    images of a lesson would spoil ImageNet's statistics.

    Raises:
        ArchitectureError: there are not so many blocks.
    """
    if not 0 <= unfreeze_blocks <= len(first_layers):
        raise ArchitectureError(
            f"The base has {len(first_layers)} blocks to unfreeze, so choose 0 to {len(first_layers)}, "
            f"not {unfreeze_blocks}."
        )
    opened = False
    for layer in base.layers:
        opened |= layer.name in first_layers[len(first_layers) - unfreeze_blocks :]
        layer.trainable = opened and not isinstance(layer, keras.layers.BatchNormalization)
