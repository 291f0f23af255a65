"""Uploads are kept in the memory of the server: of all browsers and of each only so much."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from cnnlab import streamlit_internals
from cnnlab.ui import uploads
from tests import coroutines

KB = 1000


class Server:
    """What Streamlit does with an upload, as far as it matters here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.kept = MemoryUploadedFileManager("/x")
        instance = type("Instance", (), {"uploaded_file_mgr": self.kept})()
        monkeypatch.setattr(streamlit_internals, "get_instance", lambda: instance)
        route = Route("/base/_stcore/upload_file/{session}/{file}", self._take, methods=["PUT", "DELETE"])
        self.app = Starlette(routes=[route], middleware=[Middleware(uploads.Limit)])

    async def _take(self, request: Request) -> PlainTextResponse:
        session, file = request.path_params["session"], request.path_params["file"]
        if request.method == "DELETE":
            self.kept.remove_file(session, file)
        else:
            self.kept.add_file(session, UploadedFileRec(file, "a", "", await request.body()))
        return PlainTextResponse("taken")

    def put(self, session: str, file: str, data: bytes, method: str = "PUT", **headers: str) -> int:
        """Send a file; return the status."""
        told: list[dict] = []
        lines = {"content-length": str(len(data))} | {k.replace("_", "-"): v for k, v in headers.items()}
        scope = {
            **{
                "type": "http",
                "method": method,
                "query_string": b"",
                "http_version": "1.1",
                "scheme": "http",
            },
            "path": f"/base/_stcore/upload_file/{session}/{file}",
            "headers": [(name.encode(), value.encode()) for name, value in lines.items() if value],
        }
        body = iter([{"type": "http.request", "body": data, "more_body": False}])

        async def receive() -> dict:
            return next(body)

        async def send(message: dict) -> None:
            told.append(message)

        coroutines.run(self.app(scope, receive, send))
        return told[0]["status"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(uploads, "most_bytes", lambda: 400 * KB)
    return Server(monkeypatch)


def test_a_class_gets_no_more_than_the_server_keeps_and_again_when_some_is_let_go(server: Server):
    taken = [server.put(f"student {number}", "1", bytes(90 * KB)) for number in range(6)]
    assert taken == [200] * 4 + [413] * 2
    assert server.put("student 0", "1", b"", method="DELETE") == 200
    assert server.put("student 5", "1", bytes(90 * KB)) == 200


def test_one_browser_cannot_take_the_room_of_all(server: Server):
    taken = [server.put("greedy", str(number), bytes(60 * KB)) for number in range(6)]
    assert taken == [200] * 3 + [413] * 3
    assert server.put("honest", "1", bytes(60 * KB)) == 200


def test_very_many_empty_files_count_too(server: Server):
    taken = [server.put("greedy", str(number), b"") for number in range(300)]
    assert 100 < taken.count(200) < 300


@pytest.mark.parametrize("said", ["", "x", "-5", "9" * 40])
def test_a_body_that_does_not_say_its_size_counts_as_the_largest(server: Server, said: str):
    assert server.put("odd", "1", b"x", content_length=said) == 413


def test_what_is_on_its_way_counts(server: Server):
    limit = uploads.Limit(server.app)
    limit._coming["somebody"] = 350 * KB
    assert not limit._has_room("another", 90 * KB)
    assert limit._has_room("another", 40 * KB)


def test_a_file_that_was_taken_in_is_let_go(server: Server, monkeypatch: pytest.MonkeyPatch):
    context = type("Context", (), {"uploaded_file_mgr": server.kept, "session_id": "one"})()
    monkeypatch.setattr(streamlit_internals, "get_script_run_ctx", lambda: context)
    server.put("one", "1", bytes(90 * KB))
    streamlit_internals.forget_upload(type("File", (), {"file_id": "1"})())
    assert streamlit_internals.kept_uploads("one") == (0, 0)
    assert uploads.FULL.endswith(".")
