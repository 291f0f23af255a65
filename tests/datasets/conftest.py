"""Images on disk, in memory and in ZIPs."""

import io
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from cnnlab import images, remote, workspace
from cnnlab.datasets.own import collection


def png(red: int = 0, size: tuple[int, int] = (12, 16)) -> bytes:
    """Return a PNG whose red tells which one it is."""
    pixels = np.zeros((*size, 3), np.uint8)
    pixels[..., 0] = red
    return images.encode_png(pixels)


@pytest.fixture
def write(tmp_path):
    """Write images (or given bytes) under ``hands/`` and return that folder."""

    def write(files):
        for number, path in enumerate(files):
            target = tmp_path / "hands" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files[path] if isinstance(files, dict) else png(number))
        return tmp_path / "hands"

    return write


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    """Return a ZIP of files in memory."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    buffer.seek(0)
    return buffer


@pytest.fixture
def hands() -> str:
    return collection.create("Our hands", ["rock", "paper"]).name


def counts(name: str) -> dict[str, int]:
    return {found.name: len(found.images) for found in collection.get(name).classes}


def fill(name: str, person: str, each: int = 3) -> None:
    for number, class_name in enumerate(counts(name)):
        collection.add_images(name, class_name, [png(10 * number + i) for i in range(each)], person)


def contents(name: str) -> dict[str, bytes]:
    folder = workspace.datasets_dir() / name
    return {
        path: folder.joinpath(path).read_bytes() for c in collection.get(name).classes for path in c.images
    }


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        http, asked = self.server, self.headers.get("Range")
        http.asked.append((self.path, asked))
        status, body, length = http.answers.get(self.path, (404, b"", 0))
        start = 0
        if asked and http.resumable:
            status, start = 206, int(asked.removeprefix("bytes=").removesuffix("-"))
        self.send_response(status)
        self.send_header("Content-Length", str(length - start))
        self.end_headers()
        if body is None:
            http.released.wait(30)
        else:
            cut = http.cuts.pop(0) if http.cuts else None
            self.wfile.write(body[start:][:cut])

    def log_message(self, *arguments):
        """Keep quiet."""


@pytest.fixture
def server(monkeypatch):
    """Serve ``server.answers[path] = (status, body, declared length)`` on loopback; None as body hangs.

    Each of the next answers ends after ``server.cuts.pop(0)`` bytes; a ``resumable`` server starts in the
    middle when it is asked to. ``server.asked`` lists the paths and ranges that were asked for.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as http:
        http.answers, http.asked, http.cuts, http.resumable = {}, [], [], True
        http.released = threading.Event()
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("CNNLAB_MIRROR", f"http://127.0.0.1:{http.server_port}/")
        monkeypatch.setattr(remote, "TIMEOUT_SECONDS", 0.3)
        yield http
        http.released.set()
        http.shutdown()
