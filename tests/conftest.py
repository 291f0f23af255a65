"""Fixtures for all tests: a workspace of its own for each test, and the real photographs where they exist."""

import functools
import os
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

hypothesis.settings.register_profile("at any speed", deadline=None)
hypothesis.settings.load_profile("at any speed")

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes and endless numbers by their argument: all workers must agree, and a time may be inside."""
    endless = isinstance(val, int | float) and len(str(val)) > 40
    return argname if isinstance(val, bytes) or endless else None


@pytest.fixture(scope="session", autouse=True)
def _installed_components_are_looked_for_once() -> None:
    """Keep Streamlit from reading about every installed package again for each app that is tested."""
    from streamlit.components.v2 import manifest_scanner

    manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point CNNLAB_HOME at an empty folder, so that no test sees another's runs or the developer's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CNNLAB_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real photographs, or skip where this machine has none."""
    folder = Path(os.environ.get("CNNLAB_REAL_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real photographs: {folder} does not exist (set CNNLAB_REAL_DATA to their folder)")
    return folder
