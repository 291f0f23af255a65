"""What a run will be, beside the form that starts it: images of each part, size, steps, time and memory."""

import math

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab import datasets, machine, runs
from cnnlab.datasets import LoadOptions, PlannedSplit
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, _n, _p
from cnnlab.settings import RunConfig, setting_named
from cnnlab.settings.declaration import enumerated
from cnnlab.training import terms
from cnnlab.training.forecast import Amount, Forecast, NetworkCost, forecast, speeds
from cnnlab.training.pinning import pinned
from cnnlab.ui import pulse
from cnnlab.ui.engine import supervisor
from cnnlab.ui.train import submitting
from cnnlab.ui.train.form_state import chosen
from cnnlab.ui.train.network_cost import input_shape, network_cost
from cnnlab.ui.wording import plain, refusal

FAR = 0.05
"""From such a difference on, the fraction that is validated on is told beside the one asked for."""


def before_start(refused: DeltaGenerator | None) -> bool:
    """Say what would be trained if a person pressed Start now; return whether it can be.

    Args:
        refused: where to say what is wrong once somebody has pressed it: then it is an error.
    """
    say = refused.error if refused else st.warning
    word = pulse.word(pulse.MACHINE)
    try:
        config = chosen().validated()
        parts = _planned(repr(datasets.get(config.dataset)), config.dataset, _decisive(config.load_options()))
        cost = network_cost(config)
        submitting.check(config, cost.params if cost else 0)
    except CnnLabError as error:
        say(refusal(error), icon=":material/warning:")
        return False
    if cost is None:
        pulse.listen(pulse.MACHINE, word, seconds=1, key="plan-pulse")  # until TensorFlow is there
    rows = _rows(config, parts, cost)
    lines = (_("{fact}: **{figures}**", fact=plain(fact), figures=plain(said)) for fact, said in rows.items())
    st.markdown("  \n".join(lines))
    _advise(config, parts)
    return True


def _rows(config: RunConfig, parts: PlannedSplit, cost: NetworkCost | None) -> dict[str, str]:
    height, width, channels = input_shape(config)
    steps = math.ceil(parts.train / config.batch_size)
    validated = _images(parts.validation)
    untouched = _n("{n} image, left alone", "{n} images, left alone", parts.test)
    rows = {
        _("Training set"): _images(parts.train),
        _("Validation set"): _(
            "{images} ({share})", images=validated, share=_per_cent(parts.validation_fraction)
        ),
        _("Test set"): untouched if parts.test else _("none"),
        _(setting_named("split_by").label): _split_in_words(config, parts),
        _("Classes"): f"{parts.classes:,}",
        _("Input"): f"{height} × {width} × {channels}",
        _(setting_named("augmentation").label): _short(terms.said("augmentation", config.augmentation)),
        _p("of training", "Steps"): _(
            "{steps} × {epochs} epochs = {all}",
            steps=f"{steps:,}",
            epochs=f"{config.epochs:,}",
            all=f"{steps * config.epochs:,}",
        ),
    }
    if cost is None:
        return rows | {_("Parameters"): _("when TensorFlow is loaded")}
    amount = Amount(parts.train, parts.validation, (height, width, channels))
    known, device = runs.overview(), machine.describe()
    told = forecast(pinned(config), cost, amount, device, speeds(known))
    params = f"{cost.params:,}"
    if cost.trainable_params != cost.params:
        params = _("{params}, {trainable} trainable", params=params, trainable=f"{cost.trainable_params:,}")
    rows |= {
        _("Parameters"): params,
        _("Time"): _time_in_words(told),
        _("Memory"): _("about {size}", size=_gigabytes(told.memory_bytes)),
    }
    ahead = len(supervisor().running()) + len(supervisor().queue())  # runs, and range tests
    if ahead >= supervisor().slots:
        rows[_("Queue")] = _n("{n} job ahead", "{n} jobs ahead", ahead)
    return rows


def _images(count: int) -> str:
    return _n("{n} image", "{n} images", count)


def _split_in_words(config: RunConfig, parts: PlannedSplit) -> str:
    words = terms.said("split_by", config.split_by)
    if config.split_by == "group":
        whole = parts.validation_groups + parts.train_groups
        words = _(
            "{split}, {groups} of {all} people (groups) for validation",
            split=words,
            groups=parts.validation_groups,
            all=whole,
        )
    if config.split_by != "given" and abs(parts.validation_fraction - config.validation_fraction) >= FAR:
        words = _("{split}; {share} asked for", split=words, share=_per_cent(config.validation_fraction))
    return words


def _per_cent(fraction: float) -> str:
    return f"{fraction * 100:.0f} %"


def _time_in_words(told: Forecast) -> str:
    if told.seconds is None:
        return _("not known: this network has not been trained on this machine yet")
    if told.measured_by:
        return _("{time} (measured in an earlier run)", time=roughly(told.seconds))
    return _("{time} (estimated from the MACs)", time=roughly(told.seconds))


def roughly(seconds: float) -> str:
    """Say a time with one significant digit, or two from 10 on: ``about 40 s``, ``about 3 min``."""
    if seconds < 3:
        return _("a few seconds")
    if seconds >= 1.5 * 86_400:
        return _("about {n} days", n=_rounded(seconds / 86_400))
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return _("about {time}", time=f"{_rounded(seconds / size)} {unit}")
    return _("about {time}", time=f"{_rounded(seconds)} s")


def _rounded(value: float) -> str:
    digits = 0 if value < 10 else 1 - math.floor(math.log10(value))
    return f"{round(value, digits):,.0f}"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _short(words: str, most: int = 60) -> str:
    comma = enumerated(("", "")).strip()
    return words if len(words) <= most else f"{words[:most].rpartition(comma)[0]} …"


def _advise(config: RunConfig, parts: PlannedSplit) -> None:
    """Warn of people on both sides, with the remedy as a button."""
    if not (count := parts.shared_groups):
        return
    st.warning(
        _n(
            "{n} person (group) is in both sets, so the accuracy would be over-optimistic (data leakage).",
            "{n} people (groups) are in both sets, so the accuracy would be over-optimistic (data leakage).",
            count,
        ),
        icon=":material/warning:",
    )
    if config.split_by == "random" and parts.train_groups > 1:
        st.button(_("Split group-wise"), icon=":material/groups:", on_click=_by_group, key="split_by_group")


def _by_group() -> None:
    st.session_state.run_split_by = "group"


def _decisive(options: LoadOptions) -> LoadOptions:
    """Return the options that decide which image is in which part, the others as usual."""
    return LoadOptions(
        seed=options.seed,
        validation_fraction=options.validation_fraction,
        split_by=options.split_by,
        max_per_class=options.max_per_class,
    )


@st.cache_data(max_entries=512, show_spinner=False)
def _planned(info: str, dataset: str, options: LoadOptions) -> PlannedSplit:
    """Look at the names of a dataset's images again when they have changed (``info``)."""
    return datasets.planned(dataset, options)
