"""Before class: what is found, what to do about it, and a rehearsal."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import readiness, runs
from cnnlab.ui import readiness_list
from tests.pages.conftest import say

OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def asked_anew():
    readiness_list._of_server.clear()


def texts(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in (*app.markdown, *app.error, *app.warning, *app.success))


def test_each_finding_has_its_line_and_the_worst_decides(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    app = open_page("before_class")
    assert not app.exception
    for name in ("Python", "Memory", "Disk", "Datasets", "Weights of MobileNetV2", "Network", "Fallback"):
        assert f"**{name}" in texts(app), name
    assert not app.error and len(app.warning) == 1  # the weights are not here, and nobody has trained

    monkeypatch.setattr(readiness.machine, "free_bytes", lambda: 2**28)
    app = open_page("before_class")
    assert not app.error  # kept for a moment
    app = next(one for one in app.button if one.label == "Check again").click().run()
    assert len(app.error) == 1 and "close other programs" in texts(app)


@pytest.mark.parametrize(("language", "title"), [("en", "Drawn gestures"), ("zh", "绘制的手势")])
def test_datasets_are_called_as_everywhere_on_the_pages(open_page: OpenPage, language: str, title: str):
    app = open_page("before_class", lang=language)
    [line] = [one.value for one in app.markdown if title in one.value]
    assert "gestures_drawn" not in line


def test_a_rehearsal_is_a_run_of_one_epoch_that_tells_its_time(open_page: OpenPage):
    app = open_page("before_class")
    app = app.button(key="rehearse").click().run()
    assert not app.exception
    [run] = runs.list_runs()
    assert run.config.epochs == 1
    assert app.button(key="rehearse").disabled
    now = run.status()
    say(run, "finished", ended=now.created + 9, started=now.created + 1, seconds=1.5, epoch=1, epochs=1)
    app = app.run()
    assert "9 s from the click to the end, 1.5 s" in texts(app)
    assert not app.button(key="rehearse").disabled
    say(run, "failed", ended=now.created + 9, message="The disk is full.")
    assert "The disk is full." in texts(app.run())


@pytest.mark.parametrize(
    ("found", "name", "state"),
    [
        ({"modern": True}, "browser", "ok"),
        ({"modern": "yes"}, "browser", "broken"),
        ({"secure": False, "camera": "works"}, "camera", "note"),
        ({"secure": True, "camera": "works", "across": 640, "down": 480}, "camera", "ok"),
        ({"secure": True, "camera": "refused"}, "camera", "broken"),
        ({"secure": True, "camera": "busy", "cameras": 1}, "camera", "broken"),
        ({"secure": True, "camera": "", "cameras": 0}, "camera", "note"),
        ({"secure": True, "camera": "", "cameras": 1}, "camera", "ok"),
        ({"width": 1440, "height": 900}, "window", "ok"),
        ({"width": "<b>", "height": None}, "window", "note"),
        ({"width": 1e300, "height": -5}, "window", "note"),
    ],
)
def test_what_a_browser_tells_is_judged_whatever_it_tells(found: dict, name: str, state: str):
    [check] = [one for one in readiness_list._conditions(found) if one.name == name]
    assert check.state == state and "<" not in check.message


def test_weights_that_are_missing_are_named_with_where_to_put_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path, home
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    missing = [check for check in readiness.weights() if check.state == "note"]
    assert missing and all(str(tmp_path / "models") in check.message for check in missing)
    base = readiness.architectures.get("mobilenetv2_transfer").base
    assert base is not None
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / base.weights.name).write_bytes(b"")
    assert [check.state for check in readiness.weights()].count("ok") == 1


@pytest.mark.parametrize(("gigabytes", "state"), [(8.0, "ok"), (1.5, "note"), (0.5, "broken")])
def test_memory_is_judged_by_what_training_takes(
    monkeypatch: pytest.MonkeyPatch, gigabytes: float, state: str
):
    monkeypatch.setattr(
        readiness,
        "machine",
        SimpleNamespace(free_bytes=lambda: int(gigabytes * 2**30), memory_bytes=lambda: 16 * 2**30),
    )
    assert readiness.memory().state == state
