"""Finds the English that is left on a page in another language."""

import re
from collections.abc import Iterable
from pathlib import Path

NAMES = {line for line in Path(__file__).with_name("names.txt").read_text("utf-8").splitlines() if line}
"""Words that are the same in every language: names of networks, datasets, layers, libraries, units."""
_NO_TEXT = re.compile(
    r"`[^`]*`|\$[^$]*\$|:material/\w+:|:\w+(?:-\w+)?(?=\[)|<[^>]*>|https?://\S+|\]\([^)]*\)|&\w+;|%[\w.]+|\w*[\d_/.\\]\w*"
)
_WORD = re.compile(r"[A-Za-z](?:[A-Za-z'-]*[A-Za-z])")


def english_left(texts: Iterable[str], names: Iterable[str] = ()) -> list[str]:
    """Return a line for each text with English in it: the words, and the text.

    Words of ``names``, such as people give to datasets, runs and classes, are the same in every language.
    """
    known = NAMES | {word for name in names for word in _WORD.findall(name)}
    found = {text: [word for word in _words(text) if word not in known] for text in texts}
    return sorted(f"{', '.join(words)}: {text[:200]!r}" for text, words in found.items() if words)


def _words(text: str) -> list[str]:
    return _WORD.findall(_NO_TEXT.sub(" ", text))
