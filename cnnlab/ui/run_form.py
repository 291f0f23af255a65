"""The form that starts a run: a recipe to begin with, every setting open to change."""

from dataclasses import replace

import streamlit as st

from cnnlab import architectures, datasets, inspection
from cnnlab.training import OPTIMIZERS, RunConfig, recipes
from cnnlab.ui.state import lab
from cnnlab.ui.wording import plain

OWN = "Own settings"
FIRST = "lenet5-digits"
SETTINGS = (
    *("epochs", "batch_size", "optimizer", "learning_rate", "image_size"),
    *("seed", "validation_share", "channels", "split_by", "fit", "max_per_class"),
    *("schedule", "schedule_factor", "stop_patience"),
)
SPLITS = {
    "random": "at random",
    "group": "by group (nobody in both parts)",
    "given": "the dataset's own test part",
}
COLOURS = {None: "as the dataset has them", 1: "gray", 3: "colour"}
SCHEDULES = {
    "constant": "stays",
    "cosine": "falls as half a cosine",
    "exponential": "falls by a factor each epoch",
    "plateau": "falls by a factor on a plateau",
    "step": "drops where the recipe says",
}
FITS = {"squash": "squash to a square", "crop": "crop the middle"}


def run_form() -> RunConfig | None:
    """Show the form; return its settings, not yet ``checked``, when a person presses Start."""
    _fill_in_first()
    st.selectbox(
        "Start from a recipe",
        [OWN, *recipes.names()],
        format_func=lambda name: name if name == OWN else recipes.get(name).title,
        key="run_recipe",
        on_change=_take_recipe,
        persist_state="session",
    )
    recipe = st.session_state.run_recipe
    st.caption(recipes.get(recipe).summary if recipe != OWN else "Every setting below is yours to choose.")
    _network_and_data()
    _settings()
    with st.expander("More settings"):
        _more_settings()
    ready = datasets.is_ready(lab().dataset)
    if not ready:
        _offer_download()
    if st.button("Start training", type="primary", icon=":material/play_arrow:", disabled=not ready):
        return _config()
    return None


def checked(config: RunConfig) -> RunConfig:
    """Return the settings if a run can start with them.

    Raises:
        ConfigError: a setting is out of its range.
        ArchitectureError: a layer of the network cannot take pictures of this size.
    """
    config.validated()
    info = datasets.get(config.dataset)
    size = config.image_size or architectures.get(config.architecture).reference.input_shape[0]
    channels = config.channels or (info.native_shape[2] if info.native_shape else 3)
    inspection.outline(config.architecture, (size, size, channels), len(info.classes), **config.options)
    return config


def _network_and_data() -> None:
    left, right = st.columns(2)
    known = {info.name: info.title for info in datasets.catalogue()}
    networks = architectures.names()
    for column, field, label, titles in (
        (left, "dataset", "Dataset", known),
        (right, "architecture", "Architecture", {name: architectures.get(name).title for name in networks}),
    ):
        chosen = getattr(lab(), field)
        st.session_state[f"run_{field}"] = chosen if chosen in titles else next(iter(titles))
        column.selectbox(
            label,
            list(titles),
            format_func=titles.get,
            key=f"run_{field}",
            on_change=_remember,
            args=(field,),
        )


def _offer_download() -> None:
    info = datasets.get(lab().dataset)
    st.info(f"{plain(info.title)} is not on this machine yet: {info.download_mb:.0f} MB have to be fetched.")
    st.page_link("pages/data.py", label="Fetch it on the data page", icon=":material/download:")


def _settings() -> None:
    one, two, three, four, five = st.columns(5)
    one.number_input("Epochs", step=1, key="run_epochs", persist_state="session")
    two.number_input("Batch size", step=1, key="run_batch_size", persist_state="session")
    three.selectbox("Optimizer", list(OPTIMIZERS), key="run_optimizer", persist_state="session")
    four.number_input(
        "Learning rate",
        step=0.0001,
        format="%.6g",
        placeholder=f"{OPTIMIZERS[st.session_state.run_optimizer]:g}, as in Keras",
        key="run_learning_rate",
        persist_state="session",
    )
    five.number_input(
        "Image size in pixels",
        step=1,
        placeholder="as the network has it",
        key="run_image_size",
        persist_state="session",
    )


def _more_settings() -> None:
    one, two, three = st.columns(3)
    one.number_input("Seed", step=1, key="run_seed", persist_state="session")
    two.number_input(
        "Validation share",
        step=0.05,
        help="The part of the pictures that is watched, not trained on.",
        key="run_validation_share",
        persist_state="session",
    )
    three.number_input(
        "Most images per class", step=1, placeholder="all", key="run_max_per_class", persist_state="session"
    )
    one.number_input(
        "Stop early after",
        step=1,
        placeholder="never",
        help="So many epochs without a lower validation loss end the run.",
        key="run_stop_patience",
        persist_state="session",
    )
    three.number_input(
        "Factor of the learning rate",
        step=0.1,
        help="Only where the learning rate falls by a factor.",
        key="run_schedule_factor",
        persist_state="session",
    )
    for column, field, label, words in (
        (two, "schedule", "The learning rate", SCHEDULES),
        (one, "split_by", "Split", SPLITS),
        (two, "channels", "Colours", COLOURS),
        (three, "fit", "Pictures that are not square", FITS),
    ):
        column.selectbox(
            label, list(words), format_func=words.get, key=f"run_{field}", persist_state="session"
        )

    _network_options()


def _network_options() -> None:
    """Offer what the chosen network lets one choose beyond its shape, where it does."""
    facts = architectures.get(lab().architecture)
    for column, (name, default) in zip(st.columns(3), facts.options.items(), strict=False):
        key, label = f"run_option_{facts.name}_{name}", name.replace("_", " ").capitalize()
        st.session_state.setdefault(key, default)
        if name in facts.choices:
            column.selectbox(label, facts.choices[name], key=key, persist_state="session")
        else:
            column.number_input(label, 0, step=1, key=key, persist_state="session")


def _chosen_options() -> dict[str, str | int]:
    facts = architectures.get(lab().architecture)
    chosen = {name: st.session_state[f"run_option_{facts.name}_{name}"] for name in facts.options}
    return {name: value for name, value in chosen.items() if value != facts.options[name]}


def _config() -> RunConfig:
    values = {field: st.session_state[f"run_{field}"] for field in SETTINGS}
    values["options"] = _chosen_options()
    recipe = st.session_state.run_recipe
    base = recipes.get(recipe).config if recipe != OWN else RunConfig(lab().architecture, lab().dataset)
    own = replace(base, architecture=lab().architecture, dataset=lab().dataset, **values)
    title = f"{architectures.get(own.architecture).title} on {datasets.get(own.dataset).title}"
    return replace(own, recipe=recipe if own == base else None, title=title)


def _fill_in_first() -> None:
    if "run_recipe" not in st.session_state:
        st.session_state.run_recipe = FIRST
        _fill_in(recipes.get(FIRST).config)


def _take_recipe() -> None:
    if st.session_state.run_recipe != OWN:
        config = recipes.get(st.session_state.run_recipe).config
        lab().architecture, lab().dataset = config.architecture, config.dataset
        _fill_in(config)


def _fill_in(config: RunConfig) -> None:
    for field in SETTINGS:
        st.session_state[f"run_{field}"] = getattr(config, field)


def _remember(field: str) -> None:
    setattr(lab(), field, st.session_state[f"run_{field}"])
