"""What people note on a run after it began: another name, a star. Its settings are never rewritten."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cnnlab.runs.status import write_json

LONGEST_NAME = 80


@dataclass(frozen=True)
class Notes:
    """The notes on one run; an empty name means the one it was started with."""

    name: str = ""
    starred: bool = False


def read(folder: Path) -> Notes:
    """Return the notes in a run folder; a missing or damaged file reads as none."""
    try:
        values = json.loads((folder / "notes.json").read_bytes())
        return Notes(str(values["name"])[:LONGEST_NAME], bool(values["starred"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Notes()


def write(folder: Path, notes: Notes) -> None:
    """Replace the notes in a run folder; a name becomes one line of at most ``LONGEST_NAME`` characters."""
    name = " ".join(notes.name.split())[:LONGEST_NAME]
    write_json(folder / "notes.json", asdict(notes) | {"name": name})
