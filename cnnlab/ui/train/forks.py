"""Forks on the training form: which run the new one goes on from."""

import json
from contextlib import suppress

import streamlit as st

from cnnlab import architectures, datasets, runs
from cnnlab.errors import CnnLabError
from cnnlab.inference import ImageCount
from cnnlab.languages import _, texts
from cnnlab.runs import Run
from cnnlab.runs.lineage import TRAINED_ON
from cnnlab.settings import RunConfig
from cnnlab.settings.declaration import named_values
from cnnlab.training import leakage
from cnnlab.ui.train.form_state import chosen
from cnnlab.ui.train.recipes import base, begin_with
from cnnlab.ui.wording import plain

MOST_LOADED = 2000
"""Images of a dataset that are loaded to count those that leak; of more their names must be enough."""
MOST_NAMED = 50_000
"""Images whose names are compared, in half a second; of more only the danger is told."""
WEIGHTS = texts({"best": "best epoch", "last": "last epoch"})


def begin_fork(run: Run) -> None:
    """Fill the form with a run's settings, to change them and go on from its weights.

    Raises:
        RunError: the settings of the run cannot be read.
    """
    begin_with(run.config.validated())
    st.session_state.run_fork = run.id


def after_a_failure() -> None:
    """Fill the form with the settings of the run that was watched last, where it failed: to change them."""
    watched = st.session_state.pop("run_watched", None)
    if watched is None or st.session_state.get("run_fork"):
        return
    with suppress(CnnLabError):  # deleted since, or it cannot be read
        run = runs.get(watched)
        if run.status().state == "failed":
            begin_with(run.config.validated())


def fork_note() -> None:
    """Say which run the form goes on from, and let a person choose its weights, where it does."""
    parent = _parent()
    if parent is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="bottom"):
        kept = {which: _(words) for which, words in WEIGHTS.items() if parent.checkpoint(which)}
        st.markdown(_(":material/fork_right: Fork of **{title}**", title=plain(parent.title)))
        st.segmented_control(
            _("Initial weights"),
            kept,
            format_func=kept.__getitem__,
            default=next(iter(kept)),
            required=True,
            help=_(
                "The run that is forked stays as it is. The optimizer is re-initialised, and so are layers "
                "that do not fit the new settings."
            ),
            key="run_fork_weights",
            persist_state="session",
            wrap=True,
        )
        st.button(_("Re-initialise"), icon=":material/close:", on_click=_forget, key="run_fork_forget")
    _leak(parent)
    if parent.config.dataset not in {info.name for info in datasets.catalogue()}:
        st.warning(_("The dataset of that run is not in the list any more; choose another one."))


def _leak(parent: Run) -> None:
    """Say how many of the images to validate on the weights have been trained on, as the form stands now."""
    with suppress(CnnLabError):  # a setting that cannot work: Start says which
        config, images = chosen(base()), None
        info = datasets.get(config.dataset)
        unchanging = info.kind == "built-in"
        if known := leakage.of_same_split(parent, config, None if unchanging else info.images):
            images = known
        elif info.images <= MOST_NAMED and datasets.is_ready(config.dataset):
            small = info.images <= MOST_LOADED
            version = datasets.version(config.dataset)
            with st.spinner(_("Comparing the images with those of the run…")):
                images = _counted(parent.id, _version(parent), _settings(config), version, small)
        same = config.dataset == parent.config.dataset
        if images is None and same and (info.images > MOST_LOADED or leakage.differs(parent, config)):
            _warn(
                _(
                    "The split is another than that of this run: the new one may be validated on images that "
                    "these weights were trained on, so its accuracy would be over-optimistic (data leakage). "
                    "Keep the seed and the split of this run to avoid it."
                )
            )
        if images and images.leaked:
            _warn(
                _(
                    "{leaked} of the {all} validation images are among those that these weights were trained "
                    "on, so its accuracy would be over-optimistic (data leakage). Keep the seed and the "
                    "split of this run to avoid it.",
                    leaked=f"{images.leaked:,}",
                    all=f"{int(images):,}",
                )
            )


def _warn(said: str) -> None:
    st.warning(said, icon=":material/warning:")


def _version(run: Run) -> int:
    """Return what changes when a run is trained on something else."""
    with suppress(OSError):
        return (run.folder / TRAINED_ON).stat().st_mtime_ns
    return 0


def _settings(config: RunConfig) -> str:
    """Return the settings that decide which images are loaded, as JSON: the others do not count again."""
    size = config.image_size or architectures.get(config.built_from).reference.input_shape[0]
    decisive = named_values(config.changed(image_size=size).load_options())
    return json.dumps({"architecture": "", "dataset": config.dataset, **decisive})


@st.cache_resource(max_entries=64, show_spinner=False)
def _counted(run_id: str, written: int, settings: str, version: str, small: bool) -> ImageCount | None:
    """Count the images that leak, again when run (``written``) or dataset (``version``) have changed.

    None where it takes more than the names of the files, and there are more than a few.
    """
    config = RunConfig.from_dict(json.loads(settings))
    if not small:
        return leakage.of_names(runs.get(run_id), config)
    return leakage.of_fork(runs.get(run_id), config, datasets.load(config.dataset, config.load_options()))


def forked(config: RunConfig) -> Run | None:
    """Put a fork with these settings into the queue, or return None when the form goes on from no run.

    Raises:
        RunError: the weights are gone.
    """
    parent = _parent()
    if parent is None:
        return None
    child = runs.fork(parent, config, st.session_state.get("run_fork_weights") or "best")
    _forget()
    return child


def _parent() -> Run | None:
    try:
        run = runs.get(st.session_state["run_fork"])
    except (KeyError, CnnLabError):  # nobody asked, or somebody deleted it meanwhile
        return None
    return run if run.weights() else None


def _forget() -> None:
    st.session_state.pop("run_fork", None)
