"""Which file shows which class, in which part: read off the names alone, for folders, ZIPs and uploads alike.

rock/anna__001.jpg     one folder per class; a folder around them all does not matter
train/cat/7.jpg        … within parts, see ``parts.py``
cat.12.jpg, dog_3.png  one folder, the class before the number
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from cnnlab.datasets.files import parts
from cnnlab.datasets.files.names import alike, class_in, in_order
from cnnlab.datasets.files.parts import TRAIN, UNLABELLED, UNUSED, Parts
from cnnlab.datasets.imageset import LeftOut, Part
from cnnlab.errors import DatasetError
from cnnlab.languages import texts
from cnnlab.shelf import nfc

MOST_CLASSES = 1000


@dataclass(frozen=True)
class Entry:
    """An image file: its path in its source, its class, its name without the part, and its part's role."""

    path: str
    class_name: str
    name: str
    role: str = TRAIN


@dataclass(frozen=True)
class Listing:
    """What the names in a source say."""

    entries: tuple[Entry, ...]
    classes: tuple[str, ...]
    """Those to train on, in order: the place is the label."""
    parts: tuple[Part, ...] = ()
    """Empty where nothing is divided."""
    left_out: tuple[LeftOut, ...] = ()
    unreadable: tuple[str, ...] = ()
    """Classes of the training part none of whose images can be read."""

    def nested(self) -> tuple[Part, ...]:
        """Return the class folders that have folders in them, as parts that are not used."""
        counts: Counter[str] = Counter()
        for entry in self.entries:
            if (depth := entry.name.count("/")) > 1:
                counts["/".join(entry.path.split("/")[:-depth])] += 1
        return tuple(Part(folder, UNUSED, counts[folder], ()) for folder in in_order(counts))

    def without(self, unread: Collection[str]) -> "Listing":
        """Return what is left when files that cannot be read are taken out."""
        entries = tuple(entry for entry in self.entries if entry.path not in unread)
        classes = in_order(entry.class_name for entry in entries if entry.role == TRAIN)
        left_out = (
            replace(item, names=tuple(name for name in item.names if name not in unread))
            for item in self.left_out
        )
        return replace(
            self,
            entries=entries,
            classes=classes,
            left_out=tuple(item for item in left_out if item.names),
            unreadable=tuple(name for name in self.classes if name not in classes),
        )


def arrange(
    paths: Iterable[str],
    roles: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    known: Collection[str] = (),
) -> Listing:
    """Return which of these images (relative paths, with ``/``) shows which class, ordered by path.

    Args:
        paths: images; those that are hidden are left out.
        roles: what to take folders for; None looks for parts, none at all makes the folders classes.
        names: what classes are called whose folders are named otherwise.
        known: classes that are expected: a folder of such a name is a class, though there is no other.
    """
    images = {path: _split(path) for path in sorted(paths) if not is_hidden(path)}
    if roles is None:
        found = parts.find(images.values())
    else:
        found = {tuple(folder.split("/")): role for folder, role in roles.items()}
    return _Arranged(names or {}, known).arranged(images, found)


def refuse_few_classes(listing: Listing, title: str, least: int = 2) -> None:
    """Refuse what has not at least so many classes to train on; ``title`` names the folder or ZIP.

    Raises:
        DatasetError: too few classes, or more than ``MOST_CLASSES``.
    """
    if not least <= len(listing.classes) <= MOST_CLASSES:
        one = len(listing.classes) == 1
        found = texts(f"only the class {listing.classes[0]}" if one else f"{len(listing.classes)} classes")
        raise DatasetError(
            f"{title} holds {found}; make a folder for each of at least two classes, "
            "or name the files class.1.jpg, class.2.jpg and so on."
        )


def _split(path: str) -> Parts:
    """Return the folders of a path, the outermost first, at most ``DEEPEST``, and its file's name."""
    *folders, name = path.split("/", parts.DEEPEST)
    return (*folders, name.rpartition("/")[2])


