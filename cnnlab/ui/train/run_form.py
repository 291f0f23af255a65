"""The form that starts a run: a recipe to begin with, every setting open to change, what will come of it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab import architectures, datasets
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.settings import OPTIMIZERS, RunConfig, setting_named
from cnnlab.training.pinning import pinned
from cnnlab.training.titles import architecture_in_words, dataset_in_words
from cnnlab.ui.base_weights import offer_weights
from cnnlab.ui.engine import service
from cnnlab.ui.state import lab
from cnnlab.ui.train import submitting
from cnnlab.ui.train.before_start import before_start
from cnnlab.ui.train.forks import after_a_failure, fork_note
from cnnlab.ui.train.form_state import chosen, suit_split
from cnnlab.ui.train.groups import choice, groups, network_options, number, usual_factor
from cnnlab.ui.train.network_cost import input_shape
from cnnlab.ui.train.recipes import base, recipe_choice, save_recipe, with_download
from cnnlab.ui.wording import plain


def ask() -> tuple[RunConfig | None, DeltaGenerator]:
    """Show the form.

    Returns its settings, not yet ``checked``, when a person presses Start, and the place beside that button
    where to say why they cannot be trained with.
    """
    after_a_failure()
    settings, outlook = st.columns([5, 3], gap="medium")
    with settings:
        recipe_choice()
        fork_note()
        _network_and_data()
        _essentials()
        network_options()
    with outlook.container(border=True):
        begun, refused = _start()
    with settings:
        st.session_state.run_told, st.session_state.run_begun = _settings_now(), begun
        _more()
    return chosen(base()) if begun else None, refused


def _start() -> tuple[bool, DeltaGenerator]:
    """Show what will be trained, and the button that starts it.

    Returns whether it was pressed and can be, and a place above the button.
    """
    st.header(_("This run"), anchor=False)
    outlook = st.container()
    ready = datasets.is_ready(lab().dataset)
    offer_weights(lab().architecture)
    if not ready:
        _offer_download()
    label = _("Start training")
    icon = ":material/play_arrow:"
    with st.container(key="start_training"):  # on a phone page.css keeps it in reach
        refused = st.container()
        begun = st.button(
            label, type="primary", icon=icon, disabled=not ready, width="stretch", key="run_start"
        )
    with st.container(horizontal=True):
        save_recipe()
    with outlook:
        fits = before_start(refused if begun else None)
    return begun and fits, refused


@st.fragment
def _more() -> None:
    """Show the further settings behind a fold; closed they cost nothing, and keep their values."""
    fold = st.expander(_("More settings"), icon=":material/tune:", on_change="rerun", key="run_more")
    if fold.open:
        with fold:
            groups()
        _tell_the_page()


def _tell_the_page() -> None:
    """Run the whole page where a setting of the fold changed: what is said outside of it follows."""
    if st.session_state.pop("run_begun", False):
        return  # it is running as a whole, and starts a run with what the fold says now
    if (now := _settings_now()) != st.session_state.get("run_told"):
        st.session_state.run_told = now
        st.rerun(scope="app")


def _settings_now() -> str:
    try:
        return repr(chosen())
    except CnnLabError as error:
        return str(error)


def checked(config: RunConfig) -> RunConfig:
    """Return the settings if a run can start with them, with a snapshot of a person's own network.

    Raises:
        ConfigError: a setting is out of its range.
        ArchitectureError: a layer of the network cannot take images of this size.
        AccessError: it is more than a student may ask for.
    """
    config = pinned(config.validated())
    submitting.check(config)
    classes = len(datasets.get(config.dataset).classes)
    service().ask("fits", config.built_from, input_shape(config), classes, dict(config.options))
    return config


def _network_and_data() -> None:
    left, right = st.columns(2)
    data = {info.name: _with_download(info) for info in datasets.catalogue()}
    networks = {name: _with_size(architectures.get(name)) for name in architectures.names()}
    whose = _("In brackets: parameters, at the input size and number of classes of its paper or course.")
    for column, field, titles, why in (
        (left, "dataset", data, None),
        (right, "architecture", networks, whose),
    ):
        if getattr(lab(), field) not in titles:
            setattr(lab(), field, next(iter(titles)))  # somebody has deleted it
        st.session_state[f"run_{field}"] = getattr(lab(), field)
        label = _(setting_named(field).label)
        column.selectbox(
            label,
            list(titles),
            format_func=titles.__getitem__,
            help=why,
            key=f"run_{field}",
            on_change=_remember,
            args=(field,),
        )


def _with_download(info: datasets.DatasetInfo) -> str:
    missing = info.download_mb and not datasets.is_ready(info.name)
    title = dataset_in_words(info.name)
    return with_download(title, info.download_mb) if missing else title


def _with_size(network: architectures.Architecture) -> str:
    params = network.reference.total_params
    title = architecture_in_words(network.name)
    return _("{network} ({parameters})", network=title, parameters=parameters(params)) if params else title


def parameters(count: int) -> str:
    """Say a number of parameters in three digits: ``62.0 k``, ``11.2 M``."""
    size, unit = (1e6, "M") if count >= 1e6 else (1e3, "k")
    return f"{count / size:.3g} {unit}"


def _essentials() -> None:
    usual = OPTIMIZERS[st.session_state.run_optimizer]
    own_size = architectures.get(lab().architecture).reference.input_shape[0]
    one, two, three = st.columns(3)
    with one:
        number("epochs")
    with two:
        number("batch_size")
    with three:
        number("image_size", placeholder=f"{own_size}")
    one, two, three = st.columns(3)
    with one:
        choice("optimizer")
    with two:
        number("learning_rate", placeholder=f"{usual:g}")
    with three:
        choice("schedule", on_change=usual_factor, args=(st.session_state.run_schedule,))


def _offer_download() -> None:
    info = datasets.get(lab().dataset)
    st.info(
        _(
            "{dataset} is not on this machine yet: a download of {size} MB.",
            dataset=plain(dataset_in_words(info.name)),
            size=f"{info.download_mb:.0f}",
        )
    )
    st.page_link("pages/data.py", label=_("Download it on the page Data"), icon=":material/download:")


def _remember(field: str) -> None:
    setattr(lab(), field, st.session_state[f"run_{field}"])
    if field == "dataset":
        suit_split()
