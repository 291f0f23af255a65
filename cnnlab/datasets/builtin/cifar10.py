"""CIFAR-10 (Krizhevsky, 2009): the archive of the author's page, read without trusting it.

It holds ``data_batch_1`` … ``data_batch_5`` and ``test_batch``, each a pickled dictionary: ``b"data"`` uint8
``(10000, 3 * 32 * 32)``, the red plane first, and ``b"labels"``.
"""

import pickle
import tarfile
from typing import IO

import numpy as np

from cnnlab.datasets.imageset import ImageSet, LoadOptions, Progress, Samples
from cnnlab.datasets.registry import register
from cnnlab.languages import texts
from cnnlab.remote import RemoteFile, damaged, fetch

ARCHIVE = RemoteFile(
    name="cifar-10-python.tar.gz",
    url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    megabytes=170.5,
    keras_name="cifar-10-batches-py-target_archive",
)


@register(
    title="CIFAR-10",
    source="A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009)",
    licence=texts("free to use; cite the report"),
    lesson=texts("The standard benchmark: small enough for a laptop, hard enough to tell networks apart."),
    summary=texts("60,000 colour photographs of 32 × 32 pixels in ten classes, 10,000 of them for testing."),
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    images=60_000,
    native_shape=(32, 32, 3),
    files=(ARCHIVE,),
    training=(5000,) * 10,
    test=(1000,) * 10,
)
def cifar10(options: LoadOptions, progress: Progress) -> Samples:
    """Return the photographs of the archive."""
    path, batches = fetch(ARCHIVE, progress), {}
    with damaged(path), tarfile.open(path) as archive:
        for member in archive:
            if "_batch" in member.name and (file := archive.extractfile(member)):
                batches[member.name.rpartition("/")[2]] = _batch(file)
                progress(len(batches) / 6, f"{len(batches)} of 6 files")
        train = _joined([batches[f"data_batch_{number}"] for number in range(1, 6)])
        test = _joined([batches["test_batch"]])
    return Samples(train, test)


class _PlainUnpickler(pickle.Unpickler):
    """Admits numpy arrays and nothing else: an archive put there by hand must not run code."""

    ALLOWED = frozenset({"_reconstruct", "ndarray", "dtype"})

    def find_class(self, module: str, name: str) -> object:
        """Return one of numpy's three array builders."""
        if module.partition(".")[0] != "numpy" or name not in self.ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def _batch(file: IO[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(N, 32, 32, 3)`` images and their labels."""
    batch = _PlainUnpickler(file, encoding="bytes").load()
    planes = np.asarray(batch[b"data"], np.uint8).reshape(-1, 3, 32, 32)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), np.asarray(batch[b"labels"], np.int64)


def _joined(batches: list[tuple[np.ndarray, np.ndarray]]) -> ImageSet:
    pixels, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    if len(pixels) != len(labels) or labels.min() < 0 or labels.max() > 9:
        raise ValueError("images and labels do not fit")
    return ImageSet.numbered(pixels, labels, "photo")
