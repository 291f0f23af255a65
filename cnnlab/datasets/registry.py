"""The register of built-in datasets. ``@register`` adds one under its function's own name.

It knows none of them: ``builtin/`` fills it.

    @register(title=texts("Digits"), source="…", licence="…", lesson=texts("…"), classes="0123456789",
              images=1797, native_shape=(8, 8, 1))
    def digits(options, progress):
        \"\"\"Handwritten digits.\"\"\"
        return Samples(ImageSet.numbered(pixels, labels, "digit"))

The docstring's first line is the summary, unless ``summary`` is given. What pages say in other languages
too is marked with ``texts``. The function may return any size and colour: ``load`` fits both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.datasets.files.sources import Source
from cnnlab.datasets.imageset import DatasetInfo, LoadOptions, Progress, Samples
from cnnlab.remote import RemoteFile

Loader = Callable[[LoadOptions, Progress], Samples]


@dataclass(frozen=True)
class BuiltIn:
    """A registered dataset: its facts, its loader, and the files it needs from the network."""

    info: DatasetInfo
    load: Loader
    files: tuple[RemoteFile, ...] = ()
    archive: Callable[[], Source] | None = None
    """Opens the image files it is made of, if it is."""
    training: tuple[int, ...] = ()
    """Images of each class in its training part, as its owner publishes them; empty: all have as many."""
    test: tuple[int, ...] = ()
    """The same of its test part; empty where it has none."""
    draws_as_many_as_asked: bool = False
    """Whether ``LoadOptions.max_per_class`` is how many it makes of each class, not the most it takes."""
    names: tuple[str, ...] = ()
    """Its images in the loader's order, ``CLASS/PERSON__NUMBER``, where they name people; else empty."""

    @property
    def training_sizes(self) -> tuple[int, ...]:
        """Images of each class before its training part is split."""
        classes = len(self.info.classes)
        return self.training or (self.info.images // classes,) * classes


BUILT_IN: dict[str, BuiltIn] = {}
"""The datasets of ``builtin/`` by name, in the order people see them."""


def register(
    *,
    classes: Sequence[str],
    files: Sequence[RemoteFile] = (),
    archive: Callable[[], Source] | None = None,
    training: Sequence[int] = (),
    test: Sequence[int] = (),
    draws_as_many_as_asked: bool = False,
    names: Sequence[str] = (),
    summary: str = "",
    **facts: Any,
) -> Callable[[Loader], Loader]:
    """Register the decorated loader; ``facts`` are the remaining fields of ``DatasetInfo``.

    Raises:
        ValueError: another dataset has this name.
    """

    def add(loader: Loader) -> Loader:
        if known := BUILT_IN.get(loader.__name__):
            raise ValueError(
                f"There is a dataset {known.info.name} already, in {known.load.__module__}; rename one."
            )
        info = DatasetInfo(
            name=loader.__name__,
            summary=summary or (loader.__doc__ or "").partition("\n")[0],
            classes=tuple(classes),
            download_mb=sum(file.megabytes for file in files),
            **facts,
        )
        sizes = tuple(training), tuple(test)
        BUILT_IN[info.name] = BuiltIn(
            info, loader, tuple(files), archive, *sizes, draws_as_many_as_asked, tuple(names)
        )
        return loader

    return add
