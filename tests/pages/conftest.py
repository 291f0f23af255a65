"""The app without a browser: pages ask about networks in this process, and workers never start."""

import gc
import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.preprocessing import Preprocessing
from cnnlab.training import recipes
from cnnlab.ui import engine

APP = Path(__file__).resolve().parents[2] / "app.py"


class NoWorkers:
    """A launcher whose runs wait for ever."""

    def launch(self, run: runs.Run, slot: int) -> None: ...

    def tick(self, soon: bool) -> None: ...

    def close(self) -> None: ...


class AskedHere:
    """The service without its process; what goes to and fro is pickled as for the real one."""

    ready, message = True, "TensorFlow is ready."

    def start(self) -> "AskedHere":
        return self

    def wait(self) -> None: ...

    def close(self) -> None: ...

    def ask(self, question: str, *arguments: object) -> object:
        from cnnlab.service.questions import ASKED

        return pickle.loads(pickle.dumps(ASKED[question](*pickle.loads(pickle.dumps(arguments)))))


@pytest.fixture(scope="session", autouse=True)
def _quick() -> None:
    """Keep TensorFlow out of full garbage collections: Streamlit asks for one before each run of a page.

    The server never imports it; here the questions are answered in this process.
    """
    import cnnlab.service.questions  # noqa: F401

    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[None]:
    monkeypatch.setattr("cnnlab.ui.engine.Service", AskedHere)
    monkeypatch.setattr("cnnlab.ui.engine.launcher", NoWorkers)
    engine.service.clear()
    yield
    engine._supervisor.clear()
    engine.service.clear()


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """Return a function that opens a page as a new browser does, with query parameters.

    ``state`` is what the session holds already, such as the tab that is open; ``lang`` is its language.
    """

    def open_page(name: str, state: Mapping[str, object] = MappingProxyType({}), **query: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=60).run()
        app.switch_page(f"pages/{name}.py")
        if "lang" in query:  # app.py reads it, and Streamlit runs the file of the page alone here
            app.session_state["language"] = query.pop("lang")
        for key, value in query.items():
            app.query_params[key] = value
        for key, value in state.items():
            app.session_state[key] = value
        return app.run()

    return open_page


@pytest.fixture
def run() -> runs.Run:
    """A run of LeNet-5 on digits that has just been put into the queue."""
    return runs.create(recipes.get("lenet5-digits").config)


def walls(app: AppTest) -> list[dict]:
    """Return what each wall of images on the page shows: its ``label``, its ``tiles``, the ``chosen`` one."""
    found = [part.proto for part in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in found if proto.component_name.endswith("cnnlab.image_wall")]


def say(run: runs.Run, state: str, **status: object) -> None:
    """Write a status as a worker would."""
    run.write_status(replace(run.status(), state=state, **status))


def give_weights(run: runs.Run) -> None:
    """Give a run an untrained network for 8 × 8 gray images of ten digits."""
    import keras

    image = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Flatten(name="flatten")(image)
    model = keras.Model(image, keras.layers.Dense(10, activation="softmax", name="output")(x))
    seen_as = Preprocessing(8, 8, 1)
    facts = {
        "classes": list("0123456789"),
        "preprocessing": seen_as.to_dict(),
        "input_shape": seen_as.input_shape,
    }
    (run.folder / "model.json").write_text(json.dumps(facts))
    model.save(run.folder / "checkpoints" / "best.keras")
