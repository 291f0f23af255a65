"""Looks for words of ``words_to_avoid.txt`` in what people read."""

import re
from collections.abc import Iterable
from pathlib import Path

LIST = Path(__file__).with_name("words_to_avoid.txt")


def words_to_avoid() -> list[tuple[re.Pattern[str], str]]:
    """Return each pattern of the list with what to say instead."""
    lines = [line for line in LIST.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    rows = [line.split("\t") for line in lines]
    return [(re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in rows]


def avoidable(texts: Iterable[str]) -> list[str]:
    """Return a line for each text with such a word: the word, what to say instead, the text around it."""
    return sorted(
        {
            f"{found[0]!r} ({instead}): {text[max(0, found.start() - 40) : found.end() + 40]!r}"
            for text in texts
            for pattern, instead in words_to_avoid()
            if (found := pattern.search(text))
        }
    )
