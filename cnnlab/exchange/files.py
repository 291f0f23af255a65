"""All that can be taken away from a run, made once and kept in its folder until it learns on."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab import training, workspace
from cnnlab.datasets import Splits
from cnnlab.errors import CnnLabError, RunError
from cnnlab.exchange import tflite
from cnnlab.exchange.archive import write_archive
from cnnlab.exchange.history import csv_lines
from cnnlab.exchange.image_list import IMAGES, LIST, has_files, list_lines, write_images
from cnnlab.exchange.script import training_script
from cnnlab.exchange.weights_text import WHOLE, weights_text
from cnnlab.inference import Classifier
from cnnlab.languages import texts
from cnnlab.runs import Run, reading
from cnnlab.shelf import write_json

Progress = Callable[[float, str], None]
"""Called with the fraction done, 0 to 1, and what is being done; what it raises ends the export."""

MODEL, FLOAT, INT8 = "model.keras", "model.tflite", "model-int8.tflite"
WHAT = texts(
    {
        MODEL: "Keras model, best weights",
        FLOAT: "TensorFlow Lite, float32",
        INT8: "TensorFlow Lite, int8-quantised",
        "metrics.csv": "training history (CSV)",
        "train.py": "Keras source that trains it again; needs split.csv beside it",
        LIST: "the training and validation images, for train.py",
        IMAGES: "the images themselves, for train.py",
        "weights.txt": f"weights as text; of those with more than {WHOLE:,} values the first and last only",
        "run.zip": "all of it, to import into another CNN Lab",
    }
)
FOLDER, FACTS = "exports", "exports.json"
EDITION = 3
"""Raised when other files are made, or others in them: those of an earlier edition are made anew."""


@dataclass(frozen=True)
class ExportedFile:
    """One file and its size, or why there is none, in one sentence."""

    name: str
    size_bytes: int
    missing: str = ""


@dataclass(frozen=True)
class Export:
    """Files made from a run's best weights; ``agreement`` of int8 with float where it could be measured."""

    folder: Path
    files: tuple[ExportedFile, ...]
    agreement: tflite.Agreement | None = None
    unmeasured: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        known = [{"name": f.name, "bytes": f.size_bytes} for f in self.files if not f.missing]
        return {
            "folder": str(self.folder),
            "files": known,
            "missing": {f.name: f.missing for f in self.files if f.missing},
            "int8_agreement": self.agreement and asdict(self.agreement),
            "unmeasured": self.unmeasured,
        }


