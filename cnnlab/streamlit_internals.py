"""Every use of what Streamlit does not publish, and why nothing public will do.

Streamlit may change these in any version: requirements.txt holds it to one, and
``tests/test_streamlit_internals.py`` says of each what we rely on.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer as ComponentRenderer
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.server import server_util

_lock = threading.Lock()


def serve_folders(project: str, folders: Mapping[str, tuple[Path, str]]) -> None:
    """Hand out the files of folders, by component ``project.name``: ``name: (parent, folder in it)``.

    Components find such folders through the manifest of an installed package; this one is not installed. A
    runtime needs it once, and a test has a runtime of its own.
    """
    manager = get_bidi_component_manager()
    with _lock:
        if manager.get_component_path(f"{project}.{next(iter(folders))}") is None:
            for name, (parent, folder) in folders.items():
                manifest = ComponentManifest(project, "1", [ComponentConfig(name, folder)])
                manager.register_from_manifest(manifest, parent)


def served_folder(component: str) -> Path | None:
    """Return the folder that this server hands out for a component, or None."""
    path = get_bidi_component_manager().get_component_path(component)
    return Path(path) if path else None


def address(host: str) -> str:
    """Return the address of this server, with the port and the path below which it answers."""
    return server_util.get_url(host)


def run_app_around_pages() -> None:
    """Let the addresses of pages run app.py from now on.

    Until app.py has run once with ``st.navigation``, Streamlit takes the files in ``pages/`` for an older
    kind of app and runs such a file alone.
    """
    PagesManager.uses_pages_directory = False
