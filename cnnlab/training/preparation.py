"""What a run trains with: its images, its network, and the history it goes on from."""

from dataclasses import dataclass, replace

import keras
import numpy as np
import tensorflow as tf

from cnnlab import architectures, datasets
from cnnlab.augmentation import Augmentation
from cnnlab.datasets import ImageSet, Splits
from cnnlab.datasets.large import part
from cnnlab.datasets.statistics import pixel_statistics
from cnnlab.errors import ConfigError
from cnnlab.languages import texts
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Metrics, Phase, Run, metrics
from cnnlab.runs.context import Context
from cnnlab.runs.lineage import INITIAL
from cnnlab.runs.score import Score, best_row
from cnnlab.settings import ModelFacts, RunConfig
from cnnlab.settings.facts import SeenAs
from cnnlab.shelf import write_json
from cnnlab.training import averaging, batch_norm, network
from cnnlab.training.callbacks.checkpoints import running_averages
from cnnlab.training.comparison import training_sample
from cnnlab.training.pipeline import Batches
from cnnlab.training.titles import dataset_title
from cnnlab.training.trained_on import begin_or_go_on, fingerprint, leaked

VALIDATION_BATCH = 256
VALIDATION_PIXELS = 2**20
"""A batch to validate holds at most so many images and pixels; VGG-16 begins with 512 bytes a pixel."""


@dataclass(frozen=True)
class Work:
    """What a run trains with, and the history it goes on from (empty for a new run).

    ``held_out`` are the images of ``validation``, for the evaluation at the end, and ``sample`` some of
    those of ``training``, to ask again.
    """

    model: keras.Model
    training: Batches
    validation: Batches
    held_out: ImageSet
    sample: ImageSet
    history: Metrics


def prepare(run: Run, config: RunConfig, context: Context) -> Work:
    """Load the images and the network; write model.json.

    Raises:
        CnnLabError: a setting, the dataset or the network cannot work; the message says what to do.
        StopRequested: somebody asked the run to stop.
    """
    facts = architectures.get(config.built_from)
    white = run.model_facts.preprocessing.white if run.checkpoint("last") else None
    splits = begin_or_go_on(
        run,
        load_images(config, context, white),
        lambda: load_images(config.changed(max_per_class=None), context, white),
    )
    if splits.note:
        context.update(message=splits.note)
    seen_as = replace(seen_by(config, splits.train, _seen_before(run)), white=splits.white)
    context.update(message=texts(f"Building {facts.title}."), phase=Phase.BUILDING)
    context.check()
    model = _model(run, config, seen_as, len(splits.classes))
    _write_model_facts(run, config, splits, seen_as, model.count_params())
    return Work(
        model,
        Batches(
            _shared_evenly(_in_order(splits.train, config), config.batch_size),
            config.batch_size,
            seen_as,
            Augmentation.from_dict(config.augmentation),
            config.shuffle,
        ),
        Batches(splits.validation, validated_at_once(seen_as), seen_as),
        splits.validation,
        training_sample(splits.train, splits.validation, config.seed),
        _history(run, context, last_step=int(model.optimizer.iterations.numpy())),
    )


def validated_at_once(seen_as: Preprocessing) -> int:
    """Return how many images are validated in one batch."""
    return seen_as.at_once(VALIDATION_BATCH, VALIDATION_PIXELS)


def best_of(history: Metrics) -> tuple[int | None, Score | None]:
    """Return the step and the score of the best epoch so far."""
    best = best_row(history.epochs)
    if best is None:
        return None, None
    row = {name: float(history.epochs[name][best]) for name in ("step", "val_accuracy", "val_loss")}
    return int(row["step"]), Score.of(row)


def load_images(config: RunConfig, context: Context, white: int | None = None) -> Splits:
    """Load the images at the size of the run, or of its network, deep ones scaled by ``white``.

    Raises:
        DatasetError: they cannot be found, read or split.
        StopRequested: somebody asked the run to stop.
    """

    def progress(fraction: float, message: str) -> None:
        context.check()
        context.update(message=f"{message} ({100 * fraction:.0f} %)", phase=Phase.LOADING)

    size = config.image_size or architectures.get(config.built_from).reference.input_shape[0]
    context.update(message=texts(f"Loading {dataset_title(config.dataset)}."), phase=Phase.LOADING)
    options = replace(config.changed(image_size=size).load_options(), white=white)
    return datasets.load(config.dataset, options, progress=progress)


