"""Networks with an ImageNet base: what is frozen, how images are prepared, what happens without weights."""

import hashlib
import inspect
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError

import keras
import numpy as np
import pytest

from cnnlab import architectures, inspection
from cnnlab.errors import ArchitectureError, DownloadError

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


@pytest.fixture
def mirror(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that a server on this machine offers in place of the network; Keras has nothing yet."""
    folder, home = tmp_path_factory.mktemp("mirror"), tmp_path_factory.mktemp("keras")
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(home))

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments):
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as http:
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("CNNLAB_MIRROR", f"http://127.0.0.1:{http.server_port}")
        yield folder
        http.shutdown()


def test_fetched_weights_land_where_keras_looks_and_keras_takes_them(mirror):
    content = b"weights" * 100_000
    file = replace(architectures.get("vgg16_transfer").base.weights, md5=hashlib.md5(content).hexdigest())
    (mirror / file.name).write_bytes(content)
    fractions = []
    path = architectures.fetch_weights(file, lambda fraction, doing: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    nowhere = "http://127.0.0.1:9/nothing"
    found = keras.utils.get_file(file.name, nowhere, cache_subdir="models", file_hash=file.md5)
    assert Path(found) == path == architectures.weights_path(file)
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["vgg16_transfer", "mobilenetv2_transfer"])
@pytest.mark.parametrize("content", [b"<html>Please log in", b""], ids=["a gateway's page", "nothing"])
def test_what_is_not_the_published_file_is_not_kept(mirror, name, content):
    file = architectures.missing_weights(name)
    (mirror / file.name).write_bytes(content)
    with pytest.raises(DownloadError, match=rf"{file.name} could not be downloaded .*put it into .*models"):
        architectures.fetch_weights(file, lambda fraction, doing: None)
    assert list(architectures.weights_path(file).parent.iterdir()) == []
    with pytest.raises(ArchitectureError, match=rf"cannot be downloaded: put {file.name} into"):
        architectures.build(name, (32, 32, 3), 3)


@pytest.mark.parametrize(
    ("name", "application"), [("vgg16_transfer", "VGG16"), ("mobilenetv2_transfer", "MobileNetV2")]
)
def test_names_addresses_and_checksums_are_those_of_keras(name, application):
    file = architectures.get(name).base.weights
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(getattr(keras.applications, application))))
    assert file.md5 in source
    assert file.url.rpartition("/")[0].rpartition("/")[2] in source
    if name == "vgg16_transfer":
        assert file.name in source


@pytest.mark.real_data
def test_transfer_network_is_built_from_weights_on_a_mirror(mirror, real_data):
    name = MOBILENET_WEIGHTS
    if not (source := real_data.parent / "weights" / name).is_file():
        pytest.skip(f"no ImageNet weights: {source} does not exist")
    (mirror / name).symlink_to(source)
    kernels = [
        architectures.build("mobilenetv2_transfer", (96, 96, 3), 3).get_layer("Conv1").kernel.numpy()
        for _ in range(2)
    ]
    assert architectures.missing_weights("mobilenetv2_transfer") is None
    np.testing.assert_array_equal(*kernels)  # initial weights would differ


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


def test_a_shape_only_model_needs_no_weights(keras_home):
    model = inspection.shape_only_model("vgg16_transfer", (224, 224, 3), 3)
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
    model = inspection.shape_only_model(name, (224, 224, 3), 3, unfreeze_blocks=blocks)
    assert inspection.count_params(model).trainable == trainable


def test_more_blocks_than_there_are_is_refused():
    with pytest.raises(ArchitectureError, match="5 blocks to unfreeze, so choose 0 to 5, not 6"):
        inspection.shape_only_model("vgg16_transfer", (224, 224, 3), 3, unfreeze_blocks=6)


def test_base_weights_of_another_name_are_refused():
    with pytest.raises(ArchitectureError, match="is imagenet or untrained, not 'random'"):
        architectures.build("vgg16_transfer", (32, 32, 3), 3, base_weights="random")


def test_two_channels_are_refused():
    with pytest.raises(ArchitectureError, match="1 or 3 channels, not 2"):
        inspection.shape_only_model("vgg16_transfer", (32, 32, 2), 3)


def test_batch_norm_of_the_base_does_not_move_in_training():
    options = {"base_weights": "untrained", "unfreeze_blocks": 19}
    model = architectures.build("mobilenetv2_transfer", (32, 32, 3), 3, **options)
    model(np.ones((2, 32, 32, 3), np.float32), training=True)
    assert not np.any(model.get_layer("bn_Conv1").moving_mean.numpy())


@pytest.mark.parametrize(("mode", "application"), [("caffe", "vgg16"), ("tf", "mobilenet_v2")])
def test_images_are_prepared_as_the_base_asks_for(mode, application):
    from cnnlab.architectures.keras_layers.registered import ImageNetPreprocessing

    pixels = np.random.default_rng(0).integers(0, 256, (1, 4, 4, 3)).astype(np.float32)
    expected = getattr(keras.applications, application).preprocess_input(pixels.copy())
    prepared = ImageNetPreprocessing(mode)(pixels / 255).numpy()
    np.testing.assert_allclose(prepared, expected, atol=1e-3)


@pytest.mark.real_data
def test_weights_in_keras_home_are_those_of_keras_applications(mobilenet_weights):
    model = architectures.build("mobilenetv2_transfer", (224, 224, 3), 3)
    theirs = keras.applications.MobileNetV2(include_top=False)
    images = np.random.default_rng(0).random((2, 224, 224, 3), np.float32)
    expected = theirs(images * 2 - 1, training=False).numpy().mean((1, 2))
    features = keras.Model(model.input, model.get_layer("pool").output)(images, training=False).numpy()
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.real_data
def test_saved_transfer_model_is_loaded_again_without_the_weights_file(mobilenet_weights, tmp_path):
    model = architectures.build("mobilenetv2_transfer", (32, 32, 3), 3)
    model.save(tmp_path / "model.keras")
    mobilenet_weights.unlink()
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    image = np.ones((1, 32, 32, 3), np.float32)
    np.testing.assert_array_equal(loaded(image).numpy(), model(image).numpy())
