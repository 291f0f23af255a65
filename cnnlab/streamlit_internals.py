"""Every use of what Streamlit does not publish, and why nothing public will do.

Streamlit may change these in any version: requirements.txt holds it to one, and
``tests/test_streamlit_internals.py`` says of each what we rely on.
"""

import socket
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer as ComponentRenderer
from streamlit.net_util import get_internal_ip
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.uploaded_file_manager import UploadedFile as UploadedFile
from streamlit.web.server import server_util

UPLOAD_BYTES = 1_000
"""What the server keeps of each uploaded file beside its bytes, about."""
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


def kept_uploads(session: str) -> tuple[int, int]:
    """Return how many bytes of uploads the server keeps in memory: of everybody, and of one session.

    Streamlit keeps each file until its browser takes it back or the session ends, and has no limit for all.
    """
    manager = get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    with manager._lock:
        of_all = manager._total_bytes + UPLOAD_BYTES * manager._file_count
        known = manager.file_storage.get(session, {}).values()
        return of_all, sum(len(file.data) + UPLOAD_BYTES for file in known)


def forget_upload(file: UploadedFile) -> None:
    """Let go of a file that was taken in: else it stays in memory until its session ends."""
    context = get_script_run_ctx()
    if context and isinstance(manager := context.uploaded_file_mgr, MemoryUploadedFileManager):
        manager.remove_file(context.session_id, file.file_id)


def send_at_once() -> None:
    """Let the server send what it has at once; call it before the server begins.

    Streamlit opens its socket without naming the protocol, and asyncio switches Nagle's algorithm off only
    for sockets that name TCP. The first message of each click went out alone, and all others waited until
    the browser had acknowledged it, which Linux does after 40 ms. Connections inherit the option from the
    socket that listens.
    """
    if getattr(uvicorn.Server, "_sends_at_once", False):
        return
    begin = uvicorn.Server.startup

    async def startup(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        for listening in sockets or []:
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await begin(self, sockets)

    uvicorn.Server.startup = startup  # type: ignore[method-assign]
    uvicorn.Server._sends_at_once = True  # type: ignore[attr-defined]


def let_parts_follow_their_page() -> None:
    """Let what a part of a page asks for belong to the page that the session shows, not the browser's.

    A fragment asks to run again in the name of the page that the browser shows at that moment. When its
    question and a click on another page cross on their way, Streamlit answers it in the name of the page that
    was left: the browser takes that for a change of the page and clears the new one, or, where both wait
    together, stays on the old one. It happens within a few hundred clicks while a run is watched.
    """
    if getattr(ScriptRunner, "_parts_follow", False):
        return
    run, request = ScriptRunner._run_script, ScriptRequests._request_rerun_locked

    def run_script(self: ScriptRunner, data: RerunData) -> None:
        shown = self._pages_manager.current_page_script_hash
        if data.fragment_id_queue and shown and data.page_script_hash != shown:
            data = replace(data, page_script_hash=shown)
        run(self, data)

    def request_rerun(self: ScriptRequests, data: RerunData) -> bool:
        waits = self._rerun_data
        if self._state == ScriptRequestType.RERUN and _is_of_a_part(data) and not _is_of_a_part(waits):
            data = replace(
                data,
                page_script_hash=waits.page_script_hash,
                page_name=waits.page_name,
                query_string=waits.query_string,
            )
        return request(self, data)

    ScriptRunner._run_script = run_script  # type: ignore[method-assign, assignment]
    ScriptRequests._request_rerun_locked = request_rerun  # type: ignore[method-assign, assignment]
    ScriptRunner._parts_follow = True  # type: ignore[attr-defined]


def _is_of_a_part(data: RerunData) -> bool:
    return bool(data.fragment_id or data.fragment_id_queue or data.is_fragment_scoped_rerun)


def is_in_a_session() -> bool:
    """Whether this thread runs a page, a part of one or a callback for a browser's session."""
    return get_script_run_ctx(suppress_warning=True) is not None


def kept_in_session(key: str) -> object:
    """Return what the session of this thread keeps under a key that no widget has; None without one.

    A page asks for its language some hundred times: ``st.session_state`` takes 10 µs for an answer, this one.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return None
    state = context.session_state._state
    return state._new_session_state.get(key, state._old_state.get(key))


def network_address() -> str:
    """Return the address by which others in the network reach this machine; nothing is sent to learn it."""
    return get_internal_ip() or "localhost"


def keys_of_worded_widgets() -> list[str]:
    """Return the keys of this session's widgets that the browser knows by words: choices, tabs, folds.

    A choice is the word of its option there, which stays when the words of the options change; and a fold
    with another label is another fold. What is set for these keys again, both take over.
    """
    context = get_script_run_ctx()
    if context is None:
        return []
    state = context.session_state._state
    known = state._new_widget_state.widget_metadata
    return [key for name, key in state._key_id_mapper.id_key_mapping.items() if _is_worded(known.get(name))]


def _is_worded(known: WidgetMetadata[Any] | None) -> bool:
    if known is None or "trigger" in (known.value_type or "trigger"):
        return False
    return known.formatted_options is not None or known.value_type in {"bool_value", "string_array_value"}
