"""What is relied on in Streamlit beside what it promises, against the very version that is installed."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
import uvicorn
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.testing.v1 import AppTest
from websockets.asyncio.client import ClientConnection, connect

from cnnlab import streamlit_internals as internals
from cnnlab.streamlit_internals import let_parts_follow_their_page
from tests import coroutines
from tests.browser import chromium

APP = """
import time
import streamlit as st
from cnnlab.streamlit_internals import let_parts_follow_their_page

let_parts_follow_their_page()

@st.fragment
def part():
    st.caption("a part")

def show(name, seconds):
    def page():
        time.sleep(seconds)
        st.title(name)
    return page

page = st.navigation([st.Page(show(name, 0.5), title=name, url_path=name) for name in ("one", "two")])
with st.sidebar:
    part()
page.run()
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    home: Path = tmp_path_factory.mktemp("two-pages")
    (home / "app.py").write_text(APP)
    with chromium.served(home / "app.py", home) as address:
        yield int(address.rpartition(":")[2])


class Seen:
    """What a browser was told: the page of each run, titles, names of parts, ends, the hash of each page."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.titles: list[str] = []
        self.parts: list[str] = []
        self.ends: list[int] = []
        self.known: dict[str, str] = {}

    async def read(self, socket: ClientConnection, ends: int) -> None:
        while len(self.ends) < ends:
            got = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), 30))
            kind = got.WhichOneof("type")
            if kind == "new_session":
                self.pages.append(got.new_session.page_script_hash)
            elif kind == "navigation":
                self.known = {page.page_name: page.page_script_hash for page in got.navigation.app_pages}
            elif kind == "script_finished":
                self.ends.append(got.script_finished)
            elif kind == "delta":
                self.parts += [got.delta.fragment_id] if got.delta.fragment_id else []
                if got.delta.new_element.WhichOneof("type") == "heading":
                    self.titles.append(got.delta.new_element.heading.body)


def question(page: str = "", part: str = "") -> bytes:
    message = BackMsg()
    message.rerun_script.page_script_hash = page
    message.rerun_script.fragment_id = part
    return message.SerializeToString()


@pytest.mark.parametrize("waits", [True, False], ids=["both-wait", "the-page-runs"])
def test_a_part_that_asks_while_the_page_is_left_does_not_bring_it_back(port: int, waits: bool):
    async def cross() -> Seen:
        seen = Seen()
        async with connect(f"ws://localhost:{port}/_stcore/stream", subprotocols=["streamlit"]) as socket:
            await socket.send(question())
            await seen.read(socket, 1)
            one, two = seen.known["one"], seen.known["two"]
            if waits:
                await socket.send(question(page=one))
            await socket.send(question(page=two))
            if not waits:
                await asyncio.sleep(0.2)
            await socket.send(question(page=one, part=seen.parts[-1]))
            await seen.read(socket, 3)
        return seen

    seen = coroutines.run(cross())
    assert seen.titles[-1] == "two"
    assert seen.pages[-1] == seen.known["two"]


@pytest.mark.parametrize("page_first", [True, False])
def test_a_part_and_a_page_that_wait_together_are_a_run_of_that_page(page_first: bool):
    let_parts_follow_their_page()
    page = RerunData(page_script_hash="two", query_string="run=a")
    part = RerunData(page_script_hash="one", query_string="", fragment_id="part")
    waiting = ScriptRequests()
    for asked in (page, part) if page_first else (part, page):
        waiting.request_rerun(asked)
    asked = waiting.on_scriptrunner_ready().rerun_data
    assert (asked.page_script_hash, asked.query_string, asked.fragment_id_queue) == ("two", "run=a", [])


PINNED = "1.67"


def test_this_is_the_version_that_they_were_read_in():
    assert st.__version__.startswith(f"{PINNED}.")


def test_a_folder_is_handed_out_once_it_is_served(tmp_path):
    def script(folder: str):
        from pathlib import Path

        import streamlit as st

        from cnnlab import streamlit_internals as internals

        st.text(internals.served_folder("school.drawings"))
        for _ in range(2):
            internals.serve_folders("school", {"drawings": (Path(folder), "inner")})
        st.text(internals.served_folder("school.drawings"))

    (tmp_path / "inner").mkdir()
    app = AppTest.from_function(script, args=(str(tmp_path),)).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["None", str(tmp_path / "inner")]


def test_the_address_has_the_port_and_the_path_of_the_server(monkeypatch):
    options = {"server.port": 8123, "server.baseUrlPath": "lab"}
    known = st.get_option
    monkeypatch.setattr("streamlit.config.get_option", lambda name: options.get(name, known(name)))
    assert internals.address("localhost") == "http://localhost:8123/lab"


def test_addresses_of_pages_run_the_app_from_now_on(monkeypatch):
    from streamlit.runtime.pages_manager import PagesManager

    monkeypatch.setattr(PagesManager, "uses_pages_directory", True)
    internals.run_app_around_pages()
    assert PagesManager.uses_pages_directory is False


def kept_values() -> None:
    import streamlit as st

    from cnnlab.streamlit_internals import kept_in_session

    before = kept_in_session("word")
    if st.button("Change"):
        st.session_state.word = "new"
    st.session_state.setdefault("word", "first")
    st.text(f"{before} {kept_in_session('word')} {kept_in_session('other')}")


def test_what_a_session_keeps_is_read_in_its_run_and_in_the_next_ones():
    app = AppTest.from_function(kept_values).run()
    assert app.text[0].value == "None first None"
    assert app.run().text[0].value == "first first None"
    assert app.button[0].click().run().text[0].value == "first new None"
    assert internals.kept_in_session("word") is None  # this thread runs no page


def test_what_the_server_sends_waits_for_no_acknowledgement(monkeypatch):
    monkeypatch.setattr(uvicorn.Server, "startup", uvicorn.Server.startup)
    monkeypatch.setattr(uvicorn.Server, "_sends_at_once", False, raising=False)
    internals.send_at_once()

    async def option_of_a_connection() -> int:
        async def app(scope, receive, send) -> None: ...

        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
        with socket.socket(family=socket.AF_INET) as listening:  # as Streamlit opens it
            listening.bind(("127.0.0.1", 0))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started:
                await asyncio.sleep(0.01)
            _, writer = await asyncio.open_connection(*listening.getsockname())
            while not server.server_state.connections:
                await asyncio.sleep(0.01)
            [connection] = server.server_state.connections
            found = connection.transport.get_extra_info("socket")
            nodelay = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
            server.should_exit = True
            await serving
        return nodelay

    assert coroutines.run(option_of_a_connection())


def test_the_app_sends_at_once():
    code = "import app, uvicorn, sys; sys.exit(not uvicorn.Server._sends_at_once)"
    assert subprocess.run([sys.executable, "-c", code], cwd=chromium.REPOSITORY).returncode == 0