def _seen_before(run: Run) -> SeenAs | None:
    """Return how a run that goes on has seen images until now."""
    return run.model_facts.preprocessing if run.checkpoint("last") else None


def seen_by(config: RunConfig, train: ImageSet, before: SeenAs | None = None) -> Preprocessing:
    """Return how a network sees images; its own mean and std are measured once, not ``before``."""
    if config.scaling == "given":
        mean, std = config.mean, config.std
    elif before:
        mean, std = before.mean, before.std
    else:
        mean, std = pixel_statistics(train.images)
        std = tuple(max(one, 1.0) for one in std)  # a channel may be empty
    height, width, channels = train.images.shape[1:]
    return Preprocessing(
        *(height, width, channels),
        resample=config.resample,
        resize_mode=config.resize_mode,
        mean=mean,
        std=std,
    )


def _model(run: Run, config: RunConfig, seen_as: Preprocessing, classes: int) -> keras.Model:
    if saved := run.checkpoint("last"):
        model = keras.models.load_model(saved, safe_mode=True)  # with its optimizer: never compile it again
        beside = running_averages(saved.parent, int(model.optimizer.iterations.numpy()))
        # A run that came in a ZIP has none, and goes on from the measured ones: training normalises with the
        # batch at hand and validation measures anew, so that nothing of the run is another for it.
        batch_norm.take_back(beside, model)
        averaging.swap(model)
        return model
    if initial := run.checkpoint(INITIAL):
        return network.forked(config, seen_as.input_shape, classes, initial)
    return network.build(config, seen_as.input_shape, classes)


def _in_order(images: ImageSet, config: RunConfig) -> ImageSet:
    """Return the images class by class where the settings ask for it, else as they are."""
    if config.shuffle or not config.sort_by_class:
        return images
    return part(images, np.argsort(images.labels, kind="stable"))


def _shared_evenly(images: ImageSet, batch_size: int) -> ImageSet:
    """Return the images less the few that would leave a device without its fraction of the last batch.

    Batch norm over no images is NaN, and only equal shares make the mean over devices the batch's mean.

    Raises:
        ConfigError: the devices cannot share a batch evenly.
    """
    sharing = tf.distribute.get_strategy().num_replicas_in_sync
    if batch_size % sharing:
        more = sharing * -(-batch_size // sharing)
        raise ConfigError(
            f"{sharing} devices cannot share a batch of {batch_size} evenly; choose {more}, or one device."
        )
    spare = len(images) % sharing
    return images.subset(np.arange(len(images) - spare)) if spare else images


def _history(run: Run, context: Context, last_step: int) -> Metrics:
    """Return the history up to the weights at hand, and forget what came after them."""
    metrics.cut(run.folder / "metrics.jsonl", last_step)
    history = metrics.read_whole(run.folder / "metrics.jsonl")
    epochs = history.epochs["epoch"]
    best_step, best = best_of(history)
    best_epoch = int(epochs[history.epochs["step"] == best_step][0]) if best_step else None
    accuracy = best.accuracy if best else None
    context.update(step=last_step, epoch=len(epochs), best_epoch=best_epoch, best_val_accuracy=accuracy)
    return history


def _write_model_facts(
    run: Run, config: RunConfig, splits: Splits, preprocessing: Preprocessing, params: int
) -> None:
    facts = ModelFacts(
        architecture=config.architecture,
        dataset=config.dataset,
        classes=splits.classes,
        input_shape=preprocessing.input_shape,
        preprocessing=preprocessing,
        split={"train": len(splits.train), "validation": len(splits.validation)},
        majority=splits.validation.counts(len(splits.classes)).max() / len(splits.validation),
        trained_on=fingerprint(run),
        leaked=leaked(run),
        note=splits.note,
        params=params,
    )
    write_json(run.folder / "model.json", facts.to_dict())