def is_hidden(path: str) -> bool:
    """Say whether a file is one that operating systems and version control hide."""
    return path.startswith((".", "__MACOSX/")) or "/." in path or "/__MACOSX/" in path


class _Arranged:
    """Sorts images into classes, part by part."""

    def __init__(self, names: Mapping[str, str], known: Collection[str]):
        self._names, self._known = names, {alike(name) for name in known}
        self.entries: list[Entry] = []
        self.left: dict[str, list[str]] = defaultdict(list)
        self._called_so: dict[str, tuple[str, str]] = {}

    def arranged(self, images: dict[str, Parts], roles: dict[Parts, str]) -> Listing:
        fractions: dict[Parts, dict[str, Parts]] = {folder: {} for folder in roles}
        if not roles:
            self._sort(images, TRAIN)
        else:
            for path, names in images.items():
                folder = next((names[:end] for end in range(1, len(names)) if names[:end] in fractions), None)
                if folder is None:
                    self.left["beside"].append(path)
                else:
                    fractions[folder][path] = names[len(folder) :]
            train = [folder for folder, role in roles.items() if role == TRAIN]
            above = _class_is_above(train, [fractions[folder] for folder in train])
            for folder in train:
                self._sort(fractions[folder], TRAIN, folder[-2] if above else None)
            classes = {alike(entry.class_name): entry.class_name for entry in self.entries}
            for folder in (folder for folder in roles if folder not in train):
                self._sort_other(fractions[folder], roles[folder], classes, folder[-2] if above else None)
        self.entries.sort(key=lambda entry: entry.path)
        return Listing(
            tuple(self.entries),
            in_order(entry.class_name for entry in self.entries if entry.role == TRAIN),
            self._parts(fractions, roles),
            self._left_out(),
        )

    def _sort(self, fraction: dict[str, Parts], role: str, above: str | None = None) -> None:
        """Take a part to train on, or everything: its folders are the classes."""
        if above is None:
            if len({names[0] for names in fraction.values() if len(names) > 1}) == 1:
                fraction = self._without_strays(fraction)
            fraction = _below_shared_folders(fraction, self._known)
        has_folders = any(len(names) > 1 for names in fraction.values())
        copies = _copies(fraction)
        for path, names in fraction.items():
            if names[0] in copies and len(names) > 1:
                self.left[UNUSED].append(path)
            elif above is not None:
                self._add(path, above, names, role)
            elif has_folders:
                if len(names) > 1:
                    self._add(path, names[0], names[1:], role)
                else:
                    self.left["beside"].append(path)
            elif class_name := class_in(names[0]):
                self.entries.append(Entry(path, nfc(class_name), names[0], role))
            else:
                self.left["beside"].append(path)

    def _without_strays(self, fraction: dict[str, Parts]) -> dict[str, Parts]:
        """Leave out files beside the one folder that has all the class folders in it."""
        inner = {path: names for path, names in fraction.items() if len(names) > 1}
        if len({names[1] for names in inner.values() if len(names) > 2}) < 2:
            return fraction
        self.left["beside"] += fraction.keys() - inner.keys()
        return inner

    def _sort_other(
        self, fraction: dict[str, Parts], role: str, classes: dict[str, str], above: str | None
    ) -> None:
        """Take a part that is not trained on: only classes of the training part count."""
        if role in (UNLABELLED, UNUSED):
            self.left[role] += fraction
            return
        while above is None and len(tops := {names[0] for names in fraction.values()}) == 1:
            if self._called(*tops) in classes or min(map(len, fraction.values())) == 1:
                break
            fraction = {path: names[1:] for path, names in fraction.items()}
        for path, names in fraction.items():
            within, rest = (names[0], names[1:]) if len(names) > 1 else (class_in(names[0]), names)
            if above is not None:
                within, rest = above, names
            if within is not None and (name := classes.get(self._called(within))):
                self._add(path, name, rest, role, is_flat=len(names) == 1 and above is None)
            elif within is not None and (len(names) > 1 or above is not None):
                self.left[f"other-class {self._class(within)}"].append(path)
            else:
                self.left[UNLABELLED].append(path)

    def _add(self, path: str, within: str, rest: Parts, role: str, is_flat: bool = False) -> None:
        if within not in self._called_so:
            folder = self._names.get(within, within).replace("/", "∕")
            self._called_so[within] = self._class(within), folder
        name, folder = self._called_so[within]
        self.entries.append(Entry(path, name, rest[-1] if is_flat else "/".join((folder, *rest)), role))

    def _class(self, folder: str) -> str:
        return self._names.get(folder) or nfc(folder)

    def _called(self, folder: str) -> str:
        return alike(self._class(folder))

    def _parts(self, fractions: dict[Parts, dict[str, Parts]], roles: dict[Parts, str]) -> tuple[Part, ...]:
        class_of = {entry.path: entry.class_name for entry in self.entries}
        unlabelled = set(self.left[UNLABELLED])
        found = []
        for folder, fraction in fractions.items():
            classes = in_order(class_of[path] for path in fraction if path in class_of)
            role = UNLABELLED if fraction and unlabelled.issuperset(fraction) else roles[folder]
            found.append(Part("/".join(folder), role, len(fraction), classes))
        return tuple(sorted(found, key=lambda part: (parts.ROLES.index(part.role), part.folder)))

    def _left_out(self) -> tuple[LeftOut, ...]:
        return tuple(
            LeftOut(kind.partition(" ")[0], _sentence(kind, len(names)), tuple(sorted(names)))
            for kind, names in self.left.items()
            if names
        )


