"""``evaluate`` and ``classify``: how good a run is, and what it says about an image."""

import argparse
import unicodedata
from dataclasses import replace
from typing import Any

import numpy as np

from cnnlab import datasets, runs
from cnnlab.cli.output import Answer, ProgressBar, percent, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.datasets import ImageSet, LoadOptions
from cnnlab.errors import DatasetError, ImageError
from cnnlab.inference import (
    Classifier,
    Evaluation,
    ImageCount,
    Prediction,
    accuracy_in_words,
    evaluate,
)
from cnnlab.training.evaluation import evaluate_again
from cnnlab.training.trained_on import trained_on_among

SHOWN = 3


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    measure = verbs.add_parser("evaluate", help="accuracy, scores per class and confusion matrix of a run")
    measure.add_argument("run", metavar="RUN")
    measure.add_argument(
        "--data", metavar="PATH", help="labelled images; default: the validation set of the run"
    )
    measure.set_defaults(verb=_evaluate)

    ask = verbs.add_parser("classify", help="predict the class of images with a run")
    ask.add_argument("run", metavar="RUN")
    ask.add_argument("images", metavar="IMAGE", nargs="+")
    ask.add_argument("--invert", action="store_true", help="invert dark and light first")
    ask.set_defaults(verb=_classify)


def _evaluate(arguments: argparse.Namespace) -> Answer:
    run = runs.get(arguments.run)
    import_tensorflow()
    note, leak = "", 0
    with ProgressBar() as bar:
        if arguments.data:
            classifier = Classifier.from_run(run)
            images, note = _everything_in(arguments.data, classifier)
            evaluation = evaluate(classifier, images.images, images.labels, images.names)
            leak = trained_on_among(run, images)
        else:
            found = evaluate_again(run, bar)
            evaluation, note, leak = found.evaluation, found.note, found.leaked
    document = evaluation.to_dict() | {"leaked": leak} | ({"note": note} if note else {})
    return Answer(document, f"{note}\n\n{_summary(evaluation, ImageCount(evaluation.n, leak))}".lstrip())


def _everything_in(path: str, classifier: Classifier) -> tuple[ImageSet, str]:
    """Load all images of a dataset as the classifier sees them, with labels in the classifier's order.

    With them comes what is to be said of those that are left out.
    """
    seen = classifier.preprocessing
    options = LoadOptions(
        seen.height, seen.channels, resample=seen.resample, resize_mode=seen.resize_mode, white=seen.white
    )
    classes, images, left_out = datasets.load_everything(path, classifier.classes, options)
    place = {unicodedata.normalize("NFC", name): label for label, name in enumerate(classifier.classes)}
    if unknown := [name for name in classes if name not in place]:
        known = ", ".join(classifier.classes)
        raise DatasetError(f"The run does not know the class {unknown[0]!r} of {path}; it knows {known}.")
    order = np.array([place[name] for name in classes])
    return replace(images, labels=order[images.labels]), " ".join(left_out)


def _summary(evaluation: Evaluation, images: ImageCount) -> str:
    scores = [
        (score.class_name, *map(percent, (score.precision, score.recall, score.f1)), score.support)
        for score in evaluation.per_class
    ]
    matrix = zip(evaluation.classes, evaluation.confusion_matrix, strict=True)
    return "\n\n".join(
        (
            f"Accuracy {accuracy_in_words(evaluation.accuracy, images)}; loss {evaluation.loss:.3f}.",
            table(("class", "precision", "recall", "F1", "support"), scores),
            table(("true \\ predicted", *evaluation.classes), [(name, *row) for name, row in matrix]),
        )
    )


def _classify(arguments: argparse.Namespace) -> Answer:
    run = runs.get(arguments.run)
    import_tensorflow()
    classifier = Classifier.from_run(run)
    seen: dict[str, np.ndarray] = {}
    errors: dict[str, str] = {}
    for name in arguments.images:
        try:
            seen[name] = classifier.as_seen(classifier.preprocessing.read(name), arguments.invert)
        except ImageError as error:
            errors[name] = str(error)
    answers = dict(zip(seen, classifier.predict(list(seen.values())), strict=True))
    documents = [_document(name, answers.get(name, []), errors.get(name)) for name in arguments.images]
    lines = [errors.get(name) or f"{name}: {_best(answers[name])}" for name in arguments.images]
    failure = f"{len(errors)} of {len(documents)} images could not be read." if errors else ""
    return Answer(documents, "\n".join(lines), failure)


def _document(name: str, predictions: list[Prediction], error: str | None) -> dict[str, Any]:
    if error:
        return {"image": name, "error": error}
    return {
        "image": name,
        "predictions": [{"class": p.class_name, "probability": p.probability} for p in predictions],
    }


def _best(predictions: list[Prediction]) -> str:
    return ", ".join(f"{p.class_name} {percent(p.probability)}" for p in predictions[:SHOWN])
