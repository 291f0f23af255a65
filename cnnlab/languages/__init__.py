"""The languages of the pages: English, as it stands in the code, and what catalogues translate it into.

    from cnnlab.languages import _, _n

    _("Epoch {epoch} of {epochs}", epoch=3, epochs=5)
    _n("{n} image", "{n} images", count)

Both answer in the language of whoever looks at the page that is being made. Where nobody does (the command
line, a worker, a thread of the server) that is English. So what ``_`` returns is shown, and never stored or
kept for others.

Errors are raised in English wherever they happen, travel between processes and stay in files; a page shows
them by ``recognised``, which finds the sentence again by its words.

The catalogues are gettext's, ``cnnlab/languages/zh/*.po``; ``python -m cnnlab.languages`` brings them up to
date.
"""

from collections.abc import Callable
from typing import TypeVar

from cnnlab.languages import catalogues, sentences
from cnnlab.languages.catalogues import ENGLISH
from cnnlab.languages.catalogues import LANGUAGES as LANGUAGES

Texts = TypeVar("Texts")
_asked: Callable[[], str] | None = None


def ask(whoever: Callable[[], str]) -> None:
    """Have ``whoever`` say, from now on, in which language this thread speaks: a name of ``LANGUAGES``."""
    global _asked
    _asked = whoever


def current() -> str:
    """Return the language of this thread, ``en`` where nobody has said."""
    return _asked() if _asked else ENGLISH


def _(text: str, /, **values: object) -> str:
    """Return a text in the current language, with values in the places that have their names."""
    return _filled(catalogues.translated(current(), text), values)


def _n(one: str, many: str, n: int, /, **values: object) -> str:
    """Return a text for a number of things, ``n`` in it: ``_n("{n} image", "{n} images", 3)``."""
    text = catalogues.translated_number(current(), one, many, n)
    return _filled(text, {"n": f"{n:,}", **values})


def _p(context: str, text: str, /, **values: object) -> str:
    """Return a text that means something else elsewhere: ``_p("of a dataset", "Test")``."""
    return _filled(catalogues.translated(current(), text, context), values)


def texts(given: Texts) -> Texts:
    """Mark texts for the catalogues, in a list, a mapping or alone; returns them as they are."""
    return given


def recognised(sentence: str) -> str:
    """Return a sentence that was made in English, such as that of an error, in the current language.

    What no catalogue knows stays as it is.
    """
    language = current()
    return sentence if language == ENGLISH else sentences.recognised(language, sentence)


def _filled(text: str, values: dict[str, object]) -> str:
    return text.format(**values) if values else text
