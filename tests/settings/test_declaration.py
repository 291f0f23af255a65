"""A setting is declared once, and whoever asks about it finds it there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab.errors import DatasetError
from cnnlab.settings import GROUPS, LoadOptions, RunConfig, Setting, all_settings, setting_named
from cnnlab.settings.declaration import as_arguments, declared, group, named_values, setting
from tests.conftest import REPOSITORY

CONFIG = RunConfig("lenet5", "digits")


def test_a_config_is_all_groups_at_once_and_each_setting_stands_in_one():
    in_groups = [name for group in GROUPS.values() for name in declared(group)]
    assert sorted(in_groups) == sorted(all_settings()) == sorted({*in_groups})


@pytest.mark.parametrize("known", all_settings().values(), ids=lambda known: known.name)
def test_every_default_can_be_and_numbers_have_a_range(known: Setting):
    if known.name not in {"architecture", "dataset"}:
        assert known.problem(known.default) == ""
    if known.kind in (int, float) and not known.choices:
        assert known.low is not None and known.high is not None


@pytest.mark.parametrize("known", all_settings().values(), ids=lambda known: known.name)
def test_what_cannot_be_is_refused_in_one_sentence(known: Setting):
    odd = [object(), "nonsense \n", -1e9, 10**400, float("nan"), [], (object(),), {1: 2}, b"", True]
    fitting = {str: ["nonsense \n"], bool: [True]}.get(known.kind, []) if not known.choices else []
    for value in odd:
        said = known.problem(value)
        assert bool(said) == (value not in fitting), (value, said)
        assert not said or said.endswith(".")


def test_a_setting_of_a_newer_version_is_called_by_its_name():
    assert setting_named("warp_drive").label == "Warp drive"
    assert setting_named("warp_drive").said(9) == "9"


def test_loading_refuses_what_a_run_refuses_to_choose():
    for name, known in declared(LoadOptions).items():
        if known.choices:
            with pytest.raises(DatasetError, match=f"{name} cannot be 'evil'"):
                LoadOptions(**as_arguments(LoadOptions, {name: "evil"}))
    assert CONFIG.changed(image_size=64, resize_mode="crop").load_options() == LoadOptions(
        64, resize_mode="crop"
    )


def test_a_group_of_ones_own_is_declared_and_read_back():
    @group
    class Mine:
        needed: str = setting("Needed", "It must be given.", kw_only=False)
        rate: float | None = setting("Rate", "A number.", default=None, low=0, high=1, none="off")
        several: tuple[int, ...] = setting("Several", "Whole numbers.", default=())

    known = declared(Mine)
    assert list(known) == ["needed", "rate", "several"]
    assert (known["rate"].kind, known["rate"].optional, known["rate"].said(None)) == (float, True, "off")
    assert (known["several"].kind, known["several"].items) == (tuple, int)
    assert known["rate"].problem(2) == "Rate must be a number from 0 to 1, not 2."
    assert Mine("x").several == ()


def test_a_setting_may_keep_another_name_in_files_than_in_the_code():
    @group
    class Mine:
        mode: str = setting("Mode", "A choice.", name="way", choices={"a": "first", "b": "second"})
        rate: float = setting("Rate", "A number.", default=0.5, needs=("way", ("b",)))

    mine, known = Mine(mode="b"), declared(Mine)
    assert list(known) == ["way", "rate"]
    assert (known["way"].name, known["way"].attribute, known["way"].of(mine)) == ("way", "mode", "b")
    assert named_values(mine) == {"way": "b", "rate": 0.5}
    assert Mine(**as_arguments(Mine, named_values(mine))) == mine
    assert known["rate"].has_effect(mine) and not known["rate"].has_effect(Mine(mode="a"))


@pytest.mark.parametrize("name", ["fit", "deviation", "validation_share"])
def test_what_is_called_otherwise_in_the_code_is_no_setting_of_that_name(name: str):
    known = setting_named(name)
    assert known.attribute != name and not hasattr(CONFIG, name)
    assert CONFIG.to_dict()[name] == known.default and known.attribute not in CONFIG.to_dict()
    other = {"fit": "crop", "deviation": (4.0,), "validation_share": 0.5}[name]
    read = RunConfig.from_dict(CONFIG.to_dict() | {name: other, known.attribute: known.default})
    assert known.of(read) == other


NEW = """\
@group
class RegularisationSettings:
    gradient_noise: float = setting(
        "Gradient noise", "Noise that is added to every gradient.", default=0.25, low=0, high=1, step=0.25
    )
"""
ASKED = """
import io, json
from contextlib import redirect_stdout, suppress
from streamlit.testing.v1 import AppTest
from cnnlab import runs
from cnnlab.cli import parser, settings as options
from cnnlab.errors import ConfigError
from cnnlab.settings import RunConfig
from cnnlab.settings.table import markdown

def form():
    import streamlit as st
    from cnnlab.settings import RunConfig
    from cnnlab.ui.state import Lab
    from cnnlab.ui.train.form_state import chosen, fill_in
    from cnnlab.ui.train.groups import groups

    st.session_state.setdefault("lab", Lab())
    if "run_epochs" not in st.session_state:
        fill_in(RunConfig("lenet5", "digits", gradient_noise=0.5))
    groups()
    st.session_state.got = chosen().gradient_noise

app = AppTest.from_function(form, default_timeout=120)
app.session_state["run_group"] = "Regularisation"
app.run()
assert not app.exception, app.exception
field = app.number_input(key="run_gradient_noise")
said = {"form": [field.label, field.value, field.help]}
field.set_value(0.75).run()
said["read back"] = app.session_state["got"]
help = io.StringIO()
with redirect_stdout(help), suppress(SystemExit):
    parser().parse_args(["train", "--help"])
said["help"] = " ".join(help.getvalue().split())
flags = ["train", "--architecture", "lenet5", "--dataset", "digits", "--gradient-noise", "0.125"]
config = options.config(parser().parse_args(flags))
said["command line"] = config.gradient_noise
try:
    config.changed(gradient_noise=2).validated()
except ConfigError as error:
    said["check"] = str(error)
run = runs.create(config)
said["file"] = json.loads((run.folder / "config.json").read_bytes())["config"]["gradient_noise"]
said["read"] = run.config.gradient_noise
said["table"] = markdown()
print(json.dumps(said))
"""


@pytest.mark.slow
def test_one_declaration_is_found_in_form_command_line_check_file_and_table(tmp_path: Path):
    shutil.copytree(REPOSITORY / "cnnlab", tmp_path / "cnnlab", ignore=shutil.ignore_patterns("__pycache__"))
    groups = tmp_path / "cnnlab" / "settings" / "groups.py"
    head = "@group\nclass RegularisationSettings:\n"
    before, _, after = groups.read_text("utf-8").partition(head)
    documentation, _, fields = after.partition('"""\n\n')
    groups.write_text(f"{before}{NEW}\n{fields.replace(documentation, '')}", "utf-8")
    (tmp_path / "asked.py").write_text(ASKED, "utf-8")  # the form is read from a file
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "asked.py"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    sentence = "Noise that is added to every gradient."
    assert said["form"] == ["Gradient noise", 0.5, sentence]
    assert said["read back"] == 0.75
    assert "--gradient-noise" in said["help"] and sentence in said["help"]
    assert said["command line"] == said["file"] == said["read"] == 0.125
    assert said["check"] == "Gradient noise must be a number from 0 to 1, not 2."
    assert "| Gradient noise | `--gradient-noise` | 0 to 1 | 0.25 |" in said["table"]
