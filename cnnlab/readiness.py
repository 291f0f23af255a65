"""Is everything here that a lesson needs? Each finding in one sentence, with what to do about it.

``python -m cnnlab doctor`` and the page "Before class" ask the same questions. None takes long, but
``cluster_answers`` where there is a cluster; nothing here loads TensorFlow.
"""

import os
import platform
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from cnnlab import architectures, cluster, datasets, machine, runs, workspace
from cnnlab.errors import CnnLabError, WorkspaceError
from cnnlab.experiments import recorded
from cnnlab.experiments.ready import READY
from cnnlab.languages import texts
from cnnlab.training import recipes

PROJECT = Path(__file__).resolve().parents[1]
NEEDED_GB = 2
NEEDED_MEMORY_GB, LEAST_MEMORY_GB = 2.0, 1.0
"""A worker with TensorFlow takes about one; the process that computes for the pages another."""


@dataclass(frozen=True)
class Check:
    """One finding: ``state`` is ``ok``, ``note`` (good to know) or ``broken`` (a lesson would fail)."""

    name: str
    state: str
    message: str


def python_version() -> Check:
    """Say whether this Python is one that is supported."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    supported, version = SpecifierSet(project["requires-python"]), platform.python_version()
    if version in supported:
        return Check("python", "ok", version)
    return Check("python", "broken", f"{version} is not supported; use one that is {supported}.")


def libraries() -> Iterator[Check]:
    """Say of each library that is needed whether the right version is installed."""
    for line in (PROJECT / "requirements.txt").read_text("utf-8").split():
        needed = Requirement(line)
        try:
            version = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            version = "none"
        if version != "none" and version in needed.specifier:
            yield Check(needed.name, "ok", version)
        else:
            message = texts(f"{version} is installed, {line} is needed; run pip install -r requirements.txt.")
            yield Check(needed.name, "broken", message)


def cluster_answers() -> Iterator[Check]:
    """Say whether the cluster that ``CNNLAB_LAUNCHER`` names answers; nothing where work stays here."""
    named = os.environ.get("CNNLAB_LAUNCHER") or cluster.LAUNCHERS[0]
    if named not in cluster.LAUNCHERS:
        known = ", ".join(cluster.LAUNCHERS)
        yield Check("cluster", "broken", f"CNNLAB_LAUNCHER is {named!r}; it may be one of {known}.")
    elif found := cluster.engine():
        try:
            has = found.capacity()
            yield Check("cluster", "ok", f"{has.words}; runs at a time: {has.slots}")
        except CnnLabError as error:
            yield Check(
                "cluster", "broken", str(error).replace(found.called, f"{found.called}{found.where}", 1)
            )


def workspace_check() -> Check:
    """Say whether runs and datasets can be written."""
    try:
        for folder in (workspace.runs_dir(), workspace.datasets_dir()):
            with tempfile.TemporaryFile(dir=folder):
                pass
    except WorkspaceError as error:
        return Check("workspace", "broken", str(error))
    except OSError as error:
        message = texts(
            f"{workspace.home()} cannot be written ({error.strerror}); set CNNLAB_HOME to another folder."
        )
        return Check("workspace", "broken", message)
    return Check("workspace", "ok", str(workspace.home()))


def disk_space() -> Check:
    """Say whether checkpoints and datasets have room."""
    free = workspace.free_bytes() / 1e9
    if free >= NEEDED_GB:
        return Check("disk", "ok", f"{free:.0f} GB free")
    return Check("disk", "broken", f"Only {free:.1f} GB free; checkpoints and datasets need {NEEDED_GB} GB.")


def data(listed: Callable[[Iterable[str]], str] = ", ".join) -> Check:
    """Say which datasets are on this machine.

    Args:
        listed: how datasets are listed, given their names.
    """
    try:
        ready = [name for name in datasets.names() if datasets.is_ready(name)]
    except WorkspaceError as error:
        return Check("datasets", "broken", str(error))
    missing = [name for name in datasets.names() if name not in ready]
    message = texts(f"ready: {listed(ready)}")
    if not missing:
        return Check("datasets", "ok", message)
    return Check("datasets", "note", f"{message}; needing a download: {listed(missing)}")


def server_names() -> Check:
    """Say under which names the server answers, as far as its files and the environment tell."""
    address, hosts = _setting("address"), _setting("allowedHosts")
    if address and (address == "localhost" or address.startswith("127.") or address == "::1"):
        return Check("server", "ok", f"listens on {address} only")
    listed = hosts.split(",") if isinstance(hosts, str) else hosts if isinstance(hosts, list) else []
    names = [name for host in listed if (name := str(host).strip())]
    if names and "*" not in names:
        return Check("server", "ok", f"answers to {', '.join(names)}")
    return Check(
        "server",
        "note",
        f"The server listens on {address or 'all interfaces'} and answers to any host name; set "
        "server.allowedHosts in .streamlit/config.toml to the names that the class uses.",
    )


def _setting(name: str) -> Any:
    """Return an option of Streamlit's server, from the environment or else its files, or None."""
    variable = "STREAMLIT_SERVER_" + re.sub(r"(?=[A-Z])", "_", name).upper()
    if (value := os.environ.get(variable)) is not None:
        return value
    for folder in (PROJECT, Path.home()):  # the project's file counts before the person's
        try:
            server = tomllib.loads((folder / ".streamlit" / "config.toml").read_text("utf-8"))["server"]
            return server[name]
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def memory() -> Check:
    """Say whether there is room for TensorFlow beside what runs already."""
    free, whole = machine.free_bytes() / 2**30, machine.memory_bytes() / 2**30
    said = texts(f"{free:.1f} of {whole:.1f} GB free")
    if free >= NEEDED_MEMORY_GB:
        return Check("memory", "ok", said)
    state = "note" if free >= LEAST_MEMORY_GB else "broken"
    return Check("memory", state, f"Only {said}; close other programs, or training may be ended.")


def weights() -> Iterator[Check]:
    """Say of each network that begins with pretrained weights whether they are here, and else where to."""
    needed = dict.fromkeys(recipe.config.architecture for recipe in recipes.list_recipes())
    for name in needed:
        try:
            base, file = architectures.get(name).base, architectures.missing_weights(name)
        except CnnLabError:  # a network that somebody has deleted since
            continue
        if base is None:
            continue
        network = base.application
        if file is None:
            yield Check(f"weights of {network}", "ok", "on this machine")
            continue
        place, title = architectures.weights_path(file).parent, architectures.get(name).title
        yield Check(
            f"weights of {network}",
            "note",
            f"Recipes with {title} fetch {file.megabytes:.0f} MB when they start; "
            f"where there is no network put {file.name} into {place}.",
        )


def fallback() -> Check:
    """Say what can be shown where training cannot run: recorded experiments and trained runs."""
    races = sum(recorded.recording(name) is not None for name in READY)
    try:
        trained = sum(seen.has_weights and not seen.damage for seen in runs.overview())
    except CnnLabError as error:
        return Check("fallback", "broken", str(error))
    said = texts(f"{races} recorded experiments and {trained} trained runs can be shown without training")
    if trained:
        return Check("fallback", "ok", said)
    return Check("fallback", "note", f"{said}; train one run now, so that Classify has a network.")
