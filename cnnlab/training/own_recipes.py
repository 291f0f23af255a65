"""Recipes that people save: one JSON file each in ``CNNLAB_HOME/recipes``, read as anybody's text."""

import json
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from cnnlab import access, workspace
from cnnlab.errors import ConfigError
from cnnlab.languages import _, texts
from cnnlab.settings import RunConfig
from cnnlab.shelf import Shelf, nfc, slug
from cnnlab.training.titles import architecture_in_words, dataset_in_words

MOST_BYTES = 64 * 2**10
LONGEST_TITLE = 60
SHELF = Shelf("recipes", ".json")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Recipe:
    """A named RunConfig: where it comes from, what to expect of it, what it cost there, and whose it is.

    The texts are English, see ``in_words``; only the summary of one that somebody saved is in the language of
    the page.
    """

    name: str
    title: str
    summary: str
    source: str
    config: RunConfig
    expected: str = ""
    cost: str = ""
    owner: str = ""

    @property
    def is_own(self) -> bool:
        """Whether somebody saved it here, so that it can be deleted."""
        return self.source == OWN_SOURCE

    @property
    def title_in_words(self) -> str:
        """The title in the language of the page; one that somebody gave stays."""
        return self.title if self.is_own else _(self.title)

    @property
    def in_words(self) -> str:
        """What it is, what to expect of it, what it costs, and its source, in the language of the page."""
        words = " ".join(_(text) for text in (self.summary, self.expected, self.cost) if text)
        words = words.replace("。 ", "。")  # that mark has its space
        return _("{words} Source: {source}.", words=words, source=_(self.source))


OWN_SOURCE = texts("saved on this machine")
TO_DELETE = texts("delete this recipe")


def saved() -> tuple[Recipe, ...]:
    """Return the recipes that can be read, by name; a damaged file is left out."""
    found = []
    for name in SHELF.names():
        try:
            found.append(_read(name))
        except ConfigError:
            continue
    return tuple(found)


def save(title: str, config: RunConfig, taken: Collection[str] = ()) -> Recipe:
    """Keep settings under a title; ``taken`` names cannot be used.

    Raises:
        ConfigError: a setting is out of range, or the title is empty, too long or taken.
    """
    title = nfc(" ".join(title.split()))
    name = slug(title, noun="recipe")
    if not name or len(title) > LONGEST_TITLE:
        raise ConfigError(
            f"Give the recipe a name of 1 to {LONGEST_TITLE} characters, with a letter or digit."
        )
    kept = config.validated().changed(recipe=None, title="")
    try:
        if name in taken:
            raise FileExistsError
        SHELF.write(name, {"title": title, "config": kept.to_dict(), **access.mark()})
    except FileExistsError as error:
        raise ConfigError(f"There is a recipe {name} already; choose another name.") from error
    except OSError as error:
        raise ConfigError(f"The recipe cannot be saved ({error.strerror}); free some space first.") from error
    return _read(name)


def get(name: str) -> Recipe | None:
    """Return a saved recipe, or None when there is none of this name.

    Raises:
        ConfigError: its file is damaged, or holds what no recipe holds.
    """
    return _read(name) if NAME.fullmatch(name) and SHELF.path(name).is_file() else None


@workspace.writing()
def delete(name: str) -> None:
    """Forget a saved recipe, a damaged one too; one that is gone already is no error.

    Raises:
        AccessError: it is not the visitor's.
    """
    if NAME.fullmatch(name) and SHELF.path(name).is_file():
        with suppress(ConfigError):
            access.require(_read(name).owner, TO_DELETE)
            SHELF.path(name).unlink(missing_ok=True)
            return
        access.require(None, TO_DELETE)
        SHELF.path(name).unlink(missing_ok=True)


def _read(name: str) -> Recipe:
    path = SHELF.path(name)
    damaged = texts(f"The recipe file {path.name} is damaged; delete it, or save the recipe again.")
    try:
        if not NAME.fullmatch(name) or path.stat().st_size > MOST_BYTES:
            raise ConfigError(damaged)
        values = json.loads(path.read_bytes())
        title, settings = str(values["title"])[:LONGEST_TITLE], values["config"]
        config = RunConfig.from_untrusted(settings).changed(recipe=None, title="")
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ConfigError(damaged) from error
    network, dataset = architecture_in_words(config.architecture), dataset_in_words(config.dataset)
    summary = _("{network} on {dataset}, saved here.", network=network, dataset=dataset)
    return Recipe(name, title, summary, OWN_SOURCE, config, owner=access.owner_in(values))
