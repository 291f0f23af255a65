"""What a run's network and dataset are called, whatever has become of them."""

from contextlib import suppress
from pathlib import Path

from cnnlab import architectures, datasets
from cnnlab.errors import CnnLabError


def architecture_title(name: str) -> str:
    """Return the title of a network; of one that is gone its name."""
    with suppress(CnnLabError, OSError):
        return architectures.get(name).title
    return str(name)


def dataset_title(name: str) -> str:
    """Return the title of a dataset; of one that is gone, or is of another machine, its bare name."""
    with suppress(CnnLabError, OSError):
        return datasets.get(name).title
    return Path(str(name)).name
