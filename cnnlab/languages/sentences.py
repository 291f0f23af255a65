"""Sentences with names and numbers in them, found again by the words around these."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from cnnlab.languages import catalogues

LONGEST = 4_000
_PLACE = re.compile(r"\{(\w*)\}")
_NEXT_SENTENCE = re.compile(r"(?<=[.!?]) +(?=[A-Z])")
_OUR_WORDS = {"state", "noun", "verb", "which"}
"""Places in which a single word is ours, and no name that somebody gave."""
_HOW_FAR = re.compile(r"(.*\S)( \(\d+ %\))")
"""What a worker says of its work, and the part of it that is done."""


@dataclass(frozen=True)
class Template:
    """A sentence: what stands between its places, the names of the places, and its translation."""

    between: tuple[str, ...]
    places: tuple[str, ...]
    translation: str

    @classmethod
    def of(cls, text: str, translation: str) -> "Template":
        """Return the template of a text such as ``There is no dataset {name}.``."""
        parts = _PLACE.split(text)
        return cls(tuple(parts[::2]), tuple(parts[1::2]), translation)

    def values(self, sentence: str) -> dict[str, str] | None:
        """Return what stands at the places of a sentence; None where its words are others."""
        first, *others = self.between
        if not sentence.startswith(first) or not sentence.endswith(self.between[-1]):
            return None
        at, found = len(first), []
        for number, words in enumerate(others):
            is_last = number == len(others) - 1
            to = len(sentence) - len(words) if is_last else sentence.find(words, at + 1)
            if to < at:
                return None
            found.append(sentence[at:to])
            at = to + len(words)
        return dict(zip(self.places, found, strict=True))


@lru_cache(maxsize=4096)
def recognised(language: str, sentence: str) -> str:
    """Return a sentence in a language, with what it quotes; as it is where no catalogue has it."""
    exact = catalogues.translated(language, sentence)
    if exact != sentence or len(sentence) > LONGEST:
        return exact
    parts = _NEXT_SENTENCE.split(sentence)
    each = [recognised(language, part) for part in parts] if len(parts) > 1 else []
    if each and all(said != part for said, part in zip(each, parts, strict=True)):
        return joined(each)
    if how_far := _HOW_FAR.fullmatch(sentence):
        return f"{recognised(language, how_far[1])}{how_far[2]}"
    for template in _templates(language):
        values = template.values(sentence)
        if values is not None:
            shown = {name: _within(language, name, value) for name, value in values.items()}
            return template.translation.format(**shown)
    return joined(each) if each else sentence


def joined(parts: Iterable[str]) -> str:
    """Return sentences in a row: a full-width mark at the end of one is followed by no space."""
    whole = ""
    for part in filter(None, parts):
        whole += part if not whole or whole[-1] in "。！？；：" else f" {part}"
    return whole


def _within(language: str, place: str, value: str) -> str:
    """Return what a sentence quotes: another sentence is recognised too, a name stays as it is."""
    return recognised(language, value) if " " in value.strip() or place in _OUR_WORDS else value


@cache
def _templates(language: str) -> tuple[Template, ...]:
    """Return the templates of a language, those with most words of their own first."""
    found = [
        Template.of(message.id, catalogues.strings(message)[0])
        for message in catalogues.messages(language)
        if catalogues.SENTENCE in message.flags and isinstance(message.id, str) and _PLACE.search(message.id)
    ]
    return tuple(sorted(found, key=lambda one: -sum(map(len, one.between))))
