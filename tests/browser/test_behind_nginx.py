"""The app behind nginx with HTTPS and a base path, by the configuration that docs/ gives to people."""

import io
import re
import shutil
import ssl
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from cnnlab import images
from tests.browser import chromium
from tests.cluster.ray_nodes import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NGINX = shutil.which("nginx")
SITE = chromium.REPOSITORY / "docs" / "server" / "nginx.conf"
SERVICE = chromium.REPOSITORY / "docs" / "server" / "cnnlab.service"
PATIENCE = 120_000  # milliseconds
AROUND = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def adapted(site: str, **instead: str) -> str:
    """Return the shipped configuration with ports and files of this test; all of it else is as shipped."""
    for shipped, here in instead.items():
        old = {
            "http": "listen 80;",
            "https": "listen 443 ssl;",
            "certificate": "/etc/ssl/certs/cnnlab.pem",
            "key": "/etc/ssl/private/cnnlab.key",
            "app": "http://127.0.0.1:8501;",
        }[shipped]
        assert site.count(old) == 1, old
        site = site.replace(old, here)
    return site


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def proxied(
    tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch
) -> Iterator[tuple[str, str]]:
    """Yield the https address of the app behind nginx, and the plain one that leads there."""
    if not NGINX or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed: apt-get install nginx-light openssl")
    folder = tmp_path_factory.mktemp("nginx")
    subject = ["-subj", "/CN=localhost", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject],
        check=True,
        capture_output=True,
    )
    http, https = free_port(), free_port()
    environment.setenv("STREAMLIT_SERVER_ALLOWED_HOSTS", "localhost")  # the name that nginx passes on
    with chromium.served(chromium.REPOSITORY / "app.py", folder / "home", base="lab") as direct:
        app = re.sub(r"//localhost(:\d+)/lab$", r"//127.0.0.1\1;", direct)
        site = adapted(
            SITE.read_text("utf-8"),
            http=f"listen 127.0.0.1:{http};",
            https=f"listen 127.0.0.1:{https} ssl;",
            certificate=str(folder / "cert.pem"),
            key=str(folder / "key.pem"),
            app=app,
        )
        (folder / "site.conf").write_text(site)
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
        server = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
        try:
            wait_until_it_answers(f"https://localhost:{https}/lab/_stcore/health", folder / "error.log")
            yield f"https://localhost:{https}/lab", f"http://localhost:{http}/lab"
        finally:
            server.terminate()
            server.wait(10)


def opened(address: str):
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    return urllib.request.urlopen(address, timeout=30, context=anyone)


def wait_until_it_answers(address: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            opened(address).close()
            return
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


def zip_of_noise() -> bytes:
    """Return a ZIP of two classes that is larger than the megabyte that nginx takes by default."""
    packed, rng = io.BytesIO(), np.random.default_rng(0)
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(8):
            noise = rng.integers(0, 256, (320, 320, 3), np.uint8)
            archive.writestr(f"{('paper', 'rock')[number % 2]}/{number}.png", images.encode_png(noise))
    return packed.getvalue()


def test_a_page_is_alive_over_wss_and_takes_a_file(proxied, browser: Browser):
    https, _ = proxied
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    page, sockets, missing = context.new_page(), [], []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.on("response", lambda got: missing.append(got.url) if got.status >= 400 else None)
    page.goto(f"{https}/data")
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Import dataset").click()
    page.get_by_text("ZIP or image files", exact=True).click()
    packed = zip_of_noise()
    assert len(packed) > 2_000_000
    page.locator("input[type=file]:not([webkitdirectory])").set_input_files(
        [{"name": "noise.zip", "mimeType": "application/zip", "buffer": packed}]
    )
    expect(page.get_by_text("8 images in 2 classes:")).to_be_visible(timeout=PATIENCE)
    assert sockets and all(url.startswith("wss://") and "/lab/_stcore/stream" in url for url in sockets)
    assert page.evaluate("window.isSecureContext")  # browsers open the camera
    probes = (
        r"/lab/data/_stcore/(host-config|health)$"  # Streamlit looks for its base path from the longest on
    )
    assert not [url for url in missing if not re.search(probes, url)]
    context.close()


def test_plain_http_and_the_path_without_a_slash_lead_to_the_app(proxied):
    https, http = proxied
    with opened(f"{https}") as answer:
        assert answer.url.endswith("/lab/") and answer.status == 200

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    with pytest.raises(urllib.error.HTTPError) as led:
        urllib.request.build_opener(Stay).open(http, timeout=30)
    assert led.value.code == 301 and led.value.headers["Location"] == "https://localhost/lab"


def test_what_nginx_and_the_service_say_of_each_other_agrees():
    site, service = SITE.read_text("utf-8"), SERVICE.read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=\S+streamlit (.+)$", service, re.MULTILINE)
    for option, value in (("address", "127.0.0.1"), ("port", "8501"), ("baseUrlPath", "lab")):
        assert f"--server.{option} {value}" in command
    assert "proxy_pass http://127.0.0.1:8501;" in site and "location /lab/ {" in site
    (hosts,) = re.findall(r"ALLOWED_HOSTS=(\S+)", service)
    assert set(re.findall(r"server_name (\S+);", site)) == {hosts}
