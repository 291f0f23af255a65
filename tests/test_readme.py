"""The README is tested: its code runs, its commands parse, its files exist."""

import re
from collections.abc import Iterator

import pytest

from cnnlab import architectures, datasets, inspection
from cnnlab.architectures.registry import BUILT_IN as NETWORKS
from cnnlab.cli import parser
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.settings.table import markdown
from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text("utf-8")
CODE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(autouse=True)
def examples_forgotten() -> Iterator[None]:
    """Take back what the examples register."""
    architectures.names()
    yield
    NETWORKS.pop("tiny", None)
    BUILT_IN.pop("stripes", None)


def test_the_example_from_python_runs() -> None:
    exec(CODE[0], {"__name__": "example"})


def test_the_example_network_builds_with_the_figures_it_states() -> None:
    assert len(CODE[1].splitlines()) <= 30
    exec(CODE[1], {"__name__": "cnnlab.architectures.networks.tiny"})
    reference = architectures.get("tiny").reference
    model = architectures.build("tiny", reference.input_shape, reference.num_classes)
    assert inspection.count_params(model).total == reference.total_params
    assert inspection.layer_table(model)[2].receptive_field == (reference.receptive_field,) * 2


def test_the_example_dataset_loads_split_and_resized() -> None:
    exec(CODE[2], {"__name__": "cnnlab.datasets.builtin.stripes"})
    splits = datasets.load("stripes", datasets.LoadOptions(image_size=32, channels=3))
    assert splits.train.images.shape == (160, 32, 32, 3)
    assert splits.classes == ("horizontal", "vertical")
    upright = splits.train.images[splits.train.labels == 1]
    assert (upright[:, :1] == upright).all()  # vertical stripes: all rows are alike


@pytest.mark.parametrize("line", re.findall(r"^    python -m cnnlab (.+)$", README, re.MULTILINE))
def test_every_command_line_is_understood(line: str) -> None:
    assert parser().parse_args(line.split()).verb


def test_every_verb_is_shown() -> None:
    verbs = parser()._subparsers._group_actions[0].choices
    assert set(verbs) == set(re.findall(r"^    python -m cnnlab (\w+)", README, re.MULTILINE))


def test_the_folder_map_names_what_exists() -> None:
    chapter = README.partition("## How it is built")[2].partition("\n## ")[0]
    lines = re.findall(r"^    ( *)([\w.]+/?)  +\S", chapter, re.MULTILINE)
    parents = {0: REPOSITORY, 2: REPOSITORY / "cnnlab"}
    assert len(lines) > 10
    for indent, name in lines:
        assert (parents[len(indent)] / name).exists(), name
    parts = {path.name for path in (REPOSITORY / "cnnlab").iterdir() if (path / "__init__.py").is_file()}
    assert parts == {name.rstrip("/") for indent, name in lines if indent and name.endswith("/")}


def test_every_dependency_is_explained() -> None:
    table = README.partition("| dependency |")[2].partition("##")[0]
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name in re.findall(r"^([\w-]+)", (REPOSITORY / file).read_text(), re.MULTILINE):
            if not name.startswith("-"):
                assert re.search(rf"(^\| |, ){name}\b", table, re.MULTILINE), name


def test_every_dataset_is_listed_with_what_it_needs_and_its_licence() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", README.partition("## Datasets")[2], re.MULTILINE))
    assert list(rows) == list(BUILT_IN)
    for name, entry in BUILT_IN.items():
        needs = f"{entry.info.download_mb:.0f} MB" if entry.files else "nothing"
        assert rows[name].startswith(f"{entry.info.images:,} ")
        assert rows[name].endswith(f"| {needs} | {entry.info.licence}"), name


def test_the_table_of_settings_is_what_is_declared() -> None:
    """Write it anew with ``python -c 'from cnnlab.settings.table import markdown; print(markdown())'``."""
    assert markdown() in README.partition("## Settings")[2]
