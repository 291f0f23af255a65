"""Private parts of Streamlit that the app relies on, each with its reason; tests hold them to the version."""

from dataclasses import replace

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType


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
