"""What a collected dataset is trained with: the base network if its weights are there, or a small one."""

from pathlib import Path

import pytest

from cnnlab import architectures
from cnnlab.ui.train.first_run import for_few_images

BASE = "mobilenetv2_transfer"


@pytest.fixture(autouse=True)
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def test_without_the_weights_of_the_base_network_nothing_has_to_be_downloaded():
    config = for_few_images("hands", 150, by_group=True).validated()
    assert architectures.missing_weights(config.architecture) is None
    assert (config.dataset, config.split_by) == ("hands", "group")


def test_with_its_weights_the_base_network_is_taken():
    file = architectures.weights_path(architectures.get(BASE).base.weights)
    file.parent.mkdir(parents=True)
    file.touch()
    config = for_few_images("hands", 150, by_group=False).validated()
    assert (config.architecture, config.split_by) == (BASE, "random")


def test_the_fewer_images_the_more_epochs_within_bounds():
    epochs = [for_few_images("hands", images, False).epochs for images in (0, 10, 150, 250, 10_000)]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[0] <= 40
    assert epochs[-1] >= 15
