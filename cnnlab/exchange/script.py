"""A run as a script: Keras that builds the network and trains it as the run did, on a folder of pictures."""

from itertools import groupby
from typing import Any

import numpy as np

from cnnlab.runs import Run
from cnnlab.training import RunConfig

BASES = {"vgg16_transfer": "VGG16", "mobilenetv2_transfer": "MobileNetV2"}
"""What ``keras.applications`` calls the base of a network that begins with ImageNet weights."""

IMPORTS = "from keras import layers\n"
HEAD = '''"""{title}: {architecture} as CNN Lab trained it.

    python train.py PICTURES        a folder with one folder for each class

{notes}
"""

import sys

import numpy as np
'''

DATA = """
CLASSES = {classes}
BATCH_SIZE = {batch_size}
MEAN, DEVIATION = {mean}, {deviation}  # in pixel units, 0 to 255
RATES = {rates}  # the learning rate of each epoch

training, validation = keras.utils.image_dataset_from_directory(
    sys.argv[1],
    class_names=CLASSES,
    color_mode={colour!r},
    batch_size=BATCH_SIZE,
    image_size=({height}, {width}),
    interpolation={resample!r},
    crop_to_aspect_ratio={crop},
    validation_split={share},
    subset="both",
    seed={seed},
)
"""

TRAIN = """

def scaled(pictures, labels):
    return (pictures - np.float32(MEAN)) / np.float32(DEVIATION), labels


{augmentation}history = model.fit(
    training.map(scaled),
    validation_data=validation.map(scaled),
    epochs=len(RATES),
    callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch: RATES[epoch])],
)
model.save("trained.keras")
"""

CHANGED = """augment = keras.Sequential([{layers}])
training = training.map(lambda pictures, labels: (augment(pictures, training=True), labels))
"""


def training_script(run: Run, model: Any) -> str:
    """Return train.py for a run and its keras.Model.

    The network is written layer by layer, and the learning rates are those the run really had. The pictures
    fall into the two parts by Keras's luck, not by ours, and batches come in another order.

    Raises:
        ArchitectureError: the network has no source, see ``inspection.keras_source``.
    """
    from cnnlab.inspection import keras_source

    config, facts = RunConfig.from_dict(run.config), run.model_facts
    seen = facts["preprocessing"]
    head = HEAD.format(
        title=_one_line(run.title), architecture=config.architecture, notes="\n".join(_notes(config))
    )
    data = DATA.format(
        classes=facts["classes"],
        batch_size=config.batch_size,
        seed=config.seed,
        mean=list(seen["mean"]),
        deviation=list(seen["deviation"]),
        rates=_rates(run, config),
        colour="grayscale" if facts["input_shape"][2] == 1 else "rgb",
        height=seen["height"],
        width=seen["width"],
        resample=seen["resample"],
        crop=seen["fit"] == "crop",
        share=config.validation_share,
    )
    layers = _augmentation(config.augmentation, gray=facts["input_shape"][2] == 1)
    training = TRAIN.format(augmentation=CHANGED.format(layers=", ".join(layers)) if layers else "")
    network = keras_source(model).replace(
        IMPORTS, f"{IMPORTS}\nkeras.utils.set_random_seed({config.seed})\n", 1
    )
    return head + network + _start(config, model) + _compiled(config) + data + training


def _notes(config: RunConfig) -> list[str]:
    notes = [f"The run was trained on {_one_line(config.dataset)}, split {config.split_by}."]
    if config.precision != "float32":
        notes.append("It computed in mixed precision; this script computes in float32.")
    if left_out := sorted({"crop", "cutout"} & config.augmentation.keys()):
        notes.append(f"Left out of the augmentation: {', '.join(left_out)}.")
    return notes


def _start(config: RunConfig, model: Any) -> str:
    """Return what happens to the weights before training: those of ImageNet, and which of them rest."""
    from cnnlab.inspection.graph import walk

    steps = walk(model)
    resting = [name for name, s in steps.items() if s.layer.weights and not s.layer.trainable]
    lines = []
    if config.options.get("base_weights", "imagenet") == "imagenet" and config.architecture in BASES:
        base = f"keras.applications.{BASES[config.architecture]}(include_top=False)"
        lines.append(f"for layer in {base}.layers:")
        lines.append("    if layer.weights:")
        lines.append("        model.get_layer(layer.name).set_weights(layer.get_weights())")
    if resting:
        lines.append(f"for name in {resting}:")
        lines.append("    model.get_layer(name).trainable = False")
    return "".join(f"{line}\n" for line in lines)


def _compiled(config: RunConfig) -> str:
    settings: dict[str, Any] = {"learning_rate": config.initial_learning_rate}
    if config.optimizer in {"sgd", "rmsprop"} and config.momentum:
        settings["momentum"] = config.momentum
    if config.optimizer == "sgd" and config.nesterov:
        settings["nesterov"] = True
    name = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}.get(
        config.optimizer, config.optimizer.capitalize()
    )
    said = ", ".join(f"{key}={value!r}" for key, value in settings.items())
    compiled = f'model.compile(keras.optimizers.{name}({said}), loss={{}}, metrics=["accuracy"])\n'
    if not config.label_smoothing:
        return compiled.format('"sparse_categorical_crossentropy"')
    smoothed = f"label_smoothing={config.label_smoothing!r}"
    return (
        "\n\ndef softened(labels, probabilities):\n"
        "    truth = keras.ops.one_hot(keras.ops.cast(labels, 'int32'), probabilities.shape[-1])\n"
        f"    return keras.losses.categorical_crossentropy(truth, probabilities, {smoothed})\n\n\n"
        + compiled.format("softened")
    )


def _rates(run: Run, config: RunConfig) -> str:
    """Write the rate of each epoch; equal neighbours as ``[0.01] * 100``."""
    known = run.metrics().epochs["learning_rate"]
    rates = [float(f"{rate:.7g}") for rate in known if np.isfinite(rate)]
    rates = rates or [config.initial_learning_rate] * config.epochs
    return " + ".join(
        f"[{rate!r}] * {n}" if (n := len(list(same))) > 1 else f"[{rate!r}]" for rate, same in groupby(rates)
    )


def _augmentation(changes: dict[str, Any], gray: bool) -> list[str]:
    """Return Keras's own layers for the same changes of pictures from 0 to 255."""
    fill = f"fill_mode={changes.get('fill', 'constant')!r}"
    written = {
        "flip": lambda v: 'layers.RandomFlip("horizontal")',
        "rotation": lambda v: f"layers.RandomRotation({v / 360!r}, {fill})",
        "zoom": lambda v: f"layers.RandomZoom({v!r}, {fill})",
        "brightness": lambda v: f"layers.RandomBrightness({v!r})",
        "contrast": lambda v: f"layers.RandomContrast({v!r}, value_range=(0, 255))",
        "saturation": lambda v: f"layers.RandomSaturation(({(1 - v) / (2 - v)!r}, {(1 + v) / (2 + v)!r}))",
        "hue": lambda v: f"layers.RandomHue({v / 360!r})",
    }
    if gray:
        del written["saturation"], written["hue"]  # a gray picture has neither
    found = [write(changes[name]) for name, write in written.items() if changes.get(name)]
    down, right = changes.get("shift_y", 0.0), changes.get("shift_x", 0.0)
    return found + [f"layers.RandomTranslation({down!r}, {right!r}, {fill})"] * bool(down or right)


def _one_line(text: str) -> str:
    """Return people's text so that it can stand within a docstring."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())
