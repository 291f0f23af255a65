"""MNIST (LeCun, Cortes, Burges, 1998) as Keras publishes it: one file of arrays."""

import numpy as np

from cnnlab.datasets.imageset import ImageSet, LoadOptions, Progress, Samples
from cnnlab.datasets.registry import register
from cnnlab.languages import texts
from cnnlab.remote import RemoteFile, damaged, fetch

ARRAYS = RemoteFile(
    name="mnist.npz",
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    megabytes=11.5,
)


@register(
    title="MNIST",
    source="Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits (1998)",
    licence="CC BY-SA 3.0",
    lesson=texts("The digits that every paper of the nineties was measured on; LeNet-5 was made for them."),
    summary=texts("70,000 handwritten digits of 28 × 28 pixels, 10,000 of them for testing."),
    classes="0123456789",
    images=70_000,
    native_shape=(28, 28, 1),
    files=(ARRAYS,),
    training=(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    test=(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
)
def mnist(options: LoadOptions, progress: Progress) -> Samples:
    """Return the digits of the file."""
    path = fetch(ARRAYS, progress)
    with damaged(path), np.load(path, allow_pickle=False) as arrays:
        train, test = (
            ImageSet.numbered(arrays[f"x_{part}"][..., None], arrays[f"y_{part}"], "digit")
            for part in ("train", "test")
        )
    return Samples(train, test)
