"""Cats and dogs: the 3,000 photographs of TensorFlow's tutorial on transfer learning, read from their ZIP."""

from cnnlab.datasets.files.loading import load_published, published
from cnnlab.datasets.files.sources import ZipSource
from cnnlab.datasets.imageset import LoadOptions, Progress, Samples
from cnnlab.datasets.registry import register
from cnnlab.languages import texts
from cnnlab.remote import RemoteFile

ARCHIVE = RemoteFile(
    name="cats_and_dogs_filtered.zip",
    url="https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip",
    sha256="",  # none is published: the ZIP's own sums have to do
    megabytes=68.6,
    keras_name="cats_and_dogs.zip",
    begins=b"PK",
)
CLASSES = ("cats", "dogs")


def archive() -> ZipSource:
    """Open the ZIP: ``train/cats/cat.0.jpg``, ``validation/dogs/dog.2499.jpg``."""
    return published(ARCHIVE)


@register(
    title=texts("Cats and dogs"),
    source=texts(
        "Google's selection (2018) from Kaggle's Dogs vs. Cats (2013), photographs of Petfinder.com"
    ),
    licence=texts("none is stated; see the source"),
    lesson=texts("Photographs as they come, and few of them: a network of its own soon overfits."),
    summary=texts("3,000 photographs of cats and dogs in many sizes, 1,000 of them for testing."),
    classes=CLASSES,
    images=3000,
    files=(ARCHIVE,),
    archive=archive,
    training=(1000, 1000),
    test=(500, 500),
)
def cats_and_dogs(options: LoadOptions, progress: Progress) -> Samples:
    """Return the photographs of the ZIP."""
    return load_published(archive(), CLASSES, options, progress)
