"""``architectures``, ``inspect``, ``datasets`` and ``recipes``."""

import pytest

from cnnlab import architectures, datasets
from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition, Listed
from cnnlab.cli import main
from cnnlab.training import recipes
from tests.cli.conftest import answer


def test_architectures_and_inspect_agree_on_the_published_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = {facts["name"]: facts for facts in answer(capsys, "architectures")}
    assert listed.keys() == set(architectures.names())
    report = answer(capsys, "inspect", "lenet5")
    assert report["total_params"] == listed["lenet5"]["reference"]["total_params"] == 62_006
    assert [layer["name"] for layer in report["layers"]][1:3] == ["conv1", "pool1"]


def test_own_networks_are_listed_and_inspected_like_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    layers = (Listed("convolution", "conv1", {"filters": 4}),)
    library.save(Definition("Four filters", (16, 16, 1), 3, layers))
    own = answer(capsys, "architectures")[-1]
    figures = (40 + 3 * 16 * 16 * 4 + 3, 3)
    assert (own["name"], own["year"], own["definition"]["classes"]) == ("four-filters", None, 3)
    assert (own["reference"]["total_params"], own["reference"]["receptive_field"]) == figures
    report = answer(capsys, "inspect", "four-filters")
    assert (report["total_params"], report["layers"][1]["receptive_field"]) == (figures[0], [3, 3])
    assert main(["architectures"]) == 0
    assert "Four filters" in capsys.readouterr().out


def test_inspect_shows_the_pixels_a_unit_sees(capsys: pytest.CaptureFixture[str]) -> None:
    report = answer(capsys, "inspect", "lenet5", "--layer", "conv2", "--unit", "1,2")
    assert report["box"] == [2, 4, 16, 18]  # 14 pixels wide, 2 apart
    small = answer(capsys, "inspect", "lenet5", "--input", "28x28x1", "--classes", "2")
    assert small["input_shape"] == [28, 28, 1]
    assert small["layers"][-1]["output_shape"] == [2]


def test_recipes_and_datasets_list_what_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert [recipe["name"] for recipe in answer(capsys, "recipes")] == list(recipes.names())
    ready = {info["name"]: info["ready"] for info in answer(capsys, "datasets")}
    assert ready.keys() == set(datasets.names())
    assert ready["digits"] and not ready["cifar10"]


@pytest.mark.parametrize("verb", ["architectures", "datasets", "recipes", "runs", "inspect lenet5"])
def test_people_read_lines_without_trailing_space(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(verb.split()) == 0
    text = capsys.readouterr().out
    assert text and all(line == line.rstrip() for line in text.splitlines())
