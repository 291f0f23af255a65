"""How good the weights of a run are on the images it was not trained on."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from cnnlab import datasets
from cnnlab.datasets import ImageSet, Splits
from cnnlab.errors import DatasetError, RunError
from cnnlab.inference import Classifier, Evaluation, evaluate
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.shelf import write_json
from cnnlab.training.comparison import compare, training_sample
from cnnlab.training.trained_on import as_it_was, leaked


def images_of(run: Run, progress: datasets.Progress | None = None) -> Splits:
    """Load the run's own dataset, fitted and split as it was for training.

    Of a dataset that has changed since, only what the run was trained and validated on comes back, and
    ``Splits.note`` says so.

    Raises:
        DatasetError: it is not here any more.
        RunError: the run has not come so far as to know its classes; the dataset has others now, or too few
            of the images are left.
    """
    facts, config = run.model_facts, dataset_here(run)
    height, _, channels = facts.input_shape
    config = config.changed(image_size=height, channels=channels)
    options = replace(config.load_options(), white=facts.white)
    splits = datasets.load(config.dataset, options, progress=progress)
    everything = replace(options, max_per_class=None)
    return as_it_was(run, splits, lambda: datasets.load(config.dataset, everything, progress=progress))


def dataset_here(run: Run) -> RunConfig:
    """Return the settings of a run whose dataset can be found on this computer.

    Raises:
        DatasetError: it cannot; of a run that came from elsewhere only a dataset of the library counts, never
            a path.
    """
    config = run.config
    if run.imported and config.dataset not in datasets.names():
        raise DatasetError(
            f"The dataset {config.dataset} of this run is not here; add one of this name on the Data page."
        )
    datasets.get(config.dataset)
    return config


@dataclass(frozen=True)
class Evaluated:
    """An evaluation, what is to be said of its images, and how many of them had been trained on."""

    evaluation: Evaluation
    note: str
    leaked: int


def evaluate_again(run: Run, progress: Callable[[float, str], None]) -> Evaluated:
    """Load the images of a run and measure its best weights, and what tells overfitting from chance.

    Args:
        run: with weights; its evaluation.json and comparison.npz are written anew.
        progress: told how much is done, 0 to 1, and what is being done; what it raises ends the measurement.

    Raises:
        DatasetError: the dataset is not here any more.
        RunError: the run has no weights yet, or they cannot be read.
    """
    splits = images_of(run, lambda fraction, words: progress(fraction / 2, words))
    leak = leaked(run)
    found = evaluate_run(
        run, splits.validation, lambda fraction: progress(0.5 + fraction / 4, "Evaluating the best weights.")
    )
    with suppress(RunError):  # damaged last weights take nothing from what the best ones say
        compare(
            *(run, found, splits.validation),
            training_sample(splits.train, splits.validation, run.config.seed),
            lambda fraction: progress(
                0.75 + fraction / 4, "Evaluating training images and the last weights."
            ),
        )
    return Evaluated(found, splits.note, leak)


def evaluate_run(run: Run, images: ImageSet, progress: Callable[[float], None]) -> Evaluation:
    """Measure the best weights of a run and keep the outcome in its evaluation.json.

    ``leaked`` there is how many of the images the weights of a fork had been trained on before.

    Raises:
        RunError: the run has no weights yet, or they cannot be read.
    """
    found = evaluate(Classifier.from_run(run), images.images, images.labels, images.names, progress)
    write_json(run.folder / "evaluation.json", found.to_dict() | {"leaked": leaked(run)})
    return found
