"""Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017, arXiv:1708.07747) as its authors publish it: four IDX files."""

import gzip

import numpy as np

from cnnlab.datasets.imageset import ImageSet, LoadOptions, Progress, Samples
from cnnlab.datasets.registry import register
from cnnlab.languages import texts
from cnnlab.remote import RemoteFile, damaged, fetch

SERVER = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
PARTS = {  # images and labels; no checksum is published, but gzip has its own
    part: tuple(
        RemoteFile(name, SERVER + name, "", megabytes, keras_name=f"fashion-mnist/{name}")
        for name, megabytes in (
            (f"{part}-images-idx3-ubyte.gz", images_mb),
            (f"{part}-labels-idx1-ubyte.gz", 0.03),
        )
    )
    for part, images_mb in (("train", 26.4), ("t10k", 4.4))
}


@register(
    title="Fashion-MNIST",
    source="H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST (2017), arXiv:1708.07747",
    licence="MIT",
    lesson=texts("As small as MNIST and harder: shirt, pullover and coat look alike in 28 × 28 pixels."),
    summary=texts("70,000 pictures of clothes from a shop, 28 × 28 pixels, 10,000 of them for testing."),
    classes=(
        *("T-shirt", "trouser", "pullover", "dress", "coat"),
        *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
    ),
    images=70_000,
    native_shape=(28, 28, 1),
    files=PARTS["train"] + PARTS["t10k"],
    training=(6000,) * 10,
    test=(1000,) * 10,
)
def fashion_mnist(options: LoadOptions, progress: Progress) -> Samples:
    """Return the images of the four files."""
    train, test = (_read(PARTS[part], progress) for part in ("train", "t10k"))
    return Samples(train, test)


def _read(files: tuple[RemoteFile, ...], progress: Progress) -> ImageSet:
    images_file, labels_file = files
    paths = fetch(images_file, progress), fetch(labels_file, progress)
    with damaged(paths[0]), gzip.open(paths[0]) as pixels, gzip.open(paths[1]) as numbers:
        images = np.frombuffer(pixels.read(), np.uint8, offset=16).reshape(-1, 28, 28, 1)
        return ImageSet.numbered(images, np.frombuffer(numbers.read(), np.uint8, offset=8), "item")
