"""How good the weights of a run are on the pictures it was not trained on."""

from collections.abc import Callable
from dataclasses import replace

from cnnlab import datasets
from cnnlab.datasets import ImageSet, Splits
from cnnlab.errors import DatasetError
from cnnlab.inference import Classifier, Evaluation, evaluate
from cnnlab.preprocessing import white_in
from cnnlab.runs import Run
from cnnlab.shelf import write_json
from cnnlab.training.config import RunConfig
from cnnlab.training.trained_on import as_it_was, leaked


def pictures_of(run: Run, progress: datasets.Progress | None = None) -> Splits:
    """Load the run's own dataset, fitted and split as it was for training.

    Of a dataset that has changed since, only what the run was trained and validated on comes back, and
    ``Splits.note`` says so.

    Raises:
        DatasetError: it is not here any more.
        RunError: the run has not come so far as to know its classes; the dataset has others now, or too few
            of the pictures are left.
    """
    facts, config = run.model_facts, dataset_here(run)
    height, _, channels = facts["input_shape"]
    config = config.changed(image_size=height, channels=channels)
    options = replace(config.load_options(), white=white_in(facts.get("preprocessing", {})))
    splits = datasets.load(config.dataset, options, progress=progress)
    everything = replace(options, max_per_class=None)
    return as_it_was(run, splits, lambda: datasets.load(config.dataset, everything, progress=progress))


def dataset_here(run: Run) -> RunConfig:
    """Return the settings of a run whose dataset can be found on this computer.

    Raises:
        DatasetError: it cannot; of a run that came from elsewhere only a dataset of the library counts, never
            a path.
    """
    config = RunConfig.from_dict(run.config)
    if run.imported and config.dataset not in datasets.names():
        raise DatasetError(
            f"The dataset {config.dataset} of this run is not here; add one of this name on the Data page."
        )
    datasets.get(config.dataset)
    return config


def evaluate_run(run: Run, pictures: ImageSet, progress: Callable[[float], None]) -> Evaluation:
    """Measure the best weights of a run and keep the outcome in its evaluation.json.

    ``leaked`` there is how many of the pictures the weights of a fork had been trained on before.

    Raises:
        RunError: the run has no weights yet, or they cannot be read.
    """
    found = evaluate(Classifier.from_run(run), pictures.images, pictures.labels, pictures.names, progress)
    write_json(run.folder / "evaluation.json", found.to_dict() | {"leaked": leaked(run)})
    return found
