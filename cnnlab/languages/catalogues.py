"""What the catalogues say: gettext's files, read once."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh": "中文"}
"""Each language by its own name."""
FOLDER = Path(__file__).parent
SENTENCE = "sentence"
"""The flag of a message that code raises or stores, and a page recognises by its words."""

SCRIPTS = "frontend-"
"""The names of the catalogues of the browser's scripts begin so."""

Known = dict[tuple[str | None, str], tuple[str, ...]]


def files(language: str) -> list[Path]:
    """Return the files of a language, in their order."""
    return sorted((FOLDER / language).glob("*.po"))


@cache
def read(path: Path) -> Catalog:
    """Return what a file says; it is read once."""
    with path.open("rb") as opened:
        return read_po(opened, locale="zh_Hans_CN", abort_invalid=True)


def messages(language: str) -> Iterator[Message]:
    """Yield each message of a language that has a translation."""
    for path in files(language):
        yield from (message for message in read(path) if message.id and any(strings(message)))


def translated(language: str, text: str, context: str | None = None) -> str:
    """Return a text in a language; in English where no catalogue has it."""
    if language == ENGLISH:
        return text
    return _known(language).get((context, text), (text,))[0]


def translated_number(language: str, one: str, many: str, n: int) -> str:
    """Return the text for one thing or for many of them; Chinese has one form."""
    if language != ENGLISH and (found := _known(language).get((None, one))):
        return found[0]
    return one if n == 1 else many


@cache
def words(language: str) -> dict[str, str]:
    """Return the texts of the scripts of the browser, each with its translation."""
    return of_scripts(language, [path.stem.removeprefix(SCRIPTS) for path in files(language)])


def of_scripts(language: str, names: Iterable[str]) -> dict[str, str]:
    """Return the texts of some scripts of the browser, by the names of their catalogues."""
    paths = [FOLDER / language / f"{SCRIPTS}{name}.po" for name in names]
    found = (message for path in paths if path.exists() for message in read(path))
    return {
        message.id: strings(message)[0] for message in found if isinstance(message.id, str) and message.id
    }


@cache
def _known(language: str) -> Known:
    return {(message.context, _first(message)): strings(message) for message in messages(language)}


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def strings(message: Message) -> tuple[str, ...]:
    """Return the translations of a message, one for each form; empty ones where it has none."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