def exported(run: Run) -> Export | None:
    """Return what was made from the weights as they are now, or None."""
    folder = run.folder / FOLDER
    try:
        facts = reading.document(folder / FACTS)
        if facts["made_from"] != _version(run):
            return None
        files = tuple(ExportedFile(str(f["name"]), int(f["bytes"])) for f in facts["files"])
        missing = tuple(ExportedFile(name, 0, str(why)) for name, why in facts["missing"].items())
        measured = facts["int8_agreement"]
        if measured and not all(map(reading.is_number, measured.values())):
            return None
        agreement = tflite.Agreement(**measured) if measured else None
        return Export(folder, _ordered(files + missing), agreement, str(facts["unmeasured"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def prepared(run: Run, progress: Progress) -> Export:
    """Return what can be taken away from a run, made now unless it was made before.

    Raises:
        RunError: it has no weights yet.
    """
    if known := exported(run):
        return known
    version = _version(run)
    with workspace.scratch(run.folder) as temporary:
        made = _make(run, temporary / FOLDER, progress)
        write_json(made.folder / FACTS, made.to_dict() | {"made_from": version})
        shutil.rmtree(run.folder / FOLDER, ignore_errors=True)
        made.folder.rename(run.folder / FOLDER)
    return exported(run) or prepared(run, progress)  # the run has learned on meanwhile


def export(run: Run, folder: Path, progress: Progress) -> Export:
    """Put the files into a folder that holds none of them yet.

    Raises:
        RunError: it does, or cannot be written; the run has no weights yet.
    """
    taken = [name for name in WHAT if (folder / name).exists()]
    if taken:
        raise RunError(
            f"{folder} holds {taken[0]} already, and nothing is overwritten; choose another folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = prepared(run, progress)
        for file in made.files:
            if not file.missing:
                shutil.copyfile(made.folder / file.name, folder / file.name)
    except OSError as error:
        raise RunError(f"{folder} cannot be written ({error.strerror}); choose another folder.") from error
    return Export(folder, made.files, made.agreement, made.unmeasured)


def _make(run: Run, folder: Path, progress: Progress) -> Export:
    folder.mkdir()
    progress(0.02, "Loading the weights.")
    classifier = Classifier.from_run(run)
    model: Any = classifier.model  # a keras.Model
    model.save(folder / MODEL)
    splits, unmeasured = _images(run, lambda fraction, words: progress(0.05 + fraction / 10, words))
    missing = {} if splits else dict.fromkeys((LIST, INT8), unmeasured)

    def attempt(name: str, make: Callable[[], bytes | Iterable[str]]) -> None:
        """Write one file; that it cannot be made must not cost the others."""
        try:
            _write(folder / name, make())
        except CnnLabError as error:
            missing[name] = str(error)
            (folder / name).unlink(missing_ok=True)

    def images_as_files(splits: Splits) -> Iterable[str]:
        if not has_files(run):
            write_images(
                run,
                splits,
                folder / IMAGES,
                lambda fraction: progress(0.3 + fraction / 20, "Writing images."),
            )
        return list_lines(
            run, splits, folder, lambda fraction: progress(0.35 + fraction / 10, "Listing images.")
        )

    progress(0.15, "Writing history, source and weights as text.")
    attempt("metrics.csv", lambda: csv_lines(run))
    attempt("train.py", lambda: [training_script(run, model, splits.note if splits else "")])
    attempt("weights.txt", lambda: weights_text(model))
    progress(0.2, "Converting for TensorFlow Lite, float32.")
    attempt(FLOAT, lambda: tflite.convert(model))
    agreement = None
    if splits:
        attempt(LIST, lambda: images_as_files(splits))
        try:
            agreement = _in_bytes(splits, classifier, folder, progress)
        except CnnLabError as error:
            unmeasured = str(error)
            if not (folder / INT8).exists():
                missing[INT8] = unmeasured
    extras = [folder / n for n in WHAT if n not in {MODEL, IMAGES, "run.zip"} and (folder / n).exists()]
    write_archive(
        run,
        folder / "run.zip",
        folder / MODEL,
        extras,
        lambda fraction: progress(0.9 + fraction / 10, "Packing."),
    )
    files = (
        ExportedFile(name, 0, missing[name])
        if name in missing
        else ExportedFile(name, (folder / name).stat().st_size)
        for name in WHAT
        if name in missing or (folder / name).exists()
    )
    return Export(folder, tuple(files), agreement, unmeasured)


def _images(run: Run, progress: Progress) -> tuple[Splits | None, str]:
    """Return the images that a run was trained on, or why they are not here."""
    try:
        return training.images_of(run, progress), ""
    except CnnLabError as error:
        return None, str(error)


def _in_bytes(
    splits: Splits, classifier: Classifier, folder: Path, progress: Progress
) -> tflite.Agreement | None:
    """Write the int8 file and measure it against the float one."""
    progress(0.45, "Converting for TensorFlow Lite, int8.")
    count = min(tflite.REPRESENTATIVE, len(splits.train))
    some = np.random.default_rng(0).choice(len(splits.train), count, replace=False)
    sample = classifier.preprocessing.scale(splits.train.images[np.sort(some)].astype(np.float32))
    _write(folder / INT8, tflite.convert_int8(classifier.model, sample))
    if not (folder / FLOAT).exists():
        return None
    held_out = splits.validation
    return tflite.compare(
        (folder / FLOAT, folder / INT8),
        classifier,
        held_out.images,
        held_out.labels,
        lambda fraction: progress(0.6 + 0.3 * fraction, "Comparing int8 with float32 on validation images."),
    )


def _write(path: Path, content: bytes | Iterable[str]) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
        return
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.writelines(content)


def _version(run: Run) -> list[int]:
    """Return numbers that change when the run's weights, history, evaluation or name do, or these files."""
    names = (
        "checkpoints/best.keras",
        "checkpoints/last.keras",
        "metrics.jsonl",
        "evaluation.json",
        "notes.json",
    )
    found = [EDITION]
    for name in names:
        path = run.folder / name
        found += [path.stat().st_mtime_ns, path.stat().st_size] if path.is_file() else [0, 0]
    return found


def _ordered(files: tuple[ExportedFile, ...]) -> tuple[ExportedFile, ...]:
    order = list(WHAT)
    return tuple(sorted((f for f in files if f.name in order), key=lambda f: order.index(f.name)))
