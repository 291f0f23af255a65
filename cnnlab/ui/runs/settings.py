"""The settings of runs in words: what applied in one, and in what several differ."""

import numpy as np

from cnnlab import runs
from cnnlab.errors import RunError
from cnnlab.languages import _, _p, recognised, texts
from cnnlab.runs import Run
from cnnlab.settings import NOTHING, setting_named
from cnnlab.training import terms
from cnnlab.ui.tables import table

EPOCHS, RECIPE, NETWORK = (setting_named(name).label for name in ("epochs", "recipe", "architecture"))
RATE_CHANGES, INITIAL_WEIGHTS = texts(("Learning rate, changed by hand", "Initial weights"))
MOST_CHANGES = 10


def settings_table(run: Run) -> None:
    """Show what applied in a run.

    Raises:
        CnnLabError: as ``settings``.
    """
    rows = settings(run).items()
    table([{_("Setting"): _(name), _("Value"): recognised(said)} for name, said in rows])


def settings(run: Run) -> dict[str, str]:
    """Return what applied in a run, label to words: no default that is unsaid, nothing without an effect.

    The labels are English, whoever asks, and so are the words of ``training.terms``.

    Raises:
        CnnLabError: its settings cannot be read.
    """
    now = run.status()
    rows = terms.applied(run.config, _facts(run) | {"epochs": now.epochs or None})
    if now.epoch < now.epochs:
        rows[EPOCHS] = _("{epoch} of {epochs}", epoch=f"{now.epoch:,}", epochs=f"{now.epochs:,}")
    if changes := _rate_changes(run):
        rows[RATE_CHANGES] = changes
    if parent := runs.origin(run):
        epoch = f"{parent.epoch:,}"
        rows[INITIAL_WEIGHTS] = _("epoch {epoch} of {run} (fork)", epoch=epoch, run=parent.parent_title)
    return rows


def differences(some: list[Run]) -> dict[str, list[str]]:
    """Return the settings in which runs differ: label to each run's words, in their order.

    Raises:
        CnnLabError: the settings of one cannot be read.
    """
    of_each = [settings(run) for run in some]
    labels = dict.fromkeys(label for rows in of_each for label in rows if label != RECIPE)
    values = {label: [rows.get(label, NOTHING) for rows in of_each] for label in labels}
    return {label: words for label, words in values.items() if len(set(words)) > 1}


def _facts(run: Run) -> dict[str, object]:
    """Return what the worker found out, as far as it can be used."""
    try:
        return run.model_facts.to_dict()
    except RunError:
        return {}


def _rate_changes(run: Run) -> str:
    """Say each rate that somebody set while the run trained, with the epoch in which it began to hold."""
    rates = run.metrics().rates
    rows = [
        _("{rate} from epoch {epoch}", rate=f"{rate:.4g}", epoch=f"{epoch:.0f}")
        for epoch, rate in zip(rates["epoch"], rates["learning_rate"], strict=True)
        if np.isfinite(rate) and np.isfinite(epoch)
    ]
    said = _p("between the items of a list", ", ").join(rows[:MOST_CHANGES])
    more = len(rows) - MOST_CHANGES
    return _("{changes}, and {n} more", changes=said, n=more) if more > 0 else said
