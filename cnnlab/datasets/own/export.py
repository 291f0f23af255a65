"""A dataset of the library as a ZIP, such as ``import_zip`` reads back: same classes, groups and pixels."""

import zipfile
from typing import IO

from cnnlab import access, strict_json
from cnnlab.datasets.files.facts import FACTS
from cnnlab.datasets.files.sources import FolderSource
from cnnlab.datasets.files.survey import survey
from cnnlab.datasets.imageset import Progress
from cnnlab.datasets.own.folder import dataset_folder


def export_zip(name: str, file: IO[bytes], progress: Progress | None = None) -> None:
    """Write a dataset into ``file``, image by image: never more than one of them is in memory.

    Raises:
        DatasetError: there is no such dataset, or it has no two classes with images yet.
    """
    dataset = dataset_folder(name)
    source = FolderSource(dataset.path)
    paths = [entry.path for entry in survey(source).entries]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # images are compressed already
        for number, path in enumerate(paths):
            if progress and number % (len(paths) // 100 + 1) == 0:
                progress(number / len(paths), f"{number:,} of {len(paths):,} images")
            try:
                data = source.read(path)
            except FileNotFoundError:  # deleted by somebody since the list was made
                continue
            archive.writestr(f"{name}/{path}", data)
        if dataset.is_ours:
            kept_here = {access.OWNER, "open"}  # whose it is means something on this server only
            facts = {key: value for key, value in dataset.facts.items() if key not in kept_here}
            archive.writestr(f"{name}/{FACTS}", strict_json.dumps(facts))
