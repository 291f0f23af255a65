"""What is taken away from a run says what the run says."""

import csv
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnlab import exchange, training
from cnnlab.errors import DatasetError, RunError
from cnnlab.exchange import WHAT, Export, tflite
from cnnlab.exchange.script import training_script
from cnnlab.inference import Classifier
from cnnlab.runs import Run

Trained = tuple[Run, Export]


def scaled(classifier: Classifier, images: np.ndarray) -> np.ndarray:
    return classifier.preprocessing.scale(images.astype(np.float32))


def test_every_file_is_there_with_its_size(trained: Trained):
    _, made = trained
    assert [file.name for file in made.files] == list(WHAT)
    for file in made.files:
        assert (made.folder / file.name).stat().st_size == file.size_bytes > 0 and not file.missing


def test_the_model_file_answers_as_the_run_and_carries_no_optimizer(trained: Trained):
    run, made = trained
    classifier, images = Classifier.from_run(run), training.images_of(run).validation.images
    model = keras.models.load_model(made.folder / "model.keras")
    answers = model(scaled(classifier, images))
    np.testing.assert_allclose(answers, classifier.probabilities(images), atol=1e-6)
    assert getattr(model, "optimizer", None) is None


def test_the_float_file_answers_as_the_run(trained: Trained):
    run, made = trained
    classifier, images = Classifier.from_run(run), training.images_of(run).validation.images
    answers = tflite.probabilities(made.folder / "model.tflite", scaled(classifier, images))
    np.testing.assert_allclose(answers, classifier.probabilities(images), atol=1e-5)


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


def test_the_agreement_is_what_the_two_files_say_one_image_at_a_time(trained: Trained):
    run, made = trained
    part = training.images_of(run).validation
    classifier = Classifier.from_run(run)
    said = {
        name: np.array(
            [
                tflite.probabilities(made.folder / name, scaled(classifier, image[None])).argmax()
                for image in part.images
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


@pytest.mark.slow
def test_the_script_trains_the_same_network_on_the_images_that_lie_beside_it(
    trained: Trained, tmp_path: Path
):
    run, made = trained
    for name in ("train.py", "split.csv", "images.zip"):
        shutil.copyfile(made.folder / name, tmp_path / f"{run.id}-{name}")  # as a browser names them
    script = f"""
import json, runpy, sys
sys.argv = ["{run.id}-train.py", "{run.id}-images.zip"]
model, history = runpy.run_path(sys.argv[0])["main"]()
l2 = float(model.get_layer("fc2").kernel_regularizer.l2)
rates = [float(rate) for rate in history.history["learning_rate"]]
json.dump([[list(w.shape) for w in model.weights], rates, l2], open("facts.json", "w"))
"""
    done = subprocess.run([sys.executable, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    shapes, rates, l2 = json.loads((tmp_path / "facts.json").read_text())
    ours = Classifier.from_run(run).model
    assert shapes == [list(weight.shape) for weight in ours.weights]
    assert rates == pytest.approx([0.001, 0.001]) and l2 == pytest.approx(1e-4)
    assert "200 training and 50 validation images, 10 classes" in done.stdout  # 25 of each of ten digits
    assert (tmp_path / "trained.keras").exists()


def test_a_script_of_other_settings_says_them(trained: Trained, monkeypatch):
    run, _ = trained
    config = run.config.changed(
        **{
            "optimizer": "sgd",
            "momentum": 0.9,
            "nesterov": True,
            "label_smoothing": 0.1,
            "split_by": "group",
        },
        title='a "quoted" \\ title\0\udcff',
        dataset="/home/somebody/private/photos",
    )
    monkeypatch.setattr(Run, "config", property(lambda self: config))
    text = training_script(run, Classifier.from_run(run).model, "3 are gone.")
    compile(text, "train.py", "exec")
    assert (
        "SGD(learning_rate=0.01, momentum=0.9, nesterov=True, use_ema=True, ema_momentum=0.8), loss=smoothed"
        in text
    )
    assert (
        "trained on photos, split by group" in text and "somebody" not in text and "\n3 are gone.\n" in text
    )


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

    monkeypatch.setattr(exchange.files.training, "images_of", gone)
    monkeypatch.setattr(exchange.files, "FOLDER", "without")
    made = exchange.prepared(run, lambda fraction, words: None)
    missing = {file.name: file.missing for file in made.files if file.missing}
    assert missing == dict.fromkeys(("model-int8.tflite", "split.csv"), "The dataset is gone.")
    assert (made.agreement, made.unmeasured) == (None, "The dataset is gone.")


def test_a_network_too_large_for_the_memory_is_refused_before_it_is_converted(trained: Trained, monkeypatch):
    monkeypatch.setattr(tflite.machine, "free_bytes", lambda: 1e6)
    with pytest.raises(RunError, match=r"needs 0.0 GB of memory and 0.0 GB are free; export it"):
        tflite.convert(Classifier.from_run(trained[0]).model)


def test_the_zip_tells_nothing_of_this_computer(trained: Trained):
    run, made = trained
    with zipfile.ZipFile(made.folder / "run.zip") as file:
        text = b"".join(
            file.read(name) for name in file.namelist() if name.endswith((".json", ".jsonl", ".py", ".csv"))
        )
    status = json.loads((run.folder / "status.json").read_text())
    for secret in (str(run.folder.parent), status["process"]["host"], status["process"]["started"]):
        assert secret.encode() not in text
