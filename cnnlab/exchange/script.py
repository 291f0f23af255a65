"""A run as a script: Keras that builds the network and trains it as the run did, on the same images."""

import ast
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from textwrap import indent
from typing import Any

import numpy as np

from cnnlab import architectures, datasets, images
from cnnlab.augmentation import Augmentation, image_copies, image_draws
from cnnlab.datasets.files.parts import VALIDATION
from cnnlab.errors import ArchitectureError, DatasetError
from cnnlab.exchange.copied_source import copied_source
from cnnlab.exchange.image_list import IMAGES, LIST, has_files
from cnnlab.exchange.script_text import (
    AUGMENTED,
    EPOCH_AUGMENTATION,
    FILES,
    HEAD,
    NETWORK,
    ONE_OF_COPIES,
    STATISTICS,
    TRAIN,
)
from cnnlab.images import kinds
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run
from cnnlab.runs.lineage import origin
from cnnlab.settings import ModelFacts, RunConfig

PACKAGES = {
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "numpy": "numpy",
    "cv2": "opencv-python-headless",
    "PIL": "pillow",
}
"""What is to be installed for an import."""

OWN_IMPORTS = {
    *("import csv", "import hashlib", "import sys", "import zipfile", "import numpy as np", "import keras"),
    *("from functools import cache", "from pathlib import Path", "from keras import layers"),
}
_TEXT = HEAD + NETWORK + FILES + AUGMENTED + STATISTICS + TRAIN
OWN_NAMES = {
    "WHITE",
    "layers",
    "cache",
    "smoothed",
    *re.findall(r"(?<=^def )\w+|(?<=^class )\w+|[A-Z][A-Z_]+", _TEXT, re.MULTILINE),
}
"""What copied functions and constants may not be called."""


def training_script(run: Run, model: Any, note: str = "") -> str:
    """Return train.py for a run and its keras.Model; ``note`` is that of its ``Splits``, as they are now.

    The network is written layer by layer, the learning rates are those the run really had, and the images are
    those that ``image_list`` names, read, augmented and put into batches by copies of our own functions.

    Raises:
        ArchitectureError: the network has no source, see ``inspection.keras_source``.
    """
    from cnnlab.inspection import keras_source

    config, facts = run.config, run.model_facts
    seen, source = Preprocessing.of(facts.preprocessing), _Source.of(keras_source(model))
    copied = copied_source(
        *(images.decode, images.recolour, images.resize),
        *((Augmentation.apply, image_draws) if config.augmentation else ()),
        *((image_copies,) if config.augmentation and _saw_copies(config, model) else ()),
        without=(kinds.kind_of, kinds.remedy),  # listed images can be read
        reserved=OWN_NAMES,
    )
    imports = OWN_IMPORTS | source.imports | copied.imports
    data = "FOLDER_OR_ZIP" if has_files(run) else IMAGES
    head = HEAD.format(
        title=_one_line(run.title),
        architecture=config.architecture,
        packages=" ".join(sorted({PACKAGES[name] for name in map(_package, imports) if name in PACKAGES})),
        data=data,
        list=LIST,
        notes="\n".join(_notes(run, config, note)),
        imports=_in_order(imports),
        classes=list(facts.classes),
        shape=", ".join(map(str, seen.input_shape)),
        seed=config.seed,
        batch_size=config.batch_size,
        mean=list(seen.mean),
        std=list(seen.std),
        rates=_rates(run, config),
        white=f"WHITE = {seen.white}  # becomes 255 in images of more than 8 bits a channel\n"
        if seen.white
        else "",
        augmentation=f"AUGMENTATION = {config.augmentation}\n" if config.augmentation else "",
    )
    network = NETWORK.format(
        own="".join(f"\n\n{part}\n" for part in (source.classes, _loss(config)) if part),
        body=indent(source.body + _start(config, model) + _compiled(config), "    ").rstrip(),
    )
    files = FILES.format(
        sort=_sort(config),
        white=", WHITE" if seen.white else "",
        resample=seen.resample,
        resize_mode=seen.resize_mode,
    )
    statistics = _statistics(model, config, facts, seen)
    training = TRAIN.format(
        order="np.random.default_rng((SEED, epoch)).permutation(len(images))"
        if config.shuffle
        else "np.arange(len(images))",
        augmentation=EPOCH_AUGMENTATION if config.augmentation else "",
        batch="augmented(images[chosen], chosen)" if config.augmentation else "images[chosen]",
        data=data,
        and_average=", keras.callbacks.SwapEMAWeights()" if config.ema_momentum is not None else "",
        and_measure=", MeasuredStatistics(x_train)" if statistics else "",
        and_augment="and augment " if config.augmentation else "",
        copied=copied.text,
    )
    return head + network + files + _augmented(config, model) + statistics + training


@dataclass(frozen=True)
class _Source:
    """The source of a network: import lines, layer classes of our own, and the lines that build it."""

    imports: frozenset[str]
    classes: str
    body: str

    @classmethod
    def of(cls, text: str) -> "_Source":
        nodes, lines = ast.parse(text).body, text.splitlines()
        imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        first = next(node.lineno for node in nodes if isinstance(node, ast.Assign)) - 1
        return cls(
            frozenset(map(ast.unparse, imports)),
            "\n".join(lines[imports[-1].end_lineno : first]).strip("\n"),
            "\n".join(lines[first:]) + "\n",
        )


