"""The form that starts a run: a recipe to begin with, every setting open to change."""

import streamlit as st

from cnnlab import architectures, datasets
from cnnlab.training import OPTIMIZERS, RunConfig
from cnnlab.ui.base_weights import offer_weights
from cnnlab.ui.engine import service
from cnnlab.ui.state import lab
from cnnlab.ui.train.forks import fork_note
from cnnlab.ui.train.form_state import chosen
from cnnlab.ui.train.groups import groups, network_options, number
from cnnlab.ui.train.recipes import base, recipe_choice, save_recipe
from cnnlab.ui.wording import plain

SPLITTING = ("seed", "split_by", "validation_share", "max_per_class")
"""Settings that decide which images are validated on."""


def run_form() -> RunConfig | None:
    """Show the form; return its settings, not yet ``checked``, when a person presses Start."""
    recipe_choice()
    fork_note()
    _network_and_data()
    _essentials()
    network_options()
    _more()
    offer_weights(lab().architecture)
    ready = datasets.is_ready(lab().dataset)
    if not ready:
        _offer_download()
    with st.container(horizontal=True, vertical_alignment="center"):
        begun = st.button("Start training", type="primary", icon=":material/play_arrow:", disabled=not ready)
        save_recipe()
    return chosen(base()) if begun else None


@st.fragment
def _more() -> None:
    """Show the further settings behind a fold; closed they cost nothing, and keep their values."""
    fold = st.expander("More settings", icon=":material/tune:", on_change="rerun", key="run_more")
    if fold.open:
        with fold:
            groups()
        _tell_the_fork()


def _tell_the_fork() -> None:
    """Run the whole page where the note above, on images that may leak into a fork, is of another split."""
    split = tuple(st.session_state.get(f"run_{name}") for name in SPLITTING)
    if st.session_state.get("run_fork") and split != st.session_state.setdefault("run_split_told", split):
        st.session_state.run_split_told = split
        st.rerun(scope="app")


def checked(config: RunConfig) -> RunConfig:
    """Return the settings if a run can start with them, with a snapshot of a person's own network.

    Raises:
        ConfigError: a setting is out of its range.
        ArchitectureError: a layer of the network cannot take pictures of this size.
    """
    config = config.validated().pinned()
    info = datasets.get(config.dataset)
    size = config.image_size or architectures.get(config.built_from).reference.input_shape[0]
    channels = config.channels or (info.native_shape[2] if info.native_shape else 3)
    service().ask("fits", config.built_from, (size, size, channels), len(info.classes), dict(config.options))
    return config


def _network_and_data() -> None:
    left, right = st.columns(2)
    known = {info.name: info.title for info in datasets.catalogue()}
    networks = architectures.names()
    for column, field, label, titles in (
        (left, "dataset", "Dataset", known),
        (right, "architecture", "Architecture", {name: architectures.get(name).title for name in networks}),
    ):
        if getattr(lab(), field) not in titles:
            setattr(lab(), field, next(iter(titles)))  # somebody has deleted it
        st.session_state[f"run_{field}"] = getattr(lab(), field)
        column.selectbox(
            label,
            list(titles),
            format_func=titles.get,
            key=f"run_{field}",
            on_change=_remember,
            args=(field,),
        )


def _essentials() -> None:
    one, two, three, four, five = st.columns(5)
    with one:
        number("Epochs", "epochs", 1, "Times through the training pictures.")
    with two:
        number("Batch size", "batch_size", 1, "Pictures in each step.")
    with three:
        st.selectbox("Optimizer", list(OPTIMIZERS), key="run_optimizer", persist_state="session")
    with four:
        usual = f"{OPTIMIZERS[st.session_state.run_optimizer]:g}"
        why = (
            f"How far a step goes; when empty {usual}, as Keras has it for this optimizer. "
            "More settings lets it change over the run, or looks for a good one."
        )
        number("Learning rate", "learning_rate", 0.0001, why, format="%.6g", placeholder=usual)
    with five:
        why = "Pictures are resized to so many pixels in width and height."
        number("Image size in pixels", "image_size", 1, why, placeholder="the network's")


def _offer_download() -> None:
    info = datasets.get(lab().dataset)
    st.info(f"{plain(info.title)} is not on this machine yet: {info.download_mb:.0f} MB have to be fetched.")
    st.page_link("pages/data.py", label="Fetch it on the data page", icon=":material/download:")


def _remember(field: str) -> None:
    setattr(lab(), field, st.session_state[f"run_{field}"])
