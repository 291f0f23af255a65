"""A run as a script: Keras that builds the network and trains it as the run did, on the same images."""

import re
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab import images
from cnnlab.augmentation import Augmentation, picture_seeds
from cnnlab.exchange.copied_source import copied_source
from cnnlab.exchange.image_list import IMAGES, LIST, has_files
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run
from cnnlab.runs.lineage import origin
from cnnlab.training import RunConfig

BASES = {"vgg16_transfer": "VGG16", "mobilenetv2_transfer": "MobileNetV2"}
"""What ``keras.applications`` calls the base of a network that begins with ImageNet weights."""
PACKAGES = {
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "numpy": "numpy",
    "cv2": "opencv-python-headless",
    "PIL": "pillow",
}
"""What is to be installed for an import."""

HEAD = '''"""{title}: trains {architecture} as CNN Lab did, on the same images in the same order.

    pip install {packages}
    python train.py {data}

{list} from the same export lies beside this script. It names the images, their classes and their parts.
{notes}
"""

{imports}

CLASSES = {classes}
HEIGHT, WIDTH, CHANNELS = {shape}
SEED, BATCH_SIZE = {seed}, {batch_size}
MEAN, DEVIATION = np.float32({mean}), np.float32({deviation})  # in pixel units, 0 to 255
RATES = {rates}  # the learning rate of each epoch

LIST = Path(__file__.removesuffix("train.py") + "{list}")
if len(sys.argv) != 2 or not LIST.exists():
    sys.exit(f"python train.py {data}, with {{LIST.name}} beside train.py")

keras.utils.set_random_seed(SEED)

{network}'''

FILES = """

# Copied from CNN Lab: how it reads {and_changes} images

{copied}

# The images that the run saw, in its order


def files_in(place):
    \"""Return the names of all files in a folder or ZIP, and a function that reads one.\"""
    if zipfile.is_zipfile(place):
        archive = zipfile.ZipFile(place)
        return set(archive.namelist()), archive.read
    names = {{path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}}
    return names, lambda name: (place / name).read_bytes()


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


@cache
def names_by_digest():
    return {{digest(read(name)): name for name in names}}


def content(row):
    \"""Return the file of a row: at its place, or wherever the file with the same content is now.\"""
    data = read(row["file"]) if row["file"] in names else b""
    if row["digest"] in ("", digest(data)):
        return data
    if row["digest"] not in names_by_digest():
        sys.exit(f"{{DATA}} does not hold {{row['file']}}, which the run was trained on.")
    return read(names_by_digest()[row["digest"]])


def load(part):
    \"""Return the images of a part as uint8 (N, HEIGHT, WIDTH, CHANNELS), and their labels (N,).\"""
    chosen = [row for row in rows if row["part"] == part]
    images = np.empty((len(chosen), HEIGHT, WIDTH, CHANNELS), np.uint8)
    for number, row in enumerate(chosen):
        image = recolour(decode(content(row), row["file"]), CHANNELS)
        images[number] = resize(image, (HEIGHT, WIDTH), resample={resample!r}, fit={fit!r})
    return images, np.array([CLASSES.index(row["class"]) for row in chosen])


DATA = Path(sys.argv[1])
names, read = files_in(DATA)
with LIST.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
    rows = list(csv.DictReader(file))
x_train, y_train = load("train")
x_validation, y_validation = load("validation")
print(f"{{len(x_train)}} training and {{len(x_validation)}} validation images of {{len(CLASSES)}} classes")
"""

TRAIN = """

def scaled(images):
    return (images - MEAN) / DEVIATION


def batches():
    \"""Yield the batches of all epochs; their order follows from the seed and the epoch.\"""
    for epoch in range(len(RATES)):
        order = {order}
        for start in range(0, len(order), BATCH_SIZE):
            chosen = order[start : start + BATCH_SIZE]
            images = {batch}
            yield scaled(images), y_train[chosen]


history = model.fit(
    batches(),
    steps_per_epoch=-(-len(x_train) // BATCH_SIZE),
    epochs=len(RATES),
    shuffle=False,  # the batches come in their order already
    validation_data=(scaled(x_validation), y_validation),
    callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch: RATES[epoch])],
)
model.save("trained.keras")
"""

AUGMENTATION = """
AUGMENTATION = Augmentation({settings})
"""

COPIES = """

def augmented(epoch, chosen):
    \"""Return one of {copies} copies of each image, the first as it is: the frozen base saw only these.\"""
    images, copy = x_train[chosen], picture_seeds(SEED, epoch, chosen) % np.uint64({copies})
    changed = AUGMENTATION.apply(images, picture_seeds(SEED, copy, chosen))
    return np.where(copy[:, None, None, None] == 0, images, changed)
"""

