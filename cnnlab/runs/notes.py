"""What people note on a run later: another name, a star, a text. Its settings are never rewritten."""

from dataclasses import asdict, dataclass
from pathlib import Path

from cnnlab.errors import RunError
from cnnlab.runs import reading, status
from cnnlab.runs.reading import DamagedError, is_text, showable
from cnnlab.shelf import nfc, write_json

LONGEST_NAME = 80
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Notes:
    """The notes on one run; an empty name means the one it was started with."""

    name: str = ""
    starred: bool = False
    text: str = ""


def read(folder: Path) -> Notes:
    """Return the notes in a run folder; a missing or damaged file reads as none."""
    try:
        values = reading.document(folder / "notes.json")
    except (OSError, DamagedError):
        return Notes()
    name, text = (showable(said) if is_text(said := values.get(key)) else "" for key in ("name", "text"))
    return Notes(name[:LONGEST_NAME], values.get("starred") is True, text[:LONGEST_TEXT])


def write(folder: Path, notes: Notes) -> None:
    """Replace the notes in a run folder; a name becomes one line of at most ``LONGEST_NAME`` characters.

    Of the text ``LONGEST_TEXT`` characters are kept, without the white space around them.

    Raises:
        RunError: the folder cannot be written.
    """
    name, text = nfc(" ".join(notes.name.split()))[:LONGEST_NAME], notes.text.strip()[:LONGEST_TEXT]
    try:
        write_json(folder / "notes.json", asdict(notes) | {"name": name, "text": text})
    except OSError as error:
        raise RunError(
            f"The run {folder.name} cannot be noted on ({error.strerror}); free some space."
        ) from error
    status.written.add(folder)
