"""What people delete is kept for a day, out of sight, and comes back with the token of its deletion.

    .deleted/0f3a…/part/my-hands/rock/anna__1.jpg    an image, where it was in its dataset
    .deleted/77b2…/whole/my-hands                    a dataset

Files are only ever moved: a deletion is over at once, and half of one does not exist.
"""

import contextlib
import glob
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cnnlab import access, workspace
from cnnlab.datasets.own.folder import SHELF, DatasetFolder, dataset_folder
from cnnlab.errors import DatasetError
from cnnlab.shelf import Trashed


@dataclass(frozen=True)
class Kept:
    """Something that was deleted and can be brought back with its token.

    Args:
        token: for ``restore``.
        dataset: the name of its dataset.
        title: what people call that dataset.
        whole: whether the dataset itself was deleted, not some of its images.
        images: how many files would come back.
        classes: the classes that they show.
        seconds: how long it is kept from now on.
        owner: whose the dataset is, see ``access``.
    """

    token: str
    dataset: str
    title: str
    whole: bool
    images: int
    classes: tuple[str, ...]
    seconds: float
    owner: str = ""


def kept(dataset: str | None = None) -> list[Kept]:
    """Return what can be brought back, the last deletion first; of one dataset or of all."""
    found = []
    for one in SHELF.trashed():
        with contextlib.suppress(OSError, ValueError):  # brought back or purged this very moment
            [content] = one.place.glob("*/*")
            if dataset in (None, content.name):
                found.append(_seen(one, content))
    return [one for one in found if one.images or one.classes]


def is_kept(token: str) -> bool:
    """Whether ``restore`` would find something under this token."""
    return SHELF.place(token) is not None


def is_empty(dataset: str | None = None) -> bool:
    """Whether nothing can be brought back, of one dataset or of all; costs next to nothing."""
    return not any(not dataset or any(one.place.glob(f"*/{glob.escape(dataset)}")) for one in SHELF.trashed())


def _seen(one: Trashed, content: Path) -> Kept:
    whole = content.parent.name == "whole"
    facts = DatasetFolder(content)
    if not whole:
        with contextlib.suppress(DatasetError):
            facts = dataset_folder(content.name)
    files = [(Path(parent), name) for parent, _, names in os.walk(content) for name in names]
    images = [(parent, name) for parent, name in files if not name.startswith(".") and parent != content]
    folders = {parent for parent, _ in images}
    folders |= {Path(parent) for parent, inner, names in os.walk(content) if not (inner or names)}
    classes = tuple(sorted({facts.class_name(folder) for folder in folders - {content}}))
    return Kept(
        one.token, content.name, facts.title, whole, len(images), classes, one.seconds_left, facts.owner
    )


def discard_dataset(name: str) -> str:
    """Move a dataset out of the library; return the token for ``restore``."""
    return SHELF.discard(name)


def discard_parts(name: str, paths: Iterable[str]) -> str:
    """Move images or class folders, relative to their dataset, out of it; return the token for ``restore``.

    What is not there any more is left out: somebody else was quicker.
    """
    kept = SHELF.new_place()
    (kept / "part" / name).mkdir(parents=True)
    for path in paths:
        target = kept / "part" / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            (SHELF.path(name) / path).rename(target)
    return kept.name


@workspace.writing()
def restore(token: str) -> str:
    """Bring back what was moved away under a token; return the name of its dataset.

    Raises:
        DatasetError: it was not deleted or too long ago; its dataset is gone; its name is taken by now.
        AccessError: the dataset is not the visitor's.
    """
    purge()
    if not (kept := SHELF.place(token)):
        raise DatasetError("This is gone for good; what is deleted is kept for a day.")
    [place] = kept.glob("*/*")
    whole = place if place.parent.name == "whole" else SHELF.path(place.name)
    access.require(DatasetFolder(whole).owner, "restore what was deleted of this dataset")
    if place.parent.name == "whole":
        try:
            return SHELF.restore(token)
        except FileExistsError as error:
            raise DatasetError(
                f"There is a new dataset in the place of {place.name}; delete that one first."
            ) from error
    if not (home := SHELF.path(place.name)).is_dir():
        raise DatasetError(f"The dataset {home.name} is deleted too; bring it back first.")
    _move_back(place, home)
    shutil.rmtree(kept, ignore_errors=True)
    return home.name


def _move_back(place: Path, home: Path) -> None:
    for parent, folders, files in os.walk(place):
        target = home / Path(parent).relative_to(place)
        if files or not folders:
            target.mkdir(parents=True, exist_ok=True)
        for file in files:
            (Path(parent) / file).rename(target / file)


def purge() -> None:
    """Delete for good what was deleted more than a day ago; deletions do so, and server starts."""
    SHELF.purge()
