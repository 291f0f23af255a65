"""Browsers without a browser: websocket sessions that click through a running app, as a class does.

Each is one connection, which asks for pages and waits for the end of each run of the script;
between two clicks it asks for the words of ``cnnlab.ui.pulse`` as a visible tab does.
"""

import asyncio
import random
import time
import urllib.request
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Button_pb2 import Button
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from cnnlab.runs import Run

PAGES = (
    "",
    "data",
    "collect",
    "concepts",
    "architecture",
    "train",
    "runs",
    "experiments",
    "classify",
    "before_class",
)
FINISHED, RERUN = 0, 3
"""``ScriptFinishedStatus`` of a whole run that ended, and of one that another run follows."""
PULSE_SECONDS = 2.0


@dataclass
class Clicks:
    """What a class saw: seconds of each click by page, messages of errors, bytes received."""

    seconds: list[tuple[str, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    received: int = 0

    def times(self, page: str | None = None) -> list[float]:
        return [took for name, took in self.seconds if page in (None, name)]


class Session:
    """One browser's connection; ``buttons`` grows by those that arrive."""

    def __init__(self, socket: ClientConnection, seen: Clicks):
        self._socket, self._seen = socket, seen
        self.buttons: list[Button] = []

    async def open(self, page: str) -> None:
        """Go to a page and wait until its script has ended."""
        message = BackMsg()
        message.rerun_script.page_name = page
        await self._run(page or "home", message)

    async def try_to_stop(self, run: Run) -> bool:
        """Send what a click on Stop sends, as a browser that was changed can; return whether it was off."""
        message = BackMsg()
        message.rerun_script.page_name = "train"
        message.rerun_script.query_string = f"run={run.id}"
        self.buttons.clear()
        await self._run("train", message)
        [stop] = [one for one in self.buttons if one.label == "Stop" and one.id.endswith("-stop")]
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = stop.id, True
        await self._run("train", message)
        return stop.disabled

    async def _run(self, name: str, message: BackMsg) -> None:
        began = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        while await self._read() != FINISHED:
            pass
        self._seen.seconds.append((name, time.perf_counter() - began))

    async def look(self, seconds: float) -> None:
        """Let time pass, and take in what arrives."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self._read(), left)
            except TimeoutError:
                return

    async def _read(self) -> int | None:
        data = await asyncio.wait_for(self._socket.recv(), 60)
        self._seen.received += len(data)
        got = ForwardMsg.FromString(data)
        kind = got.WhichOneof("type")
        if kind == "delta":
            element = got.delta.new_element
            if element.WhichOneof("type") == "exception":
                self._seen.errors.append(element.exception.message[:120])
            elif element.WhichOneof("type") == "button":
                self.buttons.append(element.button)
        return got.script_finished if kind == "script_finished" else None


async def one(
    port: int, number: int, arrive: float, until: float, every: float, seen: Clicks, asks: bool
) -> None:
    """Arrive after a while, then click every few seconds; one who ``asks`` classifies an image each time."""
    draw = random.Random(number)
    await asyncio.sleep(draw.random() * arrive)
    address = f"ws://localhost:{port}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=30) as socket:
        session = Session(socket, seen)
        await session.open("")
        while time.monotonic() < until:
            await session.look(draw.uniform(0.5, 1.5) * every)
            await session.open("classify" if asks else draw.choice(PAGES))  # which answers a sample each time


async def pulses(port: int, sessions: int, until: float, seen: Clicks) -> None:
    """Ask for the machine's word as often as so many visible tabs do."""
    address = f"http://localhost:{port}/cnnlab/pulse?of=machine"
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            await asyncio.to_thread(lambda: urllib.request.urlopen(address, timeout=30).close())
        except OSError as error:
            seen.errors.append(repr(error)[:120])
        seen.seconds.append(("pulse", time.perf_counter() - began))
        await asyncio.sleep(max(0.0, PULSE_SECONDS / sessions - (time.perf_counter() - began)))


def attend(port: int, sessions: int, seconds: float, arrive: float, every: float, asking: int = 0) -> Clicks:
    """Let a class come, click and go; ``asking`` of them classify an image each time."""
    seen = Clicks()

    async def everyone() -> None:
        until = time.monotonic() + arrive + seconds
        members = [
            one(port, number, arrive, until, every, seen, asks=number < asking) for number in range(sessions)
        ]
        for left in await asyncio.gather(
            *members, pulses(port, sessions, until, seen), return_exceptions=True
        ):
            if isinstance(left, BaseException):
                seen.errors.append(repr(left)[:160])

    asyncio.run(everyone())
    return seen


def main() -> None:
    """Attend with the numbers of the command line, in the order of ``attend``, and print what was seen."""
    import json
    import sys

    port, sessions, seconds, arrive, every, asking = map(float, sys.argv[1:])
    seen = attend(int(port), int(sessions), seconds, arrive, every, int(asking))
    print(json.dumps({"seconds": seen.seconds, "errors": seen.errors, "received": seen.received}))


if __name__ == "__main__":
    main()
