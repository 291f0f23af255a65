"""What is taken away from a run says what the run says."""

import csv
import json
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnlab import exchange, images, training
from cnnlab.errors import DatasetError, RunError
from cnnlab.exchange import WHAT, Export, tflite
from cnnlab.exchange.script import training_script
from cnnlab.inference import Classifier
from cnnlab.runs import Run
from cnnlab.training import RunConfig

Trained = tuple[Run, Export]


def scaled(classifier: Classifier, pictures: np.ndarray) -> np.ndarray:
    return classifier.preprocessing.scale(pictures.astype(np.float32))


def test_every_file_is_there_with_its_size(trained: Trained):
    _, made = trained
    assert [file.name for file in made.files] == list(WHAT)
    for file in made.files:
        assert (made.folder / file.name).stat().st_size == file.size_bytes > 0 and not file.missing


def test_the_model_file_answers_as_the_run_and_carries_no_optimizer(trained: Trained):
    run, made = trained
    classifier, pictures = Classifier.from_run(run), training.pictures_of(run).validation.images
    model = keras.models.load_model(made.folder / "model.keras")
    answers = model(scaled(classifier, pictures))
    np.testing.assert_allclose(answers, classifier.probabilities(pictures), atol=1e-6)
    assert getattr(model, "optimizer", None) is None


def test_the_float_file_answers_as_the_run(trained: Trained):
    run, made = trained
    classifier, pictures = Classifier.from_run(run), training.pictures_of(run).validation.images
    answers = tflite.probabilities(made.folder / "model.tflite", scaled(classifier, pictures))
    np.testing.assert_allclose(answers, classifier.probabilities(pictures), atol=1e-5)


def test_the_int8_file_is_whole_bytes_from_input_to_output(trained: Trained):
    interpreter = tf.lite.Interpreter(
        str(trained[1].folder / "model-int8.tflite"), experimental_preserve_all_tensors=True
    )
    interpreter.allocate_tensors()
    kinds = {tensor["dtype"] for tensor in interpreter.get_tensor_details()}
    assert kinds <= {np.int8, np.int32}  # biases and shapes are int32
    assert (
        interpreter.get_input_details()[0]["dtype"] is interpreter.get_output_details()[0]["dtype"] is np.int8
    )


def test_the_agreement_is_what_the_two_files_say_one_picture_at_a_time(trained: Trained):
    run, made = trained
    part = training.pictures_of(run).validation
    classifier = Classifier.from_run(run)
    said = {
        name: np.array(
            [
                tflite.probabilities(made.folder / name, scaled(classifier, picture[None])).argmax()
                for picture in part.images
            ]
        )
        for name in ("model.tflite", "model-int8.tflite")
    }
    exact, rounded = said.values()
    assert made.agreement.n == len(part) == 50  # a fifth of 25 of each of ten digits
    assert made.agreement.agreement == (exact == rounded).mean()
    assert made.agreement.float_accuracy == (exact == part.labels).mean()
    assert made.agreement.int8_accuracy == (rounded == part.labels).mean()


def test_the_history_holds_every_row(trained: Trained):
    run, made = trained
    with (made.folder / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    log = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]
    assert [row["kind"] for row in rows] == [row["kind"] for row in log]
    scores = [float(row["val_accuracy"]) for row in rows if row["kind"] == "epoch"]
    assert scores == run.metrics().epochs["val_accuracy"].tolist()


def test_the_listing_names_every_weight_and_small_ones_are_whole(trained: Trained):
    run, made = trained
    model, text = Classifier.from_run(run).model, (made.folder / "weights.txt").read_text()
    for weight in model.weights:
        assert f"\n{weight.path}\nshape {tuple(weight.shape)}, " in text
    bias = next(weight for weight in model.weights if weight.path == "fc2/bias")
    listed = re.search(r"\nfc2/bias\n.*\n(\[[^]]*\])", text)[1]
    np.testing.assert_allclose(np.fromstring(listed.strip("[]"), sep=" "), np.asarray(bias), rtol=1e-6)
    kernel = text.partition("\nfc2/kernel\n")[2].partition("\n\nfc2/bias")[0]
    assert (
        "49,152 values" in kernel and "..." in kernel and len(kernel) < 2_000
    )  # 8 × 8 × 6 inputs, 128 units


