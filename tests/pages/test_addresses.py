"""Addresses that people type, and names that people give: every page opens, and says what it cannot do."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import datasets, runs
from cnnlab.architectures.own import library as networks
from cnnlab.datasets.own import library as own_datasets
from cnnlab.settings import RunConfig
from cnnlab.training import own_recipes, recipes
from cnnlab.ui import asking
from cnnlab.ui.runs import epochs
from tests.fuzz.doors import NETWORK, small_images
from tests.long import LONG
from tests.pages.conftest import give_weights, say

OpenPage = Callable[..., AppTest]
PAGES = (
    *("home", "lessons", "data", "collect", "concepts", "architecture", "train", "runs", "classify"),
    *("experiments", "before_class"),
)
PARAMETERS = (
    *("run", "view", "epoch", "dataset", "arch", "input", "classes", "layer", "edit", "batch_norm", "source"),
    *("concept", "image", "hide", "level", "seed", "step", "kernel", "size", "present", "follow"),
    *("lesson", "lesson_step", "about", "recipe", "play"),
)
VALUES = {
    "path": "../../etc/passwd",
    "markup": "<script>alert(1)</script>![](http://example.org/a.png)",
    "number without end": "9" * 5000,
    "letters without end": "a" * 20_000,
    "directions": "\u202etxt.exe\u2066",
    "control": "\x1b[31m\0\x7f",
    "empty": "",
    "other digits": "٣²３",
    "negative": "-1",
    "exponent": "1e400",
    "list": "a,b,,~.~",
    "object": '{"a": [1]}',
}
HOSTILE = "\u202e<b>![x](http://example.org/a.png)</b> :material/home: \x1b[2J"


def run_with(app: AppTest, **query: str) -> AppTest:
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_whatever_its_address_says(open_page: OpenPage, page: str):
    app = open_page(page)
    for name, value in VALUES.items():
        app = run_with(app, **dict.fromkeys(PARAMETERS, value))
        assert not app.exception, (page, name)


@LONG
@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_whatever_one_part_of_its_address_says(open_page: OpenPage, page: str):
    run = runs.create(RunConfig("lenet5", "digits"))
    give_weights(run)
    say(run, "finished", epoch=3, epochs=3, best_epoch=2, best_val_accuracy=0.5)
    good = {
        "run": run.id,
        "arch": "lenet5",
        "concept": "quiz",
        "dataset": "digits",
        "epoch": "2",
        "layer": "conv1",
    }
    app = open_page(page, **good)
    for parameter in PARAMETERS:
        for name, value in VALUES.items():
            app = run_with(app, **good | {parameter: value})
            assert not app.exception, (page, parameter, name)


@pytest.mark.parametrize("value", VALUES)
def test_an_epoch_that_is_none_is_no_epoch(value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(epochs, "st", SimpleNamespace(query_params={"epoch": VALUES[value]}))
    assert epochs.epoch_in_address([1, 2, 3]) is None


@pytest.fixture
def named() -> runs.Run:
    """Everything that people name, named to harm: in the workspace by hand, past the pages."""
    run = runs.create(recipes.get("lenet5-digits").config)
    give_weights(run)
    say(
        run,
        "finished",
        epoch=1,
        epochs=1,
        best_epoch=1,
        best_val_accuracy=0.5,
        message=HOSTILE,
        device=HOSTILE,
    )
    (run.folder / "notes.json").write_text(json.dumps({"name": f"{HOSTILE}\ud800", "text": HOSTILE}))
    files = [
        (f"{HOSTILE.replace('/', '')} {i}/{j}.png", small_images()[0]) for i in range(2) for j in range(3)
    ]
    datasets.import_files("hands", files)
    facts = own_datasets.SHELF.path("hands") / "dataset.json"
    facts.write_text(
        json.dumps(json.loads(facts.read_text()) | {"title": f"{HOSTILE}\ud800", "source": HOSTILE})
    )
    recipe = own_recipes.save("Mine", RunConfig("lenet5", "digits"))
    path = own_recipes.SHELF.path(recipe.name)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"title": f"{HOSTILE}\ud800"}))
    networks.save(networks.Definition.from_dict(NETWORK))
    odd = networks.SHELF.path("odd")
    odd.write_text(json.dumps(NETWORK | {"title": HOSTILE}))
    return run


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_whatever_things_are_called(open_page: OpenPage, named: runs.Run, page: str):
    app = open_page(page, run=named.id)
    assert not app.exception
    app = run_with(app, run=named.id, dataset="hands", arch="two-blocks")
    assert not app.exception
    if page == "data":
        app = app.selectbox(key="data_dataset").select("hands").run()
        assert not app.exception
    shown = [
        str(part.value) for kind in ("markdown", "caption", "error", "warning") for part in app.get(kind)
    ]
    assert not any(set("\u202e\x1b") & set(text) for text in shown)


def test_images_beside_the_server_are_not_shown_for_a_run_that_came_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The dataset of such a run is a name in the library, never a folder where the server was started."""
    (tmp_path / "private" / "a").mkdir(parents=True)
    for folder in ("a", "b"):
        (tmp_path / "private" / folder).mkdir(exist_ok=True)
        for number in range(2):
            (tmp_path / "private" / folder / f"{number}.png").write_bytes(small_images()[0])
    monkeypatch.chdir(tmp_path)
    run = runs.create(RunConfig("lenet5", "private"))
    assert asking.original.__wrapped__(run.id, "a/0.png") is not None  # of a run that was started here
    document = json.loads((run.folder / "config.json").read_text())
    (run.folder / "config.json").write_text(json.dumps(document | {"imported": {"at": 1.0}}))
    assert asking.original.__wrapped__(run.id, "a/0.png") is None
