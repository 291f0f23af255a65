"""Recipes that people save: one JSON file each in ``CNNLAB_HOME/recipes``, read as anybody's text."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from cnnlab import workspace
from cnnlab.errors import ConfigError
from cnnlab.runs.status import write_json
from cnnlab.settings import RunConfig
from cnnlab.training.titles import architecture_title, dataset_title

MOST_BYTES = 64 * 2**10
LONGEST_TITLE = 60
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Recipe:
    """A named RunConfig: where it comes from, what to expect of it, and what it cost there."""

    name: str
    title: str
    summary: str
    source: str
    config: RunConfig
    expected: str = ""
    cost: str = ""

    @property
    def is_own(self) -> bool:
        """Whether somebody saved it here, so that it can be deleted."""
        return self.source == OWN_SOURCE


OWN_SOURCE = "saved on this machine"


def saved() -> tuple[Recipe, ...]:
    """Return the recipes that can be read, by name; a damaged file is left out."""
    found = []
    for path in sorted(_folder().glob("*.json")):
        try:
            found.append(_read(path))
        except ConfigError:
            continue
    return tuple(found)


def save(title: str, config: RunConfig, taken: Collection[str] = ()) -> Recipe:
    """Keep settings under a title; ``taken`` names cannot be used.

    Raises:
        ConfigError: a setting is out of range, or the title is empty, too long or taken.
    """
    title = " ".join(title.split())
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-")
    if not name or len(title) > LONGEST_TITLE:
        raise ConfigError(
            f"Give the recipe a name of 1 to {LONGEST_TITLE} characters, with a letter or digit."
        )
    path = _folder() / f"{name}.json"
    if name in taken or path.exists():
        raise ConfigError(f"There is a recipe {name} already; choose another name.")
    kept = config.validated().changed(recipe=None, title="")
    try:
        write_json(path, {"title": title, "config": kept.to_dict()})
    except OSError as error:
        raise ConfigError(f"The recipe cannot be saved ({error.strerror}); free some space first.") from error
    return _read(path)


def get(name: str) -> Recipe | None:
    """Return a saved recipe, or None when there is none of this name.

    Raises:
        ConfigError: its file is damaged, or holds what no recipe holds.
    """
    path = _folder() / f"{name}.json"
    return _read(path) if NAME.fullmatch(name) and path.is_file() else None


def delete(name: str) -> None:
    """Forget a saved recipe, a damaged one too; one that is gone already is no error."""
    if NAME.fullmatch(name):
        (_folder() / f"{name}.json").unlink(missing_ok=True)


def _read(path: Path) -> Recipe:
    damaged = f"The recipe file {path.name} is damaged; delete it, or save the recipe again."
    try:
        if not NAME.fullmatch(path.stem) or path.stat().st_size > MOST_BYTES:
            raise ConfigError(damaged)
        values = json.loads(path.read_bytes())
        title, settings = str(values["title"])[:LONGEST_TITLE], values["config"]
        config = RunConfig.from_untrusted(settings).changed(recipe=None, title="")
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ConfigError(damaged) from error
    summary = f"{architecture_title(config.architecture)} on {dataset_title(config.dataset)}, saved here."
    return Recipe(path.stem, title, summary, OWN_SOURCE, config)


def _folder() -> Path:
    return workspace.recipes_dir()
