"""The certificate that docs/install.md makes: a camera opens by the address of the machine in its network."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from cnnlab.access.entry import is_loopback
from cnnlab.streamlit_internals import network_address
from tests.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

PATIENCE = 120_000  # milliseconds
GUIDE = chromium.REPOSITORY / "docs" / "install.md"
EXAMPLE = "192.168.1.20"


def made(folder: Path, address: str) -> tuple[Path, Path]:
    """Run the command of the guide for an address; return the certificate and its key."""
    [command] = re.findall(r"^    (openssl req .*)$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert EXAMPLE in command
    words = shlex.split(command.replace(EXAMPLE, address))
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
def test_the_camera_opens_by_the_address_in_the_network(tmp_path: Path, home: Path, browser: Browser):
    host = network_address()
    if is_loopback(f"//{host}"):
        pytest.skip("this machine has no address in a network")
    certificate = made(tmp_path, host)
    app = chromium.REPOSITORY / "app.py"
    with chromium.served(app, home, certificate=certificate) as address:
        assert f"https://{host}:" in (home / "server.log").read_text()  # the teacher's link
        context = browser.new_context(ignore_https_errors=True, permissions=["camera"])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address.replace('localhost', host)}/before_class")
        expect(page.get_by_text("try it below")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("button", name="Try the camera").click()
        expect(page.get_by_text("320 × 240")).to_be_visible(timeout=PATIENCE)
        context.close()
