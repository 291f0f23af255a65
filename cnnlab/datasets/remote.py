"""Files of datasets from the network; see :mod:`cnnlab.remote`."""

from cnnlab.remote import RemoteFile, damaged, fetch

__all__ = ["RemoteFile", "damaged", "fetch"]
