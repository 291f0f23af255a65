"""What the version before the settings had groups has written is read as that version read it.

The files of ``written_before`` were made by it, and so was what is expected of them: each row of configs.json
holds the ``config`` of a config.json, whether the file counted as ``damaged``, whether the check of a
stranger's file ``refused`` it, and the settings as they were ``read``.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from cnnlab import exchange, runs, strict_json, training
from cnnlab.errors import ConfigError
from cnnlab.inference import Classifier
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.training import recipes, terms
from cnnlab.worker import execute

BEFORE = Path(__file__).parent / "written_before"
CONFIGS = json.loads((BEFORE / "configs.json").read_text("utf-8"))


def plain(config: RunConfig) -> dict:
    return json.loads(strict_json.dumps(config.to_dict()))


def expected(row: dict) -> dict:
    return row["config"] if row["read"] == "as it is written" else row["read"]


def row_of(what: str) -> dict:
    return next(row for row in CONFIGS if row["what"] == what)


@pytest.mark.parametrize("row", CONFIGS, ids=lambda row: row["what"])
def test_a_config_is_read_as_before(row: dict, home: Path):
    run = Run(home / "runs" / "a-run-of-before")
    run.folder.mkdir(parents=True)
    (run.folder / "config.json").write_text(json.dumps({"config": row["config"], "versions": {}}))
    run.write_status(runs.Status(state="finished"))
    assert bool(run.damage) == row["damaged"]
    if "read" in row:
        assert plain(run.config) == expected(row)
        assert run.config == RunConfig.from_dict(expected(row))
        assert all(terms.applied(run.config).values())


@pytest.mark.parametrize("row", CONFIGS, ids=lambda row: row["what"])
def test_a_strangers_settings_are_refused_as_before(row: dict):
    try:
        RunConfig.from_untrusted(row["config"])
    except ConfigError as error:
        assert row["refused"] and str(error).endswith(".")
    else:
        assert not row["refused"]


def test_what_is_written_can_be_read_by_the_version_before():
    """It knew these names, one flat object of them, and took each value for itself."""
    everything = row_of("everything")["config"]
    written = plain(RunConfig.from_dict(everything))
    assert written == everything
    assert {name for name, value in written.items() if isinstance(value, dict)} == {"options", "augmentation"}


def test_a_recipe_is_opened_as_before(home: Path):
    (home / "recipes").mkdir(parents=True)
    shutil.copy(BEFORE / "hands-second-lesson.json", home / "recipes")
    as_saved = RunConfig.from_dict(row_of("everything")["config"]).changed(recipe=None, title="")
    assert recipes.get("hands-second-lesson").config == as_saved


@pytest.mark.slow
def test_an_exported_run_is_opened_answers_and_goes_on_as_before():
    """An own network of one layer on digits of 8 × 8 pixels, standardised, two epochs."""
    told = json.loads((BEFORE / "run.json").read_text("utf-8"))
    run = exchange.open_run(BEFORE / "run.zip")
    assert plain(run.config) == told["config"]
    assert json.loads(strict_json.dumps(run.model_facts.to_dict())) == told["model"]
    held_out = training.images_of(run).validation
    assert list(held_out.names[:3]) == told["names"]
    answers = Classifier.from_run(run).probabilities(held_out.images[:3])
    np.testing.assert_allclose(answers, told["probabilities"], atol=1e-6)
    run.resume(3)
    assert run.claim()
    execute(run.folder)
    assert (run.status().state, run.status().epoch) == ("finished", 3)
