"""The built-in datasets. ``@register`` adds one under its function's own name.

    @register(title="Digits", source="…", licence="…", lesson="…", classes="0123456789",
              images=1797, native_shape=(8, 8, 1))
    def digits(options, progress):
        \"\"\"Handwritten digits.\"\"\"
        return Samples(ImageSet.numbered(pixels, labels, "digit"))

The docstring's first line is the summary. The function may return any size and colour: ``load`` fits both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.datasets.imageset import DatasetInfo, LoadOptions, Progress, Samples
from cnnlab.datasets.sources import Source
from cnnlab.remote import RemoteFile

Loader = Callable[[LoadOptions, Progress], Samples]


@dataclass(frozen=True)
class BuiltIn:
    """A registered dataset: its facts, its loader, and the files it needs from the network."""

    info: DatasetInfo
    load: Loader
    files: tuple[RemoteFile, ...] = ()
    archive: Callable[[], Source] | None = None
    """Opens the picture files it is made of, if it is."""


BUILT_IN: dict[str, BuiltIn] = {}


def register(
    *,
    classes: Sequence[str],
    files: Sequence[RemoteFile] = (),
    archive: Callable[[], Source] | None = None,
    **facts: Any,
) -> Callable[[Loader], Loader]:
    """Register the decorated loader; ``facts`` are the remaining fields of ``DatasetInfo``."""

    def add(loader: Loader) -> Loader:
        info = DatasetInfo(
            name=loader.__name__,
            summary=(loader.__doc__ or "").partition("\n")[0],
            classes=tuple(classes),
            download_mb=sum(file.megabytes for file in files),
            **facts,
        )
        BUILT_IN[info.name] = BuiltIn(info, loader, tuple(files), archive)
        return loader

    return add
