"""``doctor``: is everything here that a lesson needs?"""

import argparse
import os
import platform
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from cnnlab import cluster, datasets, workspace
from cnnlab.cli.output import Answer, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.errors import CnnLabError, WorkspaceError

PROJECT = Path(__file__).resolve().parents[2]
NEEDED_GB = 2


@dataclass(frozen=True)
class Check:
    """One finding: ``state`` is ``ok``, ``note`` (good to know) or ``broken`` (a lesson would fail)."""

    name: str
    state: str
    message: str


def add_to(verbs: Any) -> None:
    """Add the verb."""
    verbs.add_parser("doctor", help="check this machine before a lesson").set_defaults(verb=_doctor)


def _doctor(_: argparse.Namespace) -> Answer:
    checks = [_python(), *_libraries(), _device(), *_cluster(), _workspace(), _disk(), _datasets(), _server()]
    checks.append(_camera())
    broken = [check.name for check in checks if check.state == "broken"]
    failure = f"Something a lesson needs is broken: {', '.join(broken)}." if broken else ""
    rows = [(check.state, check.name, check.message) for check in checks]
    document = {"ok": not broken, "checks": [asdict(check) for check in checks]}
    return Answer(document, table(("state", "what", "finding"), rows), failure)


def _python() -> Check:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    supported, version = SpecifierSet(project["requires-python"]), platform.python_version()
    if version in supported:
        return Check("python", "ok", version)
    return Check("python", "broken", f"{version} is not supported; use one that is {supported}.")


def _libraries() -> Iterator[Check]:
    for line in (PROJECT / "requirements.txt").read_text("utf-8").split():
        needed = Requirement(line)
        try:
            version = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            version = "none"
        if version != "none" and version in needed.specifier:
            yield Check(needed.name, "ok", version)
        else:
            message = f"{version} is installed, {line} is needed; run pip install -r requirements.txt."
            yield Check(needed.name, "broken", message)


def _device() -> Check:
    try:
        import_tensorflow()
        from cnnlab.worker import devices

        return Check("device", "ok", str(devices.describe()))
    except Exception as error:  # a half-installed TensorFlow fails in any way it likes
        return Check("device", "broken", f"TensorFlow cannot be loaded: {error}")


def _cluster() -> Iterator[Check]:
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


def _workspace() -> Check:
    try:
        for folder in (workspace.runs_dir(), workspace.datasets_dir()):
            with tempfile.TemporaryFile(dir=folder):
                pass
    except WorkspaceError as error:
        return Check("workspace", "broken", str(error))
    except OSError as error:
        message = (
            f"{workspace.home()} cannot be written ({error.strerror}); set CNNLAB_HOME to another folder."
        )
        return Check("workspace", "broken", message)
    return Check("workspace", "ok", str(workspace.home()))


def _disk() -> Check:
    place = next(folder for folder in (workspace.home(), *workspace.home().parents) if folder.exists())
    free = shutil.disk_usage(place).free / 1e9
    if free >= NEEDED_GB:
        return Check("disk", "ok", f"{free:.0f} GB free")
    return Check("disk", "broken", f"Only {free:.1f} GB free; checkpoints and datasets need {NEEDED_GB} GB.")


def _datasets() -> Check:
    try:
        ready = [name for name in datasets.names() if datasets.is_ready(name)]
    except WorkspaceError as error:
        return Check("datasets", "broken", str(error))
    missing = [name for name in datasets.names() if name not in ready]
    message = f"ready: {', '.join(ready)}"
    if not missing:
        return Check("datasets", "ok", message)
    return Check("datasets", "note", f"{message}; needing a download: {', '.join(missing)}")


def _server() -> Check:
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


def _camera() -> Check:
    return Check(
        "camera", "note", "Browsers open it on https and on localhost only; elsewhere upload photos."
    )
