"""Datasets: what exists, what it is good for, and its images, split for training.

``load("digits")`` gives ``Splits`` of uint8 images ``(N, H, W, C)``; ``load`` also takes a folder or ZIP.
A new built-in dataset is one file in ``builtin/`` and one line in its ``__init__.py``.
"""

from cnnlab.datasets.catalogue import (
    catalogue,
    check,
    download,
    get,
    import_files,
    import_zip,
    is_ready,
    load,
    load_everything,
    names,
    preview,
    version,
)
from cnnlab.datasets.file_facts import (
    encoded,
    image_sides,
    image_sizes,
    names_people,
    original,
    ways_to_split,
)
from cnnlab.datasets.imageset import (
    DatasetInfo,
    ImageSet,
    LeftOut,
    LoadOptions,
    Part,
    Preview,
    Progress,
    Samples,
    Skipped,
    Splits,
    in_turn,
)
from cnnlab.datasets.own.deleted import restore
from cnnlab.datasets.own.export import export_zip
from cnnlab.datasets.own.library import extend, remove, rename
from cnnlab.datasets.planned import PlannedSplit, planned, planned_images
from cnnlab.datasets.registry import register

__all__ = [
    "DatasetInfo",
    "ImageSet",
    "LeftOut",
    "LoadOptions",
    "Part",
    "PlannedSplit",
    "Preview",
    "Progress",
    "Samples",
    "Skipped",
    "Splits",
    "catalogue",
    "check",
    "download",
    "encoded",
    "export_zip",
    "extend",
    "get",
    "image_sides",
    "image_sizes",
    "import_files",
    "import_zip",
    "in_turn",
    "is_ready",
    "load",
    "load_everything",
    "names",
    "names_people",
    "original",
    "planned",
    "planned_images",
    "preview",
    "register",
    "remove",
    "rename",
    "restore",
    "version",
    "ways_to_split",
]
