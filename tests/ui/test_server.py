"""The server as it ships: no TensorFlow, a frozen heap, no file watcher, our routes beside Streamlit's."""

import gzip
import json
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import plotly
import psutil
import pytest
from websockets.asyncio.client import connect

from cnnlab import runs
from cnnlab.settings import RunConfig
from cnnlab.ui import pulse
from tests import coroutines
from tests.benchmarks.sessions import PAGES, Clicks, Session
from tests.browser import chromium

TAB = "0123456789abcdef"
SETTINGS = tomllib.loads((chromium.REPOSITORY / ".streamlit" / "config.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("served")
    (home / "shared_screen.json").write_text(json.dumps({"page": "data", "query": "", "token": TAB}))
    with chromium.served(chromium.REPOSITORY / "app.py", home, base="class/room") as address:
        yield address


def test_the_shipped_settings_watch_no_files_and_collect_no_garbage_after_each_run():
    assert SETTINGS["server"]["fileWatcherType"] == "none"
    assert SETTINGS["runner"]["postScriptGC"] is False


def test_the_heap_is_frozen_once_what_lives_for_ever_is_imported():
    code = "import gc; from cnnlab.ui import server; server.settle(); print(gc.get_freeze_count())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=chromium.REPOSITORY, capture_output=True, text=True, check=True
    )
    assert int(done.stdout.split()[-1]) > 50_000


def test_a_page_asks_browsers_not_to_translate_it_and_is_whole(address: str):
    asked = urllib.request.Request(
        f"{address}/data", headers={"Accept": "text/html", "Accept-Encoding": "gzip"}
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        body = answer.read()
    assert b'<html translate="no" ' in body and body.rstrip().endswith(b"</html>")
    assert int(answer.headers["content-length"]) == len(body)


def test_every_page_is_served_without_tensorflow_in_the_server(address: str):
    seen = Clicks()

    async def walk() -> None:
        socket = address.replace("http", "ws") + "/_stcore/stream"
        async with connect(socket, subprotocols=["streamlit"], max_size=None, open_timeout=30) as connection:
            session = Session(connection, seen)
            for page in PAGES:
                await session.open(page)

    coroutines.run(walk())
    assert seen.errors == []
    assert len(seen.seconds) == len(PAGES)
    children = psutil.Process().children(recursive=True)
    server = next(child for child in children if "streamlit" in child.cmdline())
    loaded = {Path(mapped.path).name for mapped in server.memory_maps()}
    assert any("cv2" in name for name in loaded)  # what is loaded is seen
    assert not {name for name in loaded if "tensorflow" in name}


def fetched(address: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30)


def test_the_chart_library_is_kept_for_a_year_under_the_name_of_its_version(address: str):
    with fetched(f"{address}/cnnlab/plotly.js") as answer:
        assert answer.url.endswith(f"/class/room/cnnlab/plotly-{plotly.__version__}.min.js")
        assert "immutable" in answer.headers["Cache-Control"]
        source = answer.read()
    if answer.headers["Content-Encoding"] == "gzip":
        assert len(source) < 2_000_000
        source = gzip.decompress(source)
    assert source == (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


def test_a_word_is_answered_for_whatever_is_asked(address: str):
    for of in ("machine", "run/none-such-run", "run/../../etc", "dataset/%00", "", "nothing"):
        with fetched(f"{address}/cnnlab/pulse?of={of}") as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"].startswith("text/plain")
            assert len(answer.read()) < 60


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch):
    """Return the function that looks a word up, none of them kept from before."""
    monkeypatch.setattr(pulse, "KEPT_SECONDS", {})
    monkeypatch.setattr(pulse, "SHORT_SECONDS", 0.0)
    monkeypatch.setattr("cnnlab.ui.pulse.engine.service", lambda: type("Ready", (), {"ready": True}))
    return pulse._Words().of


def test_the_machines_word_changes_with_what_lists_show_and_with_nothing_else(words):
    from dataclasses import replace

    empty = words(pulse.MACHINE)
    run = runs.create(RunConfig("lenet5", "digits", epochs=3))
    waiting = words(pulse.MACHINE)
    assert waiting != empty
    alive = {"state": "running", "epochs": 3, "process": vars(runs.liveness.ProcessId.of(1))}
    run.write_status(replace(run.status(), **alive, step=1, heartbeat=1.0))
    first = words(pulse.MACHINE)
    run.write_status(replace(run.status(), step=2, heartbeat=2.0))
    assert words(pulse.MACHINE) == first != waiting
    run.write_status(replace(run.status(), epoch=1))
    assert words(pulse.MACHINE) != first


def test_a_runs_word_changes_with_its_history_its_status_and_a_wish(words):
    run = runs.create(RunConfig("lenet5", "digits", epochs=3))
    name, seen = pulse.RUN + run.id, []
    seen.append(words(name))
    assert words(name) == seen[0]
    with (run.folder / "metrics.jsonl").open("a") as history:
        history.write("{}\n")
    seen.append(words(name))
    run.write_status(run.status())
    seen.append(words(name))
    (run.folder / "control" / "stop").touch()
    seen.append(words(name))
    assert len(set(seen)) == 4


def test_the_word_of_a_run_that_waits_changes_with_those_before_it(words):
    before = runs.create(RunConfig("lenet5", "digits", epochs=3))
    name = pulse.RUN + runs.create(RunConfig("lenet5", "digits", epochs=3)).id
    first = words(name)
    before.request_stop()
    assert words(name) != first


def test_many_who_ask_at_once_cost_one_look(monkeypatch: pytest.MonkeyPatch):
    looks = []
    monkeypatch.setattr(pulse, "_look", lambda of: looks.append(of) or "word")
    words = pulse._Words()
    assert {words.of(pulse.MACHINE) for _ in range(1000)} == {"word"}
    assert len(looks) <= 3


def asked(address: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
    """Return status and text of an answer."""
    question = urllib.request.Request(
        address, body, {name.replace("_", "-"): to for name, to in headers.items()}
    )
    try:
        with urllib.request.urlopen(question, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_shared_tab_moves_on_and_nobody_else_moves_it(address: str):
    screen, words = f"{address}/cnnlab/screen", f"{address}/cnnlab/pulse?of=screen"
    assert asked(words) == (200, "data?")
    for body, headers, status in (
        (f"{TAB}\ntrain", {"Sec_Fetch_Site": "cross-site"}, 403),
        (f"{TAB}\ntrain", {"Origin": "https://evil.example"}, 403),
        (f"{TAB}\n//evil.example", {}, 403),
        (f"{TAB}\ntrain?run={'a' * 9_000}", {}, 413),
        (f"{'f' * 16}\ntrain", {}, 409),
        ("\xff", {}, 409),
    ):
        assert asked(screen, body.encode("latin-1"), **headers)[0] == status, body[:40]
    assert asked(words) == (200, "data?")
    assert asked(screen, f"{TAB}\ntrain?run=a".encode())[0] == 204
    assert asked(words) == (200, "train?run=a")


def test_who_knows_the_word_waits_for_another_one(address: str):
    words = f"{address}/cnnlab/pulse?of=screen"
    _, now = asked(words)
    began = time.monotonic()
    assert asked(f"{words}&known=other") == (200, now)
    assert asked(f"{words}&known={quote(now)}") == (200, now)
    assert time.monotonic() - began > pulse.WAITS[pulse.SCREEN] / 2
