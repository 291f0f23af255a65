"""What a folder, a ZIP or an upload holds, before anything is decoded: told so that it can be corrected.

Files are images by their names' endings; of the others a few in each folder are looked into.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from cnnlab import images
from cnnlab.archives import is_system_file
from cnnlab.datasets.files.facts import FACTS, names_in, parts_in
from cnnlab.datasets.files.listing import Listing, arrange, is_hidden, refuse_few_classes
from cnnlab.datasets.files.parts import TRAIN
from cnnlab.datasets.files.sources import FolderSource, Source
from cnnlab.datasets.imageset import LeftOut
from cnnlab.errors import DatasetError, ImageError
from cnnlab.languages import texts

LOOKED_INTO = 8
"""Files of one ending in one folder; if all of these are of one kind, so are the others."""
MOST_NAMES = 1000
UNREAD = "unread"
OTHER = "something else"

_IMAGE_LIKE = re.compile(r"photo|image|drawing|icon|Photoshop|GIMP|HEIC")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")


@dataclass(frozen=True)
class _Notes:
    """What a dataset that was made here says of itself; ``roles`` None says nothing."""

    roles: Mapping[str, str] | None = None
    names: Mapping[str, str] | None = None


def survey(
    source: Source,
    roles: Mapping[str, str] | None = None,
    known: Collection[str] = (),
    least: int = 2,
) -> Listing:
    """Return which file of a source shows which class, and what is left out and why.

    Args:
        source: where the files lie.
        roles: what to take folders for, where a person has said so; see ``listing.arrange``.
        known: classes that are expected.
        least: how many classes there have to be.

    Raises:
        DatasetError: no image that can be read, too few classes, or no part to train on; the sentence says
            what was found.
    """
    if roles and TRAIN not in roles.values():
        raise DatasetError(f"Say which folder of {source.title} holds the training set.")
    paths = [path for path in source.paths() if not (is_hidden(path) or is_system_file(path))]
    notes, kinds = _notes(source, paths), _kinds(source, paths)
    unread = {path: kind for path, kind in kinds.items() if kind and _is_worth_saying(kind)}
    if None not in kinds.values():
        raise _no_images(source, paths, unread)
    image_paths = [path for path, kind in kinds.items() if kind is None or _IMAGE_LIKE.search(kind)]
    listing = arrange(image_paths, notes.roles if roles is None else roles, notes.names, known)
    listing = _brief(listing.without(unread), unread)
    refuse_few_classes(listing, source.title, least)
    return listing


def refuse_unreadable_class(listing: Listing) -> None:
    """Refuse what has a class without one image that can be read: trained on the others, it would be missed.

    Raises:
        DatasetError: there is one; the sentence says what its files are.
    """
    if listing.unreadable:
        found = " ".join(item.sentence for item in listing.left_out if item.kind == UNREAD)
        raise DatasetError(f"Class {listing.unreadable[0]} has no image that can be read. {found}")


def _notes(source: Source, paths: list[str]) -> _Notes:
    """Read what a dataset that was made here says of itself: in the library, unpacked, or in its ZIP."""
    for path in paths:
        home, slash, name = path.rpartition("/")
        if name != FACTS or "/" in home:
            continue
        try:
            facts = json.loads(source.read(path))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(facts, dict) and "added" in facts:
            tops = {below.partition("/")[0] for other in paths if (below := other.removeprefix(home + slash))}
            roles = {f"{home}{slash}{name}": role for name, role in parts_in(facts, tops).items()}
            return _Notes(roles, names_in(facts))
    return _Notes()


def _kinds(source: Source, paths: list[str]) -> dict[str, str | None]:
    """Return what each file is that is no image for us; None for one that is."""
    kinds: dict[str, str | None] = {}
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in paths:
        folder, _, name = path.rpartition("/")
        match = _ENDING.search(name)
        ending = match[0].lower() if match else ""
        if ending in images.SUFFIXES:
            kinds[path] = None
        else:
            alike[folder, ending].append(path)
    for files in alike.values():
        found = {path: _kind(source, path) for path in files[:LOOKED_INTO]}
        if len(set(found.values())) > 1:
            found |= {path: _kind(source, path) for path in files[LOOKED_INTO:]}
        else:
            found = dict.fromkeys(files, found[files[0]])
        kinds |= found
    return kinds


def _kind(source: Source, path: str) -> str | None:
    try:
        if not (head := source.head(path)):
            return OTHER
        if kind := images.kind_of(head):
            return kind
        images.size(source.read(path), path)
    except (ImageError, OSError):
        return OTHER
    return None


def _is_worth_saying(kind: str) -> bool:
    return kind != OTHER and images.remedy(kind) != images.kinds.NOT_AN_IMAGE


def _brief(listing: Listing, unread: Mapping[str, str]) -> Listing:
    """Add what cannot be read, by kind, and keep only so many names of each."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for path, kind in unread.items():
        by_kind[kind].append(path)
    added = (
        LeftOut(UNREAD, unread_sentence(kind, len(paths)), tuple(paths)) for kind, paths in by_kind.items()
    )
    shortened = (replace(item, names=item.names[:MOST_NAMES]) for item in (*listing.left_out, *added))
    return replace(listing, left_out=tuple(shortened))


def unread_sentence(kind: str, count: int) -> str:
    """Say that files of a kind that no decoder here reads are skipped, and what to do about them."""
    found, remedy = images.counted(kind, count), images.remedy(kind)
    return texts(
        f"{found} cannot be read and is skipped: {remedy}."
        if count == 1
        else f"{found} cannot be read and are skipped: {remedy}."
    )


def _no_images(source: Source, paths: list[str], unread: Mapping[str, str]) -> DatasetError:
    title, counts = source.title, Counter(unread.values())
    if any(path.rpartition("/")[2] == "cnnlab-run.json" for path in paths):
        return DatasetError(f"{title} is a run of CNN Lab, not a dataset; open it on the page Runs.")
    if counts:
        found = ", ".join(images.counted(kind, count) for kind, count in counts.most_common(3))
        remedy = images.remedy(counts.most_common(1)[0][0])
        return DatasetError(f"{title} holds no images, but {found}: {remedy}.")
    if linked := isinstance(source, FolderSource) and source.linked_folders():
        return DatasetError(
            f"{title} holds no images, only links to folders ({', '.join(linked[:3])}), which are not "
            "followed; put the folders themselves there."
        )
    return DatasetError(
        f"{title} holds no images; it needs a folder for each class with PNG, JPEG or other image files."
    )
