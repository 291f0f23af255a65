"""Thirty browsers that follow the teacher: what it costs while nothing changes, and at each new page.

Each is a websocket session whose address says ``follow=1``, and asks for the words that its page listens to:
where the teacher is every second, how the machine is every two. Beside it the same sessions that look at the
same page without following.
"""

import asyncio
import http.client
import threading
from collections.abc import Iterator
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from cnnlab import workspace
from cnnlab.ui import following, pulse, shared_screen
from tests.benchmarks.classroom import processor, server_of
from tests.benchmarks.result import Result
from tests.benchmarks.sessions import FINISHED, PULSE_SECONDS
from tests.browser import chromium

SESSIONS, SECONDS = 30, 20.0
STEPS = ("concepts?concept=convolution", "train", "concepts?concept=pooling", "data", "experiments", "runs")


def run() -> Iterator[Result]:
    token = shared_screen.share("concepts?concept=convolution").token
    with chromium.served(chromium.REPOSITORY / "app.py", workspace.home()) as address:
        port = int(address.rpartition(":")[2])
        quiet = asyncio.run(attend(port, "follow=1", [pulse.SCREEN, pulse.MACHINE], address))
        beside = asyncio.run(attend(port, "", [pulse.MACHINE], address))
        moved = asyncio.run(moves(port, token, address))
    yield Result(
        "thirty followers while nothing changes",
        "s",
        f"processor time of the server in a second, {SESSIONS} followers",
        quiet,
        other_is="the same browsers that do not follow",
        other=beside,
        ours_at_most=0.1,
    )
    yield Result(
        "a step of the teacher for thirty followers",
        "s",
        "processor time of the server until all thirty show the next page",
        moved,
        other_is="what a click may cost in a class of 30 (classroom), thirty times",
        other=SESSIONS * 0.05,
        ours_at_most=SESSIONS * 0.05,
    )


async def attend(port: int, query: str, words: list[str], address: str) -> float:
    """Let sessions look at a page; return the server's processor seconds in each second."""
    async with _Class(port, query):
        with _Asking(port, words):
            await asyncio.sleep(6)  # what is made once is made
            began = processor(server_of(address))
            await asyncio.sleep(SECONDS)
            return (processor(server_of(address)) - began) / SECONDS


async def moves(port: int, token: str, address: str) -> float:
    """Let the teacher go on; return the processor seconds of a step."""
    async with _Class(port, f"{following.FOLLOW}=1") as everybody:
        for step in STEPS:  # once for what is made once
            await everybody.follow(token, step, port)
        began = processor(server_of(address))
        for step in STEPS:
            await everybody.follow(token, step, port)
        return (processor(server_of(address)) - began) / len(STEPS)


class _Class:
    """Sessions that are connected while the block runs."""

    def __init__(self, port: int, query: str):
        self._port, self._query = port, query
        self._sockets: list[ClientConnection] = []

    async def __aenter__(self) -> "_Class":
        address = f"ws://localhost:{self._port}/_stcore/stream"
        for _ in range(SESSIONS):
            socket = await connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=30)
            self._sockets.append(socket)
            await show(socket, "concepts", self._query)
        return self

    async def __aexit__(self, *_: object) -> None:
        for socket in self._sockets:
            await socket.close()

    async def follow(self, token: str, step: str, port: int) -> None:
        """Let the teacher's tab tell where it is, and each session run its page as its pulse makes it do."""
        connection = http.client.HTTPConnection("localhost", port)
        connection.request("POST", "/cnnlab/screen", f"{token}\n{step}", {"Host": f"localhost:{port}"})
        assert connection.getresponse().status == 204
        await asyncio.gather(*(show(socket, "", self._query) for socket in self._sockets))


async def show(socket: ClientConnection, page: str, query: str) -> None:
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    await socket.send(message.SerializeToString())
    while True:
        got = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), 60))
        if got.WhichOneof("type") == "script_finished" and got.script_finished == FINISHED:
            return


class _Asking:
    """Asks for words as often as all sessions together do, over one connection a word.

    The server answers who follows after ``WAITS`` where nothing has changed: each asks again a second later.
    """

    def __init__(self, port: int, words: list[str]):
        self._over = threading.Event()
        self._threads = []
        for word in words:
            if word in pulse.WAITS:
                known = f"{word}&known={quote(shared_screen.word())}"
                asks = [(known, following.SECONDS, number / SESSIONS * 5) for number in range(SESSIONS)]
            else:
                asks = [(word, PULSE_SECONDS / SESSIONS, 0.0)]
            for ask in asks:
                self._threads.append(threading.Thread(target=self._ask, args=(port, *ask), daemon=True))

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, port: int, word: str, every: float, begins: float) -> None:
        connection = http.client.HTTPConnection("localhost", port)
        self._over.wait(begins)
        while not self._over.is_set():
            connection.request("GET", f"/cnnlab/pulse?of={word}")
            connection.getresponse().read()
            self._over.wait(every)
