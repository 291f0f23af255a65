"""Memory that comes back: twenty large models asked one after the other, and two hundred large images.

The process that computes keeps models by their bytes and collects what goes at once; Classify keeps of an
image what it shows. Both sides of a row are the same process, early and late: a plateau has the ratio 1.
"""

import io
import json
import os
from collections.abc import Iterator
from functools import partial

import keras
import numpy as np
import psutil
from PIL import Image

from cnnlab import runs, settings, workspace
from cnnlab.inference import Classifier
from cnnlab.preprocessing import Preprocessing
from cnnlab.service import OfRun, Service
from cnnlab.ui.classify.answer import Asked
from tests.benchmarks.result import Result

MODELS, EARLY_MODELS = 20, 10
IMAGES, EARLY_IMAGES = 200, 48
SIDE = 2500
"""In colour 19 MB an image: 24 that were kept whole would be 450 MB."""
SEEN_AS = Preprocessing(32, 32, 1)


def run() -> Iterator[Result]:
    early, late = memory_of_models()
    yield Result(
        "memory of the process that computes",
        *("MB", f"after {MODELS} models of 82 MB, each asked once", late),
        *(f"after {EARLY_MODELS} of them", early),
        ratio_at_most=1.15,
    )
    early, late = memory_of_images()
    yield Result(
        "memory of the server",
        *("MB", f"after {IMAGES} images of {SIDE} × {SIDE} pixels, {24} at once", late),
        *(f"after {EARLY_IMAGES} of them", early),
        ratio_at_most=1.15,
    )


def memory_of_models() -> tuple[float, float]:
    image = keras.Input(SEEN_AS.input_shape, name="image")
    x = keras.layers.Dense(20_000, name="wide")(keras.layers.Flatten(name="flatten")(image))
    model = keras.Model(image, keras.layers.Dense(10, activation="softmax", name="output")(x))
    facts = {"classes": list("0123456789"), "preprocessing": SEEN_AS.to_dict(), "input_shape": [32, 32, 1]}
    file = workspace.home() / "once.keras"
    model.save(file)
    service, found = Service().start(), []
    for number in range(MODELS):
        run = runs.create(settings.RunConfig("lenet5", "digits"))
        (run.folder / "model.json").write_text(json.dumps(facts))
        os.link(file, run.folder / "checkpoints" / "best.keras")  # loaded anew for each run
        service.ask("probabilities", OfRun(run.id, 1), np.zeros((1, *SEEN_AS.input_shape), np.float32))
        if number + 1 in (EARLY_MODELS, MODELS):
            child = next(c for c in psutil.Process().children() if "cnnlab.service" in c.cmdline())
            found.append(child.memory_info().rss / 2**20)
    service.close()
    return found[0], found[1]


def memory_of_images() -> tuple[float, float]:
    bits = np.zeros((SIDE, SIDE), bool)
    bits[::100] = True
    file = io.BytesIO()
    Image.fromarray(bits).save(file, "PNG")
    network, shown, found = Classifier(None, ("a", "b"), SEEN_AS), [], []
    for number in range(1, IMAGES + 1):
        decoded = partial(SEEN_AS.decode, file.getvalue(), "image.png")
        shown = [*shown[-23:], Asked.of(f"{number}", decoded, network, invert=False)]
        if number in (EARLY_IMAGES, IMAGES):
            found.append(psutil.Process().memory_info().rss / 2**20)
    return found[0], found[1]
