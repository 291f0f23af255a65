"""Rock, paper, scissors (Moroney, 2019): rendered hands, read from the two ZIPs of its author.

The addresses and checksums are those that TensorFlow Datasets publishes.
"""

from cnnlab.datasets.files.loading import load_published, published
from cnnlab.datasets.files.sources import PartsSource
from cnnlab.datasets.imageset import LoadOptions, Progress, Samples
from cnnlab.datasets.registry import register
from cnnlab.languages import texts
from cnnlab.remote import RemoteFile

SERVER = "https://storage.googleapis.com/download.tensorflow.org/data"
TRAIN = RemoteFile(
    name="rps.zip",
    url=f"{SERVER}/rps.zip",
    sha256="c2403444395842ad04c53612bad54b574443eae17a0723117a2ff87b9d72194f",
    megabytes=200.7,
)
TEST = RemoteFile(
    name="rps-test-set.zip",
    url=f"{SERVER}/rps-test-set.zip",
    sha256="c27ab9fa43ce40b2e453de711365b477f4424586edf0388116674fd320f07503",
    megabytes=29.5,
)
CLASSES = ("paper", "rock", "scissors")


def archives() -> PartsSource:
    """Open both ZIPs as one: ``train/rock/rock01-000.png``, ``test/rock/testrock01-00.png``."""
    return PartsSource({"train": published(TRAIN), "test": published(TEST)})


@register(
    title=texts("Rock, paper, scissors"),
    source="Laurence Moroney, Rock, Paper, Scissors Dataset (2019), laurencemoroney.com",
    licence="CC BY 2.0",
    lesson=texts("Hands rendered by a computer: does what they teach hold for your own before the webcam?"),
    summary=texts(
        "2,892 rendered hands on white that show rock, paper or scissors, 372 of them for testing."
    ),
    classes=CLASSES,
    images=2892,
    native_shape=(300, 300, 3),
    files=(TRAIN, TEST),
    archive=archives,
    training=(840, 840, 840),
    test=(124, 124, 124),
)
def rock_paper_scissors(options: LoadOptions, progress: Progress) -> Samples:
    """Return the hands of both ZIPs."""
    return load_published(archives(), CLASSES, options, progress)