def test_the_script_trains_the_same_network_on_a_folder(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run, made = trained
    rng = np.random.default_rng(0)
    for digit in range(10):
        (tmp_path / "pictures" / str(digit)).mkdir(parents=True)
        for number in range(4):
            picture = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
            file = tmp_path / "pictures" / str(digit) / f"{number}.png"
            file.write_bytes(images.encode_png(picture))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["train.py", str(tmp_path / "pictures")])
    space: dict = {}
    exec((made.folder / "train.py").read_text(), space)
    ours = Classifier.from_run(run).model
    assert [w.shape for w in space["model"].weights] == [w.shape for w in ours.weights]
    assert len(space["history"].history["val_loss"]) == 2
    assert space["history"].history["learning_rate"] == pytest.approx([0.001, 0.001])
    assert space["model"].get_layer("fc2").kernel_regularizer.l2 == pytest.approx(1e-4)
    assert space["validation"].class_names == [str(n) for n in range(10)]
    assert (tmp_path / "trained.keras").exists()


def test_a_script_with_every_change_of_pictures_is_python_that_keras_takes(trained: Trained, monkeypatch):
    run, _ = trained
    config = RunConfig.from_dict(run.config).changed(
        optimizer="sgd", momentum=0.9, nesterov=True, label_smoothing=0.1, title='a "quoted" \\ title'
    )
    changes = {
        "flip": 1,
        "rotation": 10.0,
        "zoom": 0.1,
        "shift_x": 0.125,
        "contrast": 0.2,
        "hue": 30.0,
        "crop": 0.1,
    }
    settings = config.to_dict() | {"augmentation": changes, "channels": 3}
    monkeypatch.setattr(Run, "config", property(lambda self: settings))
    text = training_script(run, Classifier.from_run(run).model)
    compile(text, "train.py", "exec")
    assert "Left out of the augmentation: crop." in text
    written = re.search(r"augment = (keras\.Sequential\(\[.*\]\))", text)[1]
    augment = eval(written, {"keras": keras, "layers": keras.layers})
    assert augment(np.zeros((2, 16, 16, 1), np.float32), training=True).shape == (2, 16, 16, 1)
    rotation = next(layer for layer in augment.layers if "rotation" in layer.name)
    assert rotation.factor == pytest.approx((-10 / 360, 10 / 360))
    assert "SGD(learning_rate=0.01, momentum=0.9, nesterov=True), loss=softened" in text


def test_what_was_made_is_kept_until_the_run_learns_on(trained: Trained, monkeypatch):
    run, made = trained
    assert exchange.prepared(run, lambda *_: pytest.fail("made again")) == made == exchange.exported(run)
    run.rename("another name")  # it stands in the ZIP
    assert exchange.exported(run) is None
    (run.folder / "notes.json").unlink()
    assert exchange.exported(run) == made


def test_without_its_dataset_all_but_the_int8_file_is_made(trained: Trained, tmp_path: Path, monkeypatch):
    run, _ = trained

    def gone(*_: object) -> None:
        raise DatasetError("The dataset is gone.")

    monkeypatch.setattr(exchange.files.training, "pictures_of", gone)
    monkeypatch.setattr(exchange.files, "FOLDER", "without")
    made = exchange.prepared(run, lambda share, words: None)
    missing = {file.name: file.missing for file in made.files if file.missing}
    assert missing == {"model-int8.tflite": "The dataset is gone."}
    assert (made.agreement, made.unmeasured) == (None, "The dataset is gone.")


def test_a_network_too_large_for_the_memory_is_refused_before_it_is_converted(trained: Trained, monkeypatch):
    monkeypatch.setattr(tflite, "_free_bytes", lambda: 1e6)
    with pytest.raises(RunError, match=r"needs 0.0 GB of memory and 0.0 GB are free; export it"):
        tflite.convert(Classifier.from_run(trained[0]).model)


def test_the_zip_tells_nothing_of_this_computer(trained: Trained):
    run, made = trained
    with zipfile.ZipFile(made.folder / "run.zip") as file:
        text = b"".join(
            file.read(name) for name in file.namelist() if name.endswith((".json", ".jsonl", ".py"))
        )
    status = json.loads((run.folder / "status.json").read_text())
    for secret in (str(run.folder.parent), status["process"]["host"], status["process"]["started"]):
        assert secret.encode() not in text