def _sentence(kind: str, count: int) -> str:
    name, one = kind.partition(" ")[2], count == 1
    if kind == UNLABELLED:
        return texts(
            "1 image without a class is skipped: no name of a folder or file tells what they show."
            if one
            else f"{count:,} images without a class are skipped: no name of a folder or file tells what they "
            "show."
        )
    if kind == UNUSED:
        return texts(
            "1 image in folders that are no part of the dataset is skipped."
            if one
            else f"{count:,} images in folders that are no part of the dataset are skipped."
        )
    if kind == "beside":
        return texts(
            "1 image beside the class folders is skipped; move them into the folders of their classes."
            if one
            else f"{count:,} images beside the class folders are skipped; move them into the folders of "
            "their classes."
        )
    return texts(
        f"1 image of the class {name} is skipped: the training set has no such class; rename the folder if "
        "it is another name of one."
        if one
        else f"{count:,} images of the class {name} are skipped: the training set has no such class; rename "
        "the folder if it is another name of one."
    )


def _class_is_above(train: list[Parts], fractions: list[dict[str, Parts]]) -> bool:
    """Say whether parts lie within the class folders: ``cat/train/1.jpg`` and ``cat/test/2.jpg``."""
    if any(len(folder) < 2 for folder in train):
        return False
    names = [fraction.values() for fraction in fractions]
    if any(len(parts) > 1 for fraction in names for parts in fraction):
        return False
    return all(len({class_in(file) for (file,) in fraction} - {None}) < 2 for fraction in names)


def _copies(images: dict[str, Parts]) -> set[str]:
    """Return folders that hold nothing but folders of the names beside them: the same dataset once more."""
    within: dict[str, set[str]] = defaultdict(set)
    for names in images.values():
        if len(names) > 1:
            within[names[0]].add(names[1] if len(names) > 2 else "")
    return {folder for folder, inner in within.items() if inner <= within.keys() - {folder}}


def _below_shared_folders(images: dict[str, Parts], known: set[str]) -> dict[str, Parts]:
    """Drop the leading folders that hold everything, as long as classes are still to be seen below them."""
    while len(tops := {names[0] for names in images.values()}) == 1 and alike(*tops) not in known:
        below = {path: names[1:] for path, names in images.items()}
        lengths = Counter(map(len, below.values()))
        flat = set(lengths) == {1} and len({class_in(names[0]) for names in below.values()} - {None}) > 1
        if 0 in lengths or not (1 not in lengths or flat):
            break
        images = below
    return images
