"""The JSON of a run that someone gives you, checked value by value and written anew."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cnnlab import strict_json
from cnnlab.errors import CnnLabError, RunError
from cnnlab.inference import Evaluation
from cnnlab.runs import ACTIVE, STATES, Status, reading
from cnnlab.runs.metrics import COLUMNS
from cnnlab.settings import ModelFacts, RunConfig, SeenAs, all_settings

LONGEST_TEXT = 300
LARGEST_SIDE = 1024
MOST_VALUES = 1000
LONGEST_LINE = 5000
MOST_LINES = 500_000
"""Rows of a history: 300 epochs of 50,000 images in batches of 32; of more, an export keeps so many."""
_Failure = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError)


def parsed(name: str, data: bytes) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        RunError: it is none, or would take more memory than any document of a run.
    """
    if reading.takes_too_much(data):
        raise _bad(name)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _bad(name) from error
    if not isinstance(value, dict):
        raise _bad(name)
    return value


def evaluation_bytes(facts: ModelFacts) -> int:
    """Return how many bytes the evaluation of a run of these facts may have: a row for each image asked."""
    classes = len(facts.classes)
    return 2**20 + 1000 * facts.split["validation"] + 20 * classes**2 + 500 * classes


def config(document: dict[str, Any]) -> RunConfig:
    """Return the settings of a run; what this version does not know is left out.

    Raises:
        RunError: a setting is missing, of the wrong type or out of range.
    """
    try:
        chosen = RunConfig.from_untrusted(document["config"])
        for known in all_settings().values():
            value = known.of(chosen)
            _refuse_unless(not isinstance(value, str) or _is_text(value))
            _refuse_unless(not isinstance(value, tuple | dict) or len(value) <= MOST_VALUES)
        for key, value in (chosen.options | chosen.augmentation).items():
            _refuse_unless(_is_text(key) and (_is_text(value) or not isinstance(value, str)))
        dataset = chosen.dataset.replace("\\", "/").rstrip("/").rpartition("/")[2]
        _refuse_unless(chosen.architecture and dataset.strip("."))
        return chosen.changed(dataset=dataset)
    except (*_Failure, CnnLabError) as error:
        raise _bad("config.json") from error


def model_facts(document: dict[str, Any], settings: RunConfig) -> ModelFacts:
    """Return what inference needs: classes, preprocessing, input shape, the sizes of the split.

    Raises:
        RunError: a value is missing, of the wrong type or out of range.
    """
    try:
        told = ModelFacts.from_dict(document)
        _refuse_unless(len(told.classes) >= 2 and len(set(told.classes)) == len(told.classes))
        _refuse_unless(all(_is_text(name) and name for name in told.classes))
        _refuse_unless(max(told.input_shape) <= LARGEST_SIDE and told.input_shape[2] in (1, 3))
        _check_preprocessing(told.preprocessing, told.input_shape)
        return ModelFacts(
            architecture=settings.architecture,
            dataset=settings.dataset,
            classes=told.classes,
            input_shape=told.input_shape,
            preprocessing=told.preprocessing,
            split={part: _whole(told.split[part], 0, 10**9) for part in ("train", "validation")},
            note=told.note if _is_text(told.note) else "",
            params=_whole(told.params or 0, 0, 10**10) or None,
            leaked=_whole(told.leaked, 0, 10**9),
            majority=_finite(told.majority, 0, 1),
            batch_norm_images=_whole(told.batch_norm_images, 0, 10**9),
        )
    except (*_Failure, CnnLabError) as error:
        raise _bad("model.json") from error


def status(document: dict[str, Any]) -> Status:
    """Return how far a run came; whatever it was doing there, here it is over.

    Raises:
        RunError: a value is of the wrong type or out of range.
    """
    try:
        state = document["state"]
        best, accuracy = document.get("best_epoch"), document.get("best_val_accuracy")
        return Status(
            state=state if state in set(STATES) - ACTIVE else "stopped",
            message="Trained on another computer and opened here.",
            epoch=_whole(document["epoch"], 0, 10**12),
            epochs=_whole(document["epochs"], 0, 10**12),
            step=_whole(document["step"], 0, 10**12),
            steps_per_epoch=_whole(document["steps_per_epoch"], 0, 10**12),
            images_per_second=_finite(document["images_per_second"], 0, 1e12),
            seconds=_finite(document["seconds"], 0, 1e12),
            best_epoch=None if best is None else _whole(best, 0, 10**9),
            best_val_accuracy=None if accuracy is None else _finite(accuracy, 0, 1),
            device=document["device"] if _is_text(document["device"]) else "",
            created=time.time(),
            ended=time.time(),
        )
    except _Failure as error:
        raise _bad("status.json") from error


def metrics(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the rows of a metrics log in our own words; a torn last line is left out.

    Raises:
        RunError: a line is no row of a log.
    """
    for line in lines:
        try:
            row = json.loads(line)
            values = {name: _number_or_none(row.get(name)) for name in COLUMNS[row["kind"]]}
            _refuse_unless(values["step"] is not None)
            _refuse_unless(row["kind"] == "batch" or values["epoch"] is not None)
            yield strict_json.dumps({"kind": row["kind"], **values}) + "\n"
        except _Failure as error:
            if line.endswith(b"\n"):
                raise _bad("metrics.jsonl") from error


def evaluation(document: dict[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    """Return an evaluation counted anew from its predictions.

    Raises:
        RunError: a prediction is none, or the classes are not those of the run.
    """
    try:
        _refuse_unless(list(document["classes"]) == list(classes))
        for said in document["predictions"]:
            _refuse_unless(_is_text(said["name"]))
            for name in ("probability", "label_probability"):
                _refuse_unless(said[name] is None or _finite(said[name], 0, 1.001) >= 0)
        leaked = _whole(document.get("leaked", 0), 0, 10**9)
        return Evaluation.from_dict(document).to_dict() | {"leaked": leaked}
    except _Failure as error:
        raise _bad("evaluation.json") from error


def _check_preprocessing(seen: SeenAs, shape: tuple[int, ...]) -> None:
    _refuse_unless((seen.height, seen.width, seen.channels) == shape)
    _refuse_unless(seen.white is None or _whole(seen.white, 1, 2**1024))
    for numbers in (seen.mean, seen.std):
        _refuse_unless(len(numbers) in (1, seen.channels))
    for number in seen.mean:
        _finite(number, -1e6, 1e6)
    for number in seen.std:
        _finite(number, 1e-6, 1e6)


def _bad(name: str) -> RunError:
    return RunError(f"{name} is not as CNN Lab writes it, so the run is not opened; export it again.")


def _refuse_unless(holds: object) -> None:
    if not holds:
        raise ValueError


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and value.isprintable()


def _whole(value: Any, low: int, high: int) -> int:
    _refuse_unless(isinstance(value, int) and not isinstance(value, bool) and low <= value <= high)
    return value


def _finite(value: Any, low: float, high: float) -> float:
    _refuse_unless(isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high)
    return float(value)


def _number_or_none(value: Any) -> float | None:
    if value is None:
        return None
    _finite(value, -1e15, 1e15)
    return value
