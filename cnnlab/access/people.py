"""What students call themselves, by their ids: optional, shown to the teacher, forgotten when asked to."""

import json
from pathlib import Path

from cnnlab import workspace
from cnnlab.access import secret
from cnnlab.access.visitor import called, is_owner, refuse_follower
from cnnlab.errors import AccessError
from cnnlab.shelf import nfc, write_json

LONGEST_NAME = 40
MOST_NAMES = 5_000
_kept: dict[Path, tuple[int, dict[str, str]]] = {}


def name_of(owner: str | None) -> str:
    """Return the name of an owner; empty where they gave none. The file is read again once it has changed."""
    return _names().get(owner or "", "")


def shown(owner: str | None) -> str:
    """Return how a teacher's page names an owner: by name, else ``Student 3fa9``, ``Teacher``, ``nobody``."""
    return name_of(owner) or called(owner)


def call(owner: str, name: str) -> str:
    """Keep the name of a student, in one line and not too long; an empty one is forgotten. Return it.

    Raises:
        AccessError: there is no such student, there are too many names, or it cannot be written.
    """
    refuse_follower()
    name = " ".join("".join(c if c.isprintable() else " " for c in nfc(name)).split())[:LONGEST_NAME].strip()
    if not is_owner(owner):
        raise AccessError("This browser keeps no cookies, so it can have no name; allow cookies and reload.")
    try:
        path = secret.folder() / "names.json"
        with workspace.locked("access"):
            known = dict(_names())
            known.pop(owner, None)
            if name and len(known) >= MOST_NAMES:
                raise AccessError(f"There are {MOST_NAMES:,} names already; the teacher can delete some.")
            write_json(path, known | ({owner: name} if name else {}))
    except OSError as error:
        raise AccessError(f"The name cannot be kept ({error.strerror}); free some space.") from error
    return name


def _names() -> dict[str, str]:
    path = workspace.home() / "access" / "names.json"
    try:
        changed = path.stat().st_mtime_ns
        if _kept.get(path, (0,))[0] != changed:
            values = json.loads(path.read_bytes())
            found = {k: v[:LONGEST_NAME] for k, v in values.items() if is_owner(k) and isinstance(v, str)}
            _kept.clear()
            _kept[path] = changed, found
        return _kept[path][1]
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
