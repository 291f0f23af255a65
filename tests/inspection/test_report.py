"""The document of ``inspect --json``."""

import json

from cnnlab import inspection

LAYER_KEYS = {
    "name",
    "type",
    "output_shape",
    "params",
    "trainable_params",
    "macs",
    "kernel_size",
    "strides",
    "padding",
    "receptive_field",
    "effective_stride",
}


def test_report_of_lenet5_is_one_json_document_with_all_promised_keys():
    document = json.loads(json.dumps(inspection.report("lenet5")))
    assert document["architecture"] == "lenet5"
    assert document["input_shape"] == [32, 32, 3]
    assert (document["total_params"], document["trainable_params"]) == (62_006, 62_006)
    assert document["non_trainable_params"] == 0
    assert document["macs"] == sum(layer["macs"] for layer in document["layers"])
    assert all(layer.keys() >= LAYER_KEYS for layer in document["layers"])
    conv2 = next(layer for layer in document["layers"] if layer["name"] == "conv2")
    assert conv2["output_shape"] == [10, 10, 16]
    assert conv2["receptive_field"] == [14, 14]
    assert conv2["effective_stride"] == [2, 2]
    assert document["layers"][-1]["receptive_field"] is None
    assert "box" not in document


def test_report_takes_another_shape_and_class_count():
    document = inspection.report("lenet5", (28, 28, 1), 3)
    assert document["input_shape"] == [28, 28, 1]
    assert document["layers"][-1]["output_shape"] == [3]


def test_box_is_half_open_and_not_clipped():
    assert inspection.report("baseline", layer="conv1", unit=(0, 3))["box"] == [-2, 1, 3, 6]
