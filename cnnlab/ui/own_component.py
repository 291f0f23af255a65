"""The components of our own: a script and a style sheet of ``frontend``, without a build step."""

import functools
from pathlib import Path

import streamlit as st

from cnnlab import languages
from cnnlab.languages import catalogues
from cnnlab.streamlit_internals import ComponentRenderer

FRONTEND = Path(__file__).parent / "frontend"


@functools.cache
def own_component(name: str, *parts: str) -> ComponentRenderer:
    """Return the component of this name.

    ``parts`` name the files without their suffix, joined in their order; each has a script, a style sheet or
    both.
    """
    return st.components.v2.component(
        name, js=_joined(parts, ".js"), css=_joined(parts, ".css"), isolate_styles=False
    )


def words_of(*parts: str) -> dict[str, str]:
    """Return what these scripts say in the language of the page, for each of their texts; nothing in English.

    A script that is joined can import none; it gets this with its data, and looks its texts up in it.
    """
    return _words(languages.current(), parts)


@functools.cache
def _words(language: str, parts: tuple[str, ...]) -> dict[str, str]:
    if language == languages.ENGLISH:
        return {}
    said = catalogues.of_scripts(language, parts)
    return {text: translation for text, translation in said.items() if translation}


def _joined(parts: tuple[str, ...], suffix: str) -> str | None:
    """Return the files of this suffix in one text; None where no part has one."""
    files = [FRONTEND / f"{part}{suffix}" for part in parts]
    return "\n".join(file.read_text("utf-8") for file in files if file.exists()) or None
