"""The live camera's questions: other people's data, answered with the probabilities of the run they name."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import urlencode

import numpy as np
import pytest
from starlette.requests import Request

from cnnlab import images, runs
from cnnlab.inference.explanation import Explanation
from cnnlab.runs import snapshots
from cnnlab.service import OfEpoch, OfRun
from cnnlab.training import recipes
from cnnlab.ui import asking
from cnnlab.ui.classify import live
from cnnlab.ui.classify.explain import heat
from tests import coroutines
from tests.pages.conftest import give_weights

FRAME = images.encode_jpeg(np.full((24, 24, 3), 200, np.uint8))


class Halves:
    """A service that says class 0 for dark inputs, class 1 for bright ones, and took 2 ms."""

    def ask(self, question: str, weights: object, batch: np.ndarray) -> tuple[np.ndarray, float]:
        bright = batch.mean(axis=(1, 2, 3))
        return np.stack([1 - bright, bright, *[np.zeros(len(batch))] * 8], axis=1), 0.002


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "service", Halves)
    live._limiter.cache_clear()


@pytest.fixture
def trained(home) -> runs.Run:
    run = runs.create(recipes.get("lenet5-digits").config)
    give_weights(run)
    return run


def ask(
    run: str, body: bytes = FRAME, kind: str = "image/jpeg", invert: int = 0, **more: str | int
) -> tuple[int, dict]:
    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", kind.encode())],
        "query_string": urlencode({"run": run, "invert": invert, **more}).encode(),
    }
    parts: Iterator = iter([body[i : i + 65536] for i in range(0, len(body), 65536)] or [b""])
    total = -(-len(body) // 65536) or 1
    sent = [0]

    async def receive() -> dict:
        sent[0] += 1
        return {"type": "http.request", "body": next(parts), "more_body": sent[0] < total}

    said = coroutines.run(live.answer(Request(scope, receive)))
    return said.status_code, json.loads(said.body)


def test_an_answer_has_the_classes_in_their_order_the_network_input_and_the_time_of_the_network(trained):
    status, told = ask(trained.id)
    assert status == 200
    assert told["probabilities"][:2] == pytest.approx([1 - 200 / 255, 200 / 255], abs=0.01)
    assert len(told["probabilities"]) == 10
    assert told["inference_ms"] == pytest.approx(2)
    kind, _, data = told["input"].partition(",")
    assert kind == "data:image/png;base64"
    assert images.decode(base64.b64decode(data)).shape[:2] == (8, 8)


def test_inverted_the_network_gets_the_negative(trained):
    _, told = ask(trained.id, invert=1)
    assert told["probabilities"][0] == pytest.approx(200 / 255, abs=0.01)


def test_with_a_heat_map_it_lies_over_the_input_and_the_probabilities_are_of_the_same_question(
    trained, monkeypatch
):
    asked = []

    def explained(self, question: str, weights: object, image: np.ndarray) -> Explanation:
        asked.append((question, weights.run_id, image.shape))
        heat = np.zeros((2, 2), np.float32)
        heat[0, 1] = 5.0
        return Explanation(heat, 1, np.eye(10, dtype=np.float32)[1], "conv", "gradcam")

    monkeypatch.setattr(heat, "service", lambda: type("Explains", (), {"ask": explained})())
    status, told = ask(trained.id, heat=1)
    assert status == 200 and told["probabilities"] == [0, 1, *[0] * 8]
    assert asked == [("explain", trained.id, (8, 8, 1))]
    shown = images.decode(base64.b64decode(told["input"].partition(",")[2])).astype(int)
    side = len(shown)
    assert (
        shown[side // 8, -side // 8] - shown[-side // 8, side // 8]
    ).min() > 50  # bright where the heat is


def test_the_network_of_an_epoch_is_asked_where_its_weights_were_kept(trained, monkeypatch):
    asked = []
    once = Halves.ask
    monkeypatch.setattr(
        Halves, "ask", lambda self, question, weights, batch: asked.append(weights) or once(self, 0, 0, batch)
    )
    snapshots.write_weights(trained, 3, {"0-0": np.ones(4, np.float32)})
    assert ask(trained.id, epoch="3")[0] == 200 and ask(trained.id, epoch="x")[0] == 200
    assert isinstance(asked[0], OfEpoch) and asked[0].epoch == 3 and isinstance(asked[1], OfRun)
    status, told = ask(trained.id, epoch="2")
    assert status == 422 and "epoch 2" in told["error"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "text/plain"}, 415),
        ({"kind": "multipart/form-data; boundary=x"}, 415),
        ({"body": b""}, 422),
        ({"body": b"only text"}, 422),
        ({"body": FRAME[:100]}, 422),
        ({"body": images.encode_jpeg(np.zeros((8, live.MOST_PIXELS + 1, 3), np.uint8))}, 422),
        ({"body": FRAME + b"\0" * live.MOST_BYTES}, 413),
        ({"run": "../../etc/passwd"}, 422),
        ({"run": "no-such-run-1234"}, 422),
        ({"run": ""}, 422),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_frame_or_no_run_is_refused_in_one_sentence(trained, change, status):
    said, told = ask(**{"run": trained.id} | change)
    assert said == status
    assert list(told) == ["error"] and told["error"].endswith(".") and "\n" not in told["error"]


def test_a_run_without_weights_and_one_that_diverged_say_so(trained, monkeypatch):
    without = runs.create(recipes.get("lenet5-digits").config)
    assert "no weights yet" in ask(without.id)[1]["error"]
    monkeypatch.setattr(Halves, "ask", lambda self, *_: (np.full((1, 10), np.nan), 0.0))
    assert "diverged" in ask(trained.id)[1]["error"]
