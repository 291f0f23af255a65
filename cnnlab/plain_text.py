"""Text of people as pages and consoles can show it: what cannot be seen, and harms, is left out.

A control character may clear a terminal, a mark of direction turns round what stands beside it, and half of a
character cannot be sent to a browser at all. A script that runs from right to left needs none of these.
"""

import re
import unicodedata

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
"""Control characters but tab and line ends; embeddings, overrides and isolates; marks of files."""
_ISOLATE, _END = "\u2068", "\u2069"


def showable(text: str) -> str:
    """Return a text, in any number of lines, without what cannot be shown; paths on disk may have some."""
    return text if text.isprintable() else _UNSEEN.sub("", text.encode("utf-8", "replace").decode())


def one_line(text: str) -> str:
    """Return a text in one line, without what cannot be shown."""
    return " ".join(showable(text).split())


def apart(text: str) -> str:
    """Return a text so that one that runs from right to left does not turn round the numbers beside it."""
    if text.isascii() or not any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
        return text
    return f"{_ISOLATE}{text}{_END}"
