"""Settings that a run keeps whatever becomes of the network that somebody made."""

from cnnlab.architectures.own import library
from cnnlab.settings import RunConfig


def pinned(config: RunConfig) -> RunConfig:
    """Return settings with a snapshot of the network, where that is a person's own.

    Raises:
        ArchitectureError: the file of the network is damaged.
    """
    return config.changed(network=library.snapshot(config.architecture))
