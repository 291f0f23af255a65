"""A run that someone gives you becomes a run of ours, under an id of ours, or nothing at all."""

import io
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cnnlab import access, workspace
from cnnlab.errors import RunError
from cnnlab.exchange import documents, model_file
from cnnlab.exchange.archive import BEST, FORMAT, LAST, MANIFEST
from cnnlab.exchange.members import Members
from cnnlab.runs import Run
from cnnlab.runs.creation import new_id
from cnnlab.runs.lineage import TRAINED_ON
from cnnlab.runs.status import write
from cnnlab.settings import RunConfig
from cnnlab.shelf import write_json
from cnnlab.training.trained_on import TrainedOn

MODEL_BYTES = 2 * 2**30
_KEYS = tuple(f"{field.name}.npy" for field in fields(TrainedOn))
LIMITS = {
    **dict.fromkeys((MANIFEST, "status.json"), 10**5),
    **dict.fromkeys(("config.json", "model.json"), 4 * 2**20),
    "metrics.jsonl": 128 * 2**20,
    "evaluation.json": 64 * 2**20,
    TRAINED_ON: 64 * 2**20,
    BEST: MODEL_BYTES,
    LAST: MODEL_BYTES,
    **dict.fromkeys(("model.tflite", "model-int8.tflite", "metrics.csv", "train.py"), 0),
    **dict.fromkeys(("split.csv", "weights.txt"), 0),
}
"""What a ZIP of a run may hold, and how many bytes are read of it at most; of the last few nothing is."""


def open_run(
    file: Path | BinaryIO,
    progress: Callable[[float, str], None] = lambda fraction, words: None,
    owner: str = "",
) -> Run:
    """Add the run in a ZIP to the workspace; every value is checked and written anew, or refused.

    It belongs to ``owner``, whatever the ZIP says.

    Raises:
        RunError: it is no ZIP of a run, is damaged, or holds what a run does not; nothing is kept of it.
    """
    try:
        with Members(file, LIMITS) as members, workspace.scratch(workspace.runs_dir()) as temporary:
            manifest = documents.parsed(MANIFEST, members.read(MANIFEST))
            if manifest.get("format") != FORMAT:
                raise RunError("This run was exported by a newer CNN Lab; update this one to open it.")
            folder = temporary / "run"
            settings = _unpack(members, folder, progress, owner)
            return Run(folder.rename(workspace.runs_dir() / new_id(settings)))
    except OSError as error:
        raise RunError(f"The run cannot be stored ({error.strerror or error}); free some space.") from error


def _unpack(members: Members, folder: Path, progress: Callable[[float, str], None], owner: str) -> RunConfig:
    for part in ("control", "checkpoints"):
        (folder / part).mkdir(parents=True)
    progress(0.05, "Checking the settings.")
    config = documents.config(documents.parsed("config.json", members.read("config.json")))
    facts = documents.model_facts(documents.parsed("model.json", members.read("model.json")), config)
    state = documents.status(documents.parsed("status.json", members.read("status.json")))
    write_json(
        folder / "config.json",
        {"config": config.to_dict(), "versions": {}, "imported": {"at": time.time()}} | access.mark(owner),
    )
    if TRAINED_ON in members:
        known = images_known(members, folder / TRAINED_ON)
        known.write(Run(folder))
        facts = facts.changed(trained_on=known.fingerprint)
    write_json(folder / "model.json", facts.to_dict())
    write(folder / "status.json", state)
    progress(0.1, "Checking the history.")
    if "metrics.jsonl" in members:
        rows = members.lines("metrics.jsonl", documents.LONGEST_LINE, documents.MOST_LINES)
        with (folder / "metrics.jsonl").open("w") as log:
            log.writelines(documents.metrics(rows))
    if "evaluation.json" in members:
        most = documents.evaluation_bytes(facts)
        found = documents.parsed("evaluation.json", members.read("evaluation.json", most))
        write_json(folder / "evaluation.json", documents.evaluation(found, facts.classes))
    models = [name for name in (BEST, LAST) if name in members]
    if not models:
        raise RunError("The ZIP holds no weights; let the run finish an epoch and export it again.")
    for number, name in enumerate(models):
        progress(0.2 + 0.4 * number, "Checking the network.")
        members.copy(name, folder / name)
        model_file.check(folder / name, list(facts.input_shape), len(facts.classes))
    _load_once(folder / models[0])
    return config


def images_known(members: Members, path: Path) -> TrainedOn:
    """Return the keys of the images that a run was trained on; the file is another ZIP, of two arrays.

    Raises:
        RunError: it holds anything else.
    """
    members.copy(TRAINED_ON, path)
    with Members(path, dict.fromkeys(_KEYS, LIMITS[TRAINED_ON]), TRAINED_ON) as arrays:
        return TrainedOn(*(_keys(arrays.read(name)) for name in _KEYS))


def _keys(data: bytes) -> np.ndarray:
    """Return a .npy file's uint64 ``(N, 2)``; what its header says of its size is checked first."""
    file = io.BytesIO(data)
    try:
        np.lib.format.read_magic(file)
        shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
        if kind == np.uint64 and not by_column and len(shape) == 2 and shape[1] == 2:
            return np.frombuffer(data, np.uint64, offset=file.tell()).reshape(shape)
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError):
        pass
    raise RunError(f"{TRAINED_ON} is not as CNN Lab writes it, so the run is not opened; export it again.")


def _load_once(path: Path) -> None:
    """Load a checked model file, as classifying will: better a sentence now than later."""
    import keras

    try:
        keras.models.load_model(path, safe_mode=True, compile=False)
    except Exception as error:  # Keras raises nearly anything for weights that do not fit
        raise RunError("The weights do not fit the network; export the run again.") from error
