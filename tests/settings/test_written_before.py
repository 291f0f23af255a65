"""What the version before the settings had groups has written is read as that version read it.

The files of ``written_before`` were made by it, and so was what is expected of them: each row of configs.json
holds the ``config`` of a config.json, the ``damage`` that was found in it, why a check ``refused`` it, the
settings as they were ``read`` and the rows of the settings table that ``applied``.
"""

import json
import shutil
from pathlib import Path

import pytest

from cnnlab import runs, strict_json
from cnnlab.errors import ConfigError
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.training import recipes, terms

BEFORE = Path(__file__).parent / "written_before"
CONFIGS = json.loads((BEFORE / "configs.json").read_text("utf-8"))
WRONG_TYPE = "is of the wrong type."


def plain(config: RunConfig) -> dict:
    return json.loads(strict_json.dumps(config.to_dict()))


@pytest.mark.parametrize("row", CONFIGS, ids=lambda row: row["what"])
def test_a_config_is_read_and_said_as_before(row: dict, home: Path):
    run = Run(home / "runs" / "a-run-of-before")
    run.folder.mkdir(parents=True)
    (run.folder / "config.json").write_text(json.dumps({"config": row["config"], "versions": {}}))
    run.write_status(runs.Status(state="finished"))
    assert run.damage == (row["damage"] and runs.run.damage_in_words(row["damage"]))
    if "read" in row:
        assert plain(run.config) == row["read"]
        assert run.config == RunConfig.from_dict(row["read"])
        assert terms.applied(run.config) == row["applied"]


@pytest.mark.parametrize("row", CONFIGS, ids=lambda row: row["what"])
def test_a_check_refuses_what_it_refused_with_the_same_sentence(row: dict):
    try:
        RunConfig.from_untrusted(row["config"])
        refused = ""
    except ConfigError as error:
        refused = str(error)
    assert bool(refused) == bool(row["refused"])
    if not row["refused"].endswith(WRONG_TYPE):  # now it says what would be right
        assert refused == row["refused"]


def test_what_is_written_can_be_read_by_the_version_before():
    """It knew these names, took each for itself, and left out any other."""
    everything = next(row for row in CONFIGS if row["what"] == "everything")
    written = plain(RunConfig.from_dict(everything["config"]))
    assert written == everything["read"]
    assert not any(isinstance(value, dict) for name, value in written.items() if name not in MAPPINGS)


MAPPINGS = {"options", "augmentation", "network"}


def test_a_recipe_is_opened_as_before(home: Path):
    (home / "recipes").mkdir(parents=True)
    shutil.copy(BEFORE / "hands-second-lesson.json", home / "recipes")
    everything = next(row for row in CONFIGS if row["what"] == "everything")
    expected = RunConfig.from_dict(everything["read"]).changed(recipe=None, title="")
    assert recipes.get("hands-second-lesson").config == expected
