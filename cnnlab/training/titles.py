"""What a run's network and dataset are called, whatever has become of them, and a run that has no title."""

from contextlib import suppress
from pathlib import Path

from cnnlab import architectures
from cnnlab.datasets.own.folder import dataset_folder
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.runs import naming
from cnnlab.settings import RunConfig


def architecture_title(name: str) -> str:
    """Return the title of a network; of one that is gone its name."""
    with suppress(CnnLabError, OSError, ValueError):
        return architectures.get(name).title
    return str(name)


def dataset_title(name: str) -> str:
    """Return the title of a dataset; of one that is gone, or is of another machine, its bare name.

    It is asked for every run of a list: a folder outside of the library is called by its name, unread.
    """
    if name in BUILT_IN:
        return BUILT_IN[name].info.title
    with suppress(CnnLabError, OSError, ValueError):
        return dataset_folder(name).title
    return Path(str(name)).name


def architecture_in_words(name: str) -> str:
    """Return the title of a network in the language of the page; one that somebody gave stays."""
    with suppress(CnnLabError, OSError, ValueError):
        known = architectures.get(name)
        return known.title if known.definition else _(known.title)
    return str(name)


def dataset_in_words(name: str) -> str:
    """Return the title of a dataset in the language of the page; one that somebody gave stays."""
    title = dataset_title(name)
    return _(title) if name in BUILT_IN else title


def run_title(config: RunConfig) -> str:
    """Return what a run with these settings is called: ``LeNet-5 on Digits``."""
    return f"{architecture_title(config.architecture)} on {dataset_title(config.dataset)}"


naming.ask(run_title)