OWN_IMPORTS = {
    *("import csv", "import hashlib", "import sys", "import zipfile", "import numpy as np", "import keras"),
    *("from functools import cache", "from pathlib import Path", "from keras import layers"),
}


def training_script(run: Run, model: Any) -> str:
    """Return train.py for a run and its keras.Model.

    The network is written layer by layer, the learning rates are those the run really had, and the images are
    those that ``image_list`` names, read, augmented and put into batches by copies of our own functions.

    Raises:
        ArchitectureError: the network has no source, see ``inspection.keras_source``.
    """
    from cnnlab.inspection import keras_source

    config, facts = RunConfig.from_dict(run.config), run.model_facts
    seen = Preprocessing.from_dict(facts["preprocessing"])
    imports, network = _split_imports(keras_source(model))
    copied = copied_source(
        *(images.decode, images.recolour, images.resize),
        *((Augmentation.apply, picture_seeds) if config.augmentation else ()),
    )
    imports = OWN_IMPORTS | imports | copied.imports
    head = HEAD.format(
        title=_one_line(run.title),
        architecture=config.architecture,
        packages=" ".join(sorted({PACKAGES[name] for name in map(_package, imports) if name in PACKAGES})),
        data="FOLDER_OR_ZIP" if has_files(run) else IMAGES,
        list=LIST,
        notes="\n".join(_notes(run, config)),
        imports=_in_order(imports),
        classes=facts["classes"],
        shape=", ".join(map(str, seen.input_shape)),
        seed=config.seed,
        batch_size=config.batch_size,
        mean=list(seen.mean),
        deviation=list(seen.deviation),
        rates=_rates(run, config),
        network=network,
    )
    files = FILES.format(
        copied=copied.text,
        and_changes="and augments" if config.augmentation else "its",
        resample=seen.resample,
        fit=seen.fit,
    )
    return head + _start(config, model) + _compiled(config) + files + _training(config, model)


def _training(config: RunConfig, model: Any) -> str:
    order = "np.arange(len(x_train))"
    if config.shuffle:
        order = "np.random.default_rng((SEED, epoch)).permutation(len(x_train))"
    if not config.augmentation:
        return TRAIN.format(order=order, batch="x_train[chosen]")
    settings = ", ".join(f"{name}={value!r}" for name, value in config.augmentation.items())
    augmentation = AUGMENTATION.format(settings=settings)
    if _saw_copies(config, model):
        copies = COPIES.format(copies=config.augmented_copies + 1)
        return augmentation + copies + TRAIN.format(order=order, batch="augmented(epoch, chosen)")
    batch = "AUGMENTATION.apply(x_train[chosen], picture_seeds(SEED, epoch, chosen))"
    return augmentation + TRAIN.format(order=order, batch=batch)


def _saw_copies(config: RunConfig, model: Any) -> bool:
    """Whether a frozen base looked at a few augmented copies, see ``training.features``."""
    from cnnlab.training.frozen import cut_behind_frozen

    return bool(config.augmented_copies) and cut_behind_frozen(model) is not None


def _notes(run: Run, config: RunConfig) -> list[str]:
    ways = {
        "random": "at random, each class in the same proportion",
        "group": "by group, so that no person or recording is in both parts",
        "given": "as the dataset itself is, its test part for validation",
    }
    dataset = _one_line(Path(str(config.dataset)).name)
    notes = [f"The run was trained on {dataset}, split {ways[config.split_by]}."]
    if note := run.model_facts.get("note"):
        notes.append(_one_line(note))
    if config.precision != "float32":
        notes.append("It computed in mixed precision; this script computes in float32.")
    if parent := origin(run):
        notes.append(
            f"It began with the weights of {_one_line(parent.title)}; this script begins with new ones."
        )
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


def _split_imports(source: str) -> tuple[set[str], str]:
    """Return the import lines at the top of a script, and the rest."""
    lines = source.splitlines()
    count = next(n for n, line in enumerate(lines) if not line.startswith(("import ", "from ")))
    return set(lines[:count]), "\n".join(lines[count:]).strip("\n") + "\n"


def _in_order(imports: set[str]) -> str:
    """Return import lines as one block for the standard library and one for the rest."""
    blocks = [
        [line for line in imports if (_package(line) in sys.stdlib_module_names) == standard]
        for standard in (True, False)
    ]
    return "\n\n".join(
        "\n".join(sorted(block, key=lambda line: (line.startswith("from"), line))) for block in blocks
    )


def _package(import_line: str) -> str:
    return re.split(r"[ .]", import_line)[1]


def _one_line(text: str) -> str:
    """Return people's text so that it can stand within a docstring."""
    plain = " ".join(text.replace("\\", "/").replace('"', "'").split())
    return "".join(letter if letter.isprintable() else "?" for letter in plain)
