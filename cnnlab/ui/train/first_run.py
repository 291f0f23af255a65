"""The first run on a dataset that was collected a minute ago: small, quick, honestly split."""

from dataclasses import replace

import streamlit as st

from cnnlab import architectures
from cnnlab.datasets.own.collection import Collection
from cnnlab.settings import RunConfig
from cnnlab.ui.engine import supervisor
from cnnlab.ui.state import lab
from cnnlab.ui.train.recipes import begin_with
from cnnlab.ui.train.run_form import checked
from cnnlab.ui.warm_up import need_tensorflow

PRETRAINED = RunConfig(
    "mobilenetv2_transfer", "", epochs=20, batch_size=16, learning_rate=0.003, image_size=160, channels=3
)
FROM_NOTHING = RunConfig("baseline", "", batch_size=8, image_size=64, channels=3, schedule="cosine")
STEPS = 500  # fewer leave the moving averages of batch norm where they began
EPOCHS = 15, 40


def for_few_images(dataset: str, images: int, by_group: bool) -> RunConfig:
    """Return settings that learn from some dozens of images a class within a minute or two.

    With ImageNet weights on this computer the base network stays as it is and only its head learns. Without
    them a single convolution in small batches does better than deep networks, which get too few steps.
    """
    if architectures.missing_weights(PRETRAINED.architecture):
        epochs = round(STEPS * FROM_NOTHING.batch_size / max(1, images))
        config = replace(FROM_NOTHING, epochs=min(max(epochs, EPOCHS[0]), EPOCHS[1]))
    else:
        config = PRETRAINED
    return replace(config, dataset=dataset, split_by="group" if by_group else "random")


def train_now(found: Collection, by_group: bool) -> None:
    """Put a run with these settings into the queue, and open the page that shows it.

    Raises:
        CnnLabError: it cannot begin.
    """
    config = _settings(found, by_group)
    need_tensorflow()
    title = f"{architectures.get(config.architecture).title} on {found.title}"
    run = supervisor().submit(checked(config.changed(title=title)))
    lab().dataset, lab().run_id = found.name, run.id
    st.switch_page("pages/train.py", query_params={"run": run.id})


def choose_settings(found: Collection, by_group: bool) -> None:
    """Open the Train page with these settings in its form."""
    begin_with(_settings(found, by_group))
    lab().run_id = None
    st.switch_page("pages/train.py")


def _settings(found: Collection, by_group: bool) -> RunConfig:
    return for_few_images(found.name, sum(len(one.images) for one in found.classes), by_group)