def _sort(config: RunConfig) -> str:
    """Return the lines that sort the training images by class, where the run had them so."""
    if config.shuffle or not config.sort_by_class:
        return ""
    return '    if part == "train":\n        rows.sort(key=lambda row: CLASSES.index(row["class"]))\n'


def _augmented(config: RunConfig, model: Any) -> str:
    if not config.augmentation:
        return ""
    return (
        ONE_OF_COPIES.format(copies=config.augmented_copies + 1) if _saw_copies(config, model) else AUGMENTED
    )


def _statistics(model: Any, config: RunConfig, facts: ModelFacts, seen: Preprocessing) -> str:
    """Return what measures batch norm's statistics as the run did; nothing for a network without one."""
    from cnnlab.training.batch_norm import looks, moving
    from cnnlab.training.features import VALIDATED_AT_ONCE
    from cnnlab.training.frozen import cut_behind_frozen
    from cnnlab.training.preparation import validated_at_once

    if not moving(model):
        return ""
    base_runs_once = not config.augmentation or config.augmented_copies
    is_head_alone = base_runs_once and cut_behind_frozen(model) is not None
    at_once = VALIDATED_AT_ONCE if is_head_alone else validated_at_once(seen)
    size, batches = looks(facts.split["train"], config.batch_size, at_once)
    return STATISTICS.format(count=size * batches, batches=batches)


def _saw_copies(config: RunConfig, model: Any) -> bool:
    """Whether a frozen base looked at a few augmented copies, see ``training.features``."""
    from cnnlab.training.frozen import cut_behind_frozen

    return bool(config.augmented_copies) and cut_behind_frozen(model) is not None


def _notes(run: Run, config: RunConfig, note: str) -> list[str]:
    ways = {
        "random": "at random, each class in the same proportion",
        "group": "by group, so that no person or recording is in both parts",
        "given": "as the dataset itself is divided",
    }
    way = "given" if config.split_by == "random" and _has_validation_part(config) else config.split_by
    dataset = _one_line(Path(str(config.dataset)).name)
    notes = [f"The run was trained on {dataset}, split {ways[way]}."]
    if note:
        notes.append(_one_line(note))
    if config.precision != "float32":
        notes.append("It computed in mixed precision; this script computes in float32.")
    if parent := origin(run):
        notes.append(
            f"It began with the weights of {_one_line(parent.parent_title)}; "
            "this script begins with new ones."
        )
    return notes


def _has_validation_part(config: RunConfig) -> bool:
    """Whether a dataset has a third part, which a random split leaves as it is."""
    with suppress(DatasetError):
        return any(part.role == VALIDATION for part in datasets.get(config.dataset).parts)
    return False


def _start(config: RunConfig, model: Any) -> str:
    """Return what happens to the weights before training: those of ImageNet, and which of them rest."""
    from cnnlab.inspection.graph import walk

    steps = walk(model)
    resting = [name for name, s in steps.items() if s.layer.weights and not s.layer.trainable]
    lines = []
    if base := _pretrained_base(config):
        lines.append(f"for layer in keras.applications.{base}(include_top=False).layers:")
        lines.append("    if layer.weights:")
        lines.append("        model.get_layer(layer.name).set_weights(layer.get_weights())")
    if resting:
        lines.append(f"for name in {resting}:")
        lines.append("    model.get_layer(name).trainable = False")
    return "".join(f"{line}\n" for line in lines)


def _pretrained_base(config: RunConfig) -> str:
    """Return what ``keras.applications`` calls the base whose weights the run began with; empty for none."""
    with suppress(ArchitectureError):  # a run from elsewhere, of a network that is not known here
        facts = architectures.get(config.built_from)
        if facts.base and not facts.definition and facts.begins_pretrained(config.options):
            return facts.base.application
    return ""


def _compiled(config: RunConfig) -> str:
    from cnnlab.training.optimizers import arguments, keras_class

    said = ", ".join(f"{key}={value!r}" for key, value in arguments(config).items() if value)
    name = keras_class(config).__name__
    loss = "smoothed" if config.label_smoothing else '"sparse_categorical_crossentropy"'
    return f'model.compile(keras.optimizers.{name}({said}), loss={loss}, metrics=["accuracy"])\n'


def _loss(config: RunConfig) -> str:
    """Return the loss that Keras has for one-hot labels only."""
    if not config.label_smoothing:
        return ""
    return (
        "def smoothed(labels, probabilities):\n"
        "    truth = keras.ops.one_hot(keras.ops.cast(labels, 'int32'), probabilities.shape[-1])\n"
        f"    smoothing = {config.label_smoothing!r}\n"
        "    return keras.losses.categorical_crossentropy(truth, probabilities, label_smoothing=smoothing)"
    )


def _rates(run: Run, config: RunConfig) -> str:
    """Write the rate of each epoch; equal neighbours as ``[0.01] * 100``."""
    known = run.metrics().epochs["learning_rate"]
    rates = [float(f"{rate:.7g}") for rate in known if np.isfinite(rate)]
    rates = rates or [config.initial_learning_rate] * config.epochs
    return " + ".join(
        f"[{rate!r}] * {n}" if (n := len(list(same))) > 1 else f"[{rate!r}]" for rate, same in groupby(rates)
    )


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
