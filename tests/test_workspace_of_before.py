"""A workspace of an earlier version opens, is brought back from its trash, resumes and predicts.

``workspace_of_before.zip`` was made by the version before networks, recipes, datasets and runs had one shelf:
an own network and a run with it on a collection of 12 x 12 pixels, an edited network, a recipe, ``run.zip``,
a model with our own layers, and in the trash a network, an image, a dataset and a run. ``expected.json`` has
what that version said of them.
"""

import json
import os
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnlab import architectures, datasets, exchange, images, runs
from cnnlab.architectures.own import library
from cnnlab.datasets.own import collection, deleted
from cnnlab.errors import DatasetError
from cnnlab.inference import Classifier
from cnnlab.inference.evaluation import Evaluation
from cnnlab.runs import Run
from cnnlab.training import own_recipes
from cnnlab.worker import execute

BEFORE = Path(__file__).with_name("workspace_of_before.zip")


@pytest.fixture
def before(home: Path, tmp_path: Path) -> Path:
    """Unpack the workspace where ``CNNLAB_HOME`` is, as if its trash had been filled just now."""
    with zipfile.ZipFile(BEFORE) as archive:
        archive.extractall(tmp_path)
    for place in home.glob("*/.deleted/*"):
        os.utime(place)
    return tmp_path


@pytest.fixture
def expected(before: Path) -> dict[str, Any]:
    return json.loads((before / "expected.json").read_text("utf-8"))


def predictions(run: Run, image: Path) -> dict[str, float]:
    [found] = Classifier.from_run(run).predict([images.decode(image.read_bytes(), image.name)])
    return {one.class_name: pytest.approx(one.probability, abs=1e-5) for one in found}


def test_own_networks_build_and_the_deleted_one_comes_back(expected):
    assert list(library.own()) == [expected["network"], "smorgas"]
    assert architectures.get("small-eyes").title == "Small eyes"
    assert architectures.get("smorgas").options == {"batch_norm": "frozen"}
    assert architectures.build("small-eyes", (12, 12, 3), 2).count_params() == 4 * 28 + 4 * 36 * 2 + 2
    gone = expected["deleted_network"]
    assert library.restore(gone["token"]) == gone["name"]
    assert library.get(gone["name"]).title == "Ältere Augen (2)"


def test_the_recipe_has_its_settings(expected):
    [recipe] = own_recipes.saved()
    assert (recipe.name, recipe.title) == (expected["recipe"], "Quick look, 12 pixels")
    assert (recipe.config.architecture, recipe.config.dataset) == ("small-eyes", expected["collection"])
    own_recipes.delete(recipe.name)
    assert own_recipes.saved() == ()


def test_the_collection_grows_and_what_was_deleted_comes_back(expected, home):
    found = collection.get(expected["collection"])
    assert {one.name: len(one.images) for one in found.classes} == {"Päpier": 7, "Rock": 8}
    assert found.people == ("Anna", "Jörg")
    assert {one.whole for one in deleted.kept()} == {True, False}
    assert datasets.restore(expected["deleted_picture"]["token"]) == found.name
    assert (home / "datasets" / found.name / expected["deleted_picture"]["path"]).is_file()
    assert datasets.restore(expected["deleted_dataset"]["token"]) == expected["deleted_dataset"]["name"]
    assert datasets.get("gone-with-the-wind").title == "Gone with the wind"
    assert deleted.kept() == []
    image = (home / expected["image"]).read_bytes()
    decomposed = unicodedata.normalize("NFD", "Päpier")
    assert collection.rename_class(found.name, "Rock", "Stein") == "Stein"
    with pytest.raises(DatasetError, match="already a class"):
        collection.add_class(found.name, decomposed)
    assert len(collection.add_images(found.name, "Stein", [image]).paths) == 1


def test_the_run_predicts_resumes_and_the_deleted_one_comes_back(expected, home):
    run, image = runs.get(expected["run"]), home / expected["image"]
    assert (run.title, run.status().state) == ("Erster Läufer", "finished")
    kept = json.loads((run.folder / "evaluation.json").read_bytes())
    found = json.loads(json.dumps(Evaluation.from_dict(kept).to_dict()))
    assert {key: found[key] for key in expected["evaluation"]} == expected["evaluation"]
    said = {one["class"]: one["probability"] for one in expected["predictions"]}
    assert said == predictions(run, image)
    [gone] = runs.list_deleted()
    assert runs.restore(gone.run.id).status().state == "finished"
    assert len(runs.list_runs()) == 2
    run.resume(2)
    execute(run.folder)
    assert (run.status().state, len(run.metrics().epochs["epoch"])) == ("finished", 2)


def test_the_exported_run_opens(expected, before):
    run = exchange.open_run(before / "run.zip")
    said = {one["class"]: one["probability"] for one in expected["predictions"]}
    assert said == predictions(run, before / "home" / expected["image"])


def test_a_saved_model_with_layers_of_our_own_loads(expected, before):
    import keras

    from cnnlab.architectures.keras_layers import registered

    model = keras.models.load_model(before / "own_layers.keras", safe_mode=True)
    assert {type(layer).__name__ for layer in model.layers[1:]} == set(registered.__all__)
    answer = np.asarray(model(np.full((1, 4, 4, 3), 0.5)))[0, 0, 0]
    assert answer == pytest.approx(expected["own_layers"], rel=1e-5)
