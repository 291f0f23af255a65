"""Networks with an ImageNet base: what is frozen, how pictures are prepared, what happens without weights."""

import shutil
from pathlib import Path
from urllib.error import URLError

import keras
import numpy as np
import pytest

from cnnlab import architectures, inspection
from cnnlab.errors import ArchitectureError

MOBILENET_WEIGHTS = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for weights, and no network."""

    def offline(*_: object) -> None:
        raise URLError("no network in tests")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))
    monkeypatch.setattr("urllib.request.OpenerDirector.open", offline)
    (tmp_path / "models").mkdir()
    return tmp_path


@pytest.fixture
def mobilenet_weights(real_data: Path, keras_home: Path) -> Path:
    source = real_data.parent / "weights" / MOBILENET_WEIGHTS
    if not source.is_file():
        pytest.skip(f"no ImageNet weights: {source} does not exist")
    return Path(shutil.copy(source, keras_home / "models"))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("vgg16_transfer", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("mobilenetv2_transfer", MOBILENET_WEIGHTS),
    ],
)
def test_missing_weights_without_network_name_the_file_and_the_folder(keras_home, name, file):
    with pytest.raises(ArchitectureError) as error:
        architectures.build(name, (32, 32, 3), 3)
    assert str(error.value) == (
        f"The ImageNet weights cannot be downloaded: put {file} into {keras_home / 'models'}, "
        "or choose the untrained base."
    )


def test_damaged_weights_are_refused_in_one_sentence(keras_home):
    (keras_home / "models" / MOBILENET_WEIGHTS).write_bytes(b"half a file")
    with pytest.raises(ArchitectureError, match=f"{MOBILENET_WEIGHTS} are damaged: delete the file"):
        architectures.build("mobilenetv2_transfer", (32, 32, 3), 3)


def test_outline_needs_no_weights(keras_home):
    model = inspection.outline("vgg16_transfer", (224, 224, 3), 3)
    assert inspection.count_params(model).trainable == 1_539


@pytest.mark.parametrize(
    ("name", "blocks", "trainable"),
    [
        # Three 3×3 convolutions from 512 to 512, and the new layer.
        ("vgg16_transfer", 1, 3 * (512 * 512 * 9 + 512) + 1_539),
        # Conv_1, a 1×1 convolution from 320 to 1280 without bias; its batch norm stays frozen.
        ("mobilenetv2_transfer", 1, 320 * 1280 + 3_843),
        # All convolutions of VGG-16, as in the paper.
        ("vgg16_transfer", 5, 14_714_688 + 1_539),
    ],
)
def test_unfreezing_the_last_blocks_trains_their_convolutions(name, blocks, trainable):
    model = inspection.outline(name, (224, 224, 3), 3, unfreeze_blocks=blocks)
    assert inspection.count_params(model).trainable == trainable


def test_more_blocks_than_there_are_is_refused():
    with pytest.raises(ArchitectureError, match="5 blocks to unfreeze, so choose 0 to 5, not 6"):
        inspection.outline("vgg16_transfer", (224, 224, 3), 3, unfreeze_blocks=6)


def test_base_weights_of_another_name_are_refused():
    with pytest.raises(ArchitectureError, match="is imagenet or untrained, not 'random'"):
        architectures.build("vgg16_transfer", (32, 32, 3), 3, base_weights="random")


def test_two_channels_are_refused():
    with pytest.raises(ArchitectureError, match="1 or 3 channels, not 2"):
        inspection.outline("vgg16_transfer", (32, 32, 2), 3)


def test_batch_norm_of_the_base_does_not_move_in_training():
    options = {"base_weights": "untrained", "unfreeze_blocks": 19}
    model = architectures.build("mobilenetv2_transfer", (32, 32, 3), 3, **options)
    model(np.ones((2, 32, 32, 3), np.float32), training=True)
    assert not np.any(model.get_layer("bn_Conv1").moving_mean.numpy())


@pytest.mark.parametrize(("mode", "application"), [("caffe", "vgg16"), ("tf", "mobilenet_v2")])
def test_pictures_are_prepared_as_the_base_asks_for(mode, application):
    from cnnlab.architectures.imagenet import ImageNetPreprocessing

    pixels = np.random.default_rng(0).integers(0, 256, (1, 4, 4, 3)).astype(np.float32)
    expected = getattr(keras.applications, application).preprocess_input(pixels.copy())
    prepared = ImageNetPreprocessing(mode)(pixels / 255).numpy()
    np.testing.assert_allclose(prepared, expected, atol=1e-3)


@pytest.mark.real_data
def test_weights_in_keras_home_are_those_of_keras_applications(mobilenet_weights):
    model = architectures.build("mobilenetv2_transfer", (224, 224, 3), 3)
    theirs = keras.applications.MobileNetV2(include_top=False)
    pictures = np.random.default_rng(0).random((2, 224, 224, 3), np.float32)
    expected = theirs(pictures * 2 - 1, training=False).numpy().mean((1, 2))
    features = keras.Model(model.input, model.get_layer("pool").output)(pictures, training=False).numpy()
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.real_data
def test_saved_transfer_model_is_loaded_again_without_the_weights_file(mobilenet_weights, tmp_path):
    model = architectures.build("mobilenetv2_transfer", (32, 32, 3), 3)
    model.save(tmp_path / "model.keras")
    mobilenet_weights.unlink()
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    picture = np.ones((1, 32, 32, 3), np.float32)
    np.testing.assert_array_equal(loaded(picture).numpy(), model(picture).numpy())
