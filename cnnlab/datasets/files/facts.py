"""``dataset.json``: what a dataset that was made here says of itself, in its folder and in its ZIP."""

from collections.abc import Iterable, Mapping
from typing import Any

from cnnlab.datasets.files.parts import ROLES, TEST, TRAIN
from cnnlab.shelf import nfc

FACTS = "dataset.json"
_OLD_PARTS = {"train": TRAIN, "training": TRAIN} | dict.fromkeys(
    ("test", "testing", "validation", "valid", "val"), TEST
)
"""Names of parts in datasets that do not say in their facts which they have."""


def parts_in(facts: Mapping[str, Any], folders: Iterable[str]) -> dict[str, str]:
    """Return the role of each folder that is a part, as facts of a dataset made here say; maybe none is."""
    if isinstance(parts := facts.get("parts"), dict):
        return {name: role for name, role in parts.items() if role in ROLES and _is_inside(name)}
    found = {name: _OLD_PARTS[name.lower()] for name in folders if name.lower() in _OLD_PARTS}
    return found if {TRAIN, TEST} <= set(found.values()) else {}


def _is_inside(folder: str) -> bool:
    """Whether the path of a folder does not lead out of its dataset."""
    return not folder.startswith(("/", "\\")) and ".." not in folder.replace("\\", "/").split("/")


def names_in(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return what the classes are called whose folders are named otherwise, by their folders."""
    names = facts.get("names")
    known = names.items() if isinstance(names, dict) else ()
    return {str(folder): nfc(str(name)) for folder, name in known if str(name).strip()}
