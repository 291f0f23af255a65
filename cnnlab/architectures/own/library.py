"""People's own networks: one small JSON file each in ``CNNLAB_HOME/networks``, read anew at every question.

two-blocks.json               see ``definition.py``
.deleted/3fa9c1…/two-blocks.json    deleted or renamed less than a day ago
"""

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnlab import access, workspace
from cnnlab.architectures import registry
from cnnlab.architectures.own import network
from cnnlab.architectures.own.definition import Definition, titled
from cnnlab.errors import ArchitectureError, WorkspaceError
from cnnlab.shelf import Shelf
from cnnlab.shelf import slug as slug_of

SHELF = Shelf("networks", ".json")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST_BYTES = 100_000
MOST_NETWORKS = 200


def own() -> dict[str, Definition]:
    """Return people's own networks by name; a damaged file is left out."""
    found = {}
    for name in SHELF.names()[:MOST_NETWORKS]:
        if name not in registry.BUILT_IN:
            with contextlib.suppress(ArchitectureError):
                definition = get(name)
                network.architecture(name, definition)
                found[name] = definition
    return found


def has(name: str) -> bool:
    """Return whether there is a file of this name, damaged or not."""
    return bool(NAME.fullmatch(name)) and SHELF.path(name).is_file()


def get(name: str) -> Definition:
    """Return an own network.

    Raises:
        ArchitectureError: there is none of this name, or its file is damaged.
    """
    if not has(name):
        raise ArchitectureError(f"There is no network of your own called {name[:60]!r}; choose another one.")
    try:
        return Definition.from_dict(_content(SHELF.path(name)))
    except ArchitectureError as error:
        raise ArchitectureError(f"The file {name}.json of this network cannot be used: {error}") from error


def _content(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) <= MOST_BYTES:
            return json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise ArchitectureError("it is damaged; delete it.") from error
    raise ArchitectureError(f"it must be smaller than {MOST_BYTES // 1000} kB.")


def owner(name: str) -> str:
    """Return whose an own network is, see ``access``; nobody's where its file cannot be read."""
    return _owner_in(SHELF.path(name)) if has(name) else ""


def _owner_in(path: Path) -> str:
    with contextlib.suppress(ArchitectureError):
        return access.owner_in(_content(path))
    return ""


@workspace.writing()
def save(definition: Definition, over: tuple[str, str] | None = None) -> str:
    """Keep a network and return its name; ``over`` is the name and version of one of its title to replace.

    Raises:
        ArchitectureError: the name is taken, or somebody else has changed the network to replace.
        AccessError: the one to replace is not the visitor's.
        WorkspaceError: the file cannot be written.
    """
    if over:
        name, version = over
        with SHELF.lock():
            access.require(owner(name), "change this network")
            if get(name).version != version:
                raise ArchitectureError(
                    f"Somebody else has changed {definition.title} meanwhile; save yours under another name."
                )
            _write(name, definition, overwrite=True)
        return name
    if len(own()) >= MOST_NETWORKS:
        raise ArchitectureError(f"There are {MOST_NETWORKS} networks of your own already; delete one first.")
    name = slug(definition.title)
    _write(name, definition, overwrite=False)
    return name


def find(definition: Definition) -> str | None:
    """Return the name of a network that is the same but for its title, if there is one."""
    alike = (n for n, other in own().items() if replace(other, title=definition.title) == definition)
    return next(alike, None)


def free_title(title: str) -> str:
    """Return this title, or the first with a number behind it whose name is not taken."""
    for number in range(1, MOST_NETWORKS + 2):
        numbered = titled(title[:36].strip() + (f" {number}" if number > 1 else ""))
        if not has(slug(numbered)) and slug(numbered) not in registry.BUILT_IN:
            return numbered
    raise ArchitectureError(f"There are {MOST_NETWORKS} networks of your own already; delete one first.")


@workspace.writing()
def rename(name: str, title: str) -> str:
    """Give a network another title, and return its new name.

    Raises:
        ArchitectureError: there is no such network, or the new name is impossible or taken.
        AccessError: it is not the visitor's.
    """
    definition = Definition.from_dict(get(name).to_dict() | {"title": title})
    access.require(owner(name), "rename this network")
    if slug(definition.title) == name:
        _write(name, definition, overwrite=True)
        return name
    new = slug(definition.title)
    _write(new, definition, overwrite=False, whose=owner(name))
    delete(name)
    return new


@workspace.writing()
def delete(name: str) -> str:
    """Take a network off the list and return the token for ``restore``; its runs have a snapshot of it.

    Raises:
        ArchitectureError: there is no such network.
        AccessError: it is not the visitor's.
    """
    if not has(name):
        raise ArchitectureError(f"There is no network of your own called {name[:60]!r}; it stays as it is.")
    access.require(owner(name), "delete this network")
    return SHELF.discard(name)


@workspace.writing()
def restore(token: str) -> str:
    """Bring a deleted network back and return its name.

    Raises:
        ArchitectureError: it was not deleted, too long ago, or its name is taken by now.
        AccessError: it is not the visitor's.
    """
    if place := SHELF.place(token):
        [file] = place.glob("*.json")
        access.require(_owner_in(file), "restore this network")
    try:
        return SHELF.restore(token)
    except FileNotFoundError as error:
        raise ArchitectureError(
            "This network is gone for good; deleted networks are kept for a day."
        ) from error
    except FileExistsError as error:
        raise ArchitectureError(
            f"There is a new network called {error.filename}; rename or delete that one first."
        ) from error


def snapshot(name: str) -> dict[str, Any]:
    """Return an own network as a run keeps it, whatever becomes of the file; empty for any other name.

    Raises:
        ArchitectureError: the file of the network is damaged.
    """
    return {"name": name, **get(name).to_dict()} if has(name) else {}


def from_snapshot(content: Mapping[str, Any]) -> tuple[str, Definition]:
    """Return name and definition of a snapshot.

    Raises:
        ArchitectureError: it is none.
    """
    if not (isinstance(name := content.get("name"), str) and NAME.fullmatch(name)):
        raise ArchitectureError("The network of this run has no name; start a new run.")
    return name, Definition.from_dict(content)


def slug(title: str) -> str:
    """Return the name of a network with this title: small letters, digits and hyphens."""
    return slug_of(title, noun="network")


def _write(name: str, definition: Definition, overwrite: bool, whose: str | None = None) -> None:
    """Write a network down; it belongs to whom it did, or to ``whose``, by default the visitor."""
    if name in registry.BUILT_IN or name.replace("-", "_") in registry.BUILT_IN:
        raise ArchitectureError(f"{definition.title} is the name of a built-in network; choose another name.")
    try:
        mark = access.mark(owner(name) if overwrite and has(name) else whose)
        SHELF.write(name, definition.to_dict() | mark, overwrite)
    except FileExistsError as error:
        raise ArchitectureError(
            f"There is already a network called {definition.title}; choose another name."
        ) from error
    except OSError as error:
        raise WorkspaceError(
            f"{SHELF.path(name)} cannot be written ({error.strerror}); see that there is room."
        ) from error
