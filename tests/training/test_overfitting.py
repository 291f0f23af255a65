"""Overfitting is said where it is beyond chance, with its interval; where it is chance, nothing is said."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from cnnlab import runs
from cnnlab.runs import Metrics
from cnnlab.runs.score import best_row
from cnnlab.settings import RunConfig
from cnnlab.training.comparison import Comparison
from cnnlab.training.overfitting import gap_of, gap_so_far, overfitting, rise

COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")


def history(**columns) -> Metrics:
    count = len(columns["loss"])
    rows = {name: np.asarray(columns.get(name, np.zeros(count)), float) for name in COLUMNS}
    return Metrics({}, {"epoch": np.arange(1.0, count + 1), **rows})


def asked(best_losses, last_losses, right=None, training=None, *, best: int, last: int) -> Comparison:
    n = len(best_losses)
    return Comparison(
        best,
        last,
        np.asarray(best_losses, np.float32),
        np.asarray(last_losses, np.float32),
        np.ones(n, bool) if right is None else right,
        np.ones(n, bool) if training is None else training,
    )


def some(right: int, n: int) -> np.ndarray:
    return np.arange(n) < right


# --- recorded curves --------------------------------------------------------------------------------------
# LeNet-5 on digits, thirty epochs, and AlexNet8 on 1,000 images of CIFAR-10: what such runs look like.

TEXTBOOK = history(
    loss=[2.1, 1.7, 1.4, 1.1, 0.8, 0.5, 0.3, 0.16, 0.09, 0.05, 0.03, 0.02, 0.01, 0.008, 0.006],
    accuracy=[0.2, 0.38, 0.5, 0.61, 0.72, 0.83, 0.91, 0.96, 0.98, 0.99, 1, 1, 1, 1, 1],
    val_loss=[1.9, 1.6, 1.4, 1.3, 1.26, 1.27, 1.33, 1.4, 1.46, 1.52, 1.58, 1.63, 1.67, 1.71, 1.75],
    val_accuracy=[0.3, 0.42, 0.5, 0.57, 0.65, 0.64, 0.64, 0.65, 0.64, 0.65, 0.64, 0.65, 0.64, 0.65, 0.65],
)
DEFAULT = history(
    loss=np.geomspace(1.0, 0.004, 30),
    accuracy=1 - np.geomspace(0.4, 0.0004, 30),
    val_loss=[*np.geomspace(1.1, 0.0929, 26), 0.0921, 0.0915, 0.0911, 0.0908],
    val_accuracy=[*1 - np.geomspace(0.4, 0.022, 26), 0.975, 0.978, 0.975, 0.972],
)
"""The default recipe: best in epoch 26, and then two images of 359 fewer while the loss still fell."""


def losses(mean: float, n: int, draw: np.random.Generator) -> np.ndarray:
    """Most images have little loss, a few have much of it."""
    return mean * draw.gamma(0.4, 1 / 0.4, n)


def textbook_asked(n: int = 300) -> Comparison:
    draw = np.random.default_rng(0)
    best = losses(1.26, n, draw)
    last = best * 1.75 / 1.26 + draw.normal(0, 0.3, n)
    return asked(best, last, some(round(0.65 * n), n), best=5, last=15)


def test_the_textbook_case_is_told_with_both_reasons():
    measured = textbook_asked()
    found = rise(TEXTBOOK, measured)
    assert found.difference == pytest.approx(0.49, abs=0.1)
    low, high = found.interval
    assert 0 < low < found.difference < high
    gap = gap_of(measured)
    assert (gap.training.fraction, gap.validation.fraction) == (1.0, 0.65)


def test_the_interval_is_wider_than_that_of_images_chosen_beforehand():
    """Student's interval for one pair that nobody chose: SciPy's, of the same differences."""
    from scipy import stats

    measured = textbook_asked()
    differences = measured.last_losses - measured.best_losses
    low, high = stats.ttest_1samp(differences, 0).confidence_interval()
    found = rise(TEXTBOOK, measured)
    assert found.interval[0] < low < high < found.interval[1]


def test_the_default_recipe_that_moved_by_two_images_gets_no_notice():
    draw = np.random.default_rng(0)
    best = losses(0.0929, 359, draw)
    last = best * 0.0908 / 0.0929 + draw.normal(0, 0.02, 359)
    measured = asked(best, last, some(351, 359), best=26, last=30)
    assert rise(DEFAULT, measured) is None
    assert gap_of(measured) is None
    for epochs in range(1, 31):
        so_far = Metrics({}, {name: column[:epochs] for name, column in DEFAULT.epochs.items()})
        assert gap_so_far(so_far, 1438, 359) is None


def test_during_training_the_gap_is_told_with_both_intervals():
    gap = gap_so_far(TEXTBOOK, 800, 200)
    assert not gap.asked_again
    assert (gap.training.n, gap.validation.n, gap.validation.right) == (800, 200, 130)
    assert len(re.findall(r"95 % CI [\d.]+–[\d.]+, n = ", str(gap))) == 2


@pytest.mark.parametrize(
    ("training", "validation", "told"),
    [
        ((200, 200), (130, 200), True),
        ((200, 200), (12, 18), True),  # few, but far away
        ((200, 200), (16, 18), False),  # two of 18 may be chance
        ((200, 200), (350, 359), False),  # beyond chance, and no more than any trained network has
        ((2000, 2000), (1880, 2000), False),  # 6 points, surely more than 4 only
        ((2000, 2000), (1860, 2000), True),  # 7 points, surely more than 5
        ((120, 200), (70, 100), False),  # validation is better
        ((0, 200), (0, 200), False),
    ],
)
def test_a_gap_is_told_where_it_is_surely_more_than_five_points(training, validation, told):
    measured = asked(
        np.ones(validation[1]), np.ones(validation[1]), some(*validation), some(*training), best=1, last=1
    )
    assert bool(gap_of(measured)) == told


@pytest.mark.parametrize(
    "change",
    [
        {"loss": np.linspace(0.1, 3.0, 15)},  # training loss rises too: it diverges
        {"val_loss": 1.5 + 0.3 * np.sin(np.arange(15) * 2.5)},  # it swings by as much as it rose
    ],
)
def test_a_rise_that_is_no_overfitting_is_not_called_so(change):
    columns = {name: TEXTBOOK.epochs[name] for name in COLUMNS}
    assert rise(TEXTBOOK, textbook_asked())
    assert rise(history(**columns | change), textbook_asked()) is None


def test_a_rise_is_not_told_of_two_epochs_or_of_other_epochs_than_those_measured():
    measured = textbook_asked()
    assert rise(TEXTBOOK, replace(measured, best_epoch=13)) is None
    assert rise(TEXTBOOK, replace(measured, last_epoch=14)) is None


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_images_tell_nothing(n):
    assert rise(TEXTBOOK, textbook_asked(n)) is None
    assert gap_of(textbook_asked(n)) is None


def test_numbers_that_are_not_finite_tell_nothing():
    measured = textbook_asked()
    broken = replace(measured, last_losses=np.full(300, np.nan, np.float32))
    assert rise(TEXTBOOK, broken) is None
    assert gap_so_far(history(loss=[1.0], accuracy=[1.0], val_accuracy=[np.nan]), 800, 200) is None
    assert gap_so_far(history(loss=[]), 800, 200) is None


# --- noise: at most 5 % false notices ---------------------------------------------------------------------

REPEATS = 400


def noise(n: int, epochs: int, swing: float, draw: np.random.Generator) -> tuple[Metrics, Comparison]:
    """A run whose network no longer changes for better or worse: chance by image, and a swing by epoch.

    The training loss falls, so that this does not silence the notice.
    """
    hard = losses(0.6, n, draw)
    each = hard * np.exp(draw.normal(0, 0.3, (epochs, n))) * np.exp(draw.normal(0, swing, (epochs, 1)))
    right = each < np.quantile(hard, 0.8)
    columns = {"val_loss": each.mean(1), "val_accuracy": right.mean(1)}
    learned = draw.random(1000) < 0.8
    curves = history(
        loss=np.linspace(1.0, 0.5, epochs), accuracy=draw.binomial(1000, 0.8, epochs) / 1000, **columns
    )
    best = best_row(curves.epochs)
    return curves, asked(each[best], each[-1], right[best], learned, best=best + 1, last=epochs)


@pytest.mark.parametrize("swing", [0.0, 0.1, 0.3])
@pytest.mark.parametrize(("n", "epochs"), [(18, 10), (18, 60), (120, 10), (359, 50)])
def test_noise_gets_a_notice_in_at_most_five_of_a_hundred_runs(n, epochs, swing):
    draw = np.random.default_rng((n, epochs))
    told = 0
    for _ in range(REPEATS):
        curves, measured = noise(n, epochs, swing, draw)
        told += bool(rise(curves, measured) or gap_of(measured))
    assert told <= 0.05 * REPEATS


@pytest.mark.parametrize(("train", "n", "epochs"), [(72, 18, 60), (1438, 359, 50), (20, 5, 100)])
def test_somebody_who_watches_every_epoch_of_noise_is_told_a_gap_in_at_most_five_of_a_hundred_runs(
    train, n, epochs
):
    draw = np.random.default_rng((train, n))
    told = 0
    for _ in range(REPEATS // 2):
        fractions = draw.binomial([[train], [n]], 0.8, (2, epochs)) / [[train], [n]]
        curves = history(loss=np.ones(epochs), accuracy=fractions[0], val_accuracy=fractions[1])
        told += any(
            gap_so_far(Metrics({}, {k: v[:seen] for k, v in curves.epochs.items()}), train, n)
            for seen in range(1, epochs + 1)
        )
    assert told <= 0.05 * REPEATS / 2


@pytest.mark.parametrize(("n", "told"), [(150, 0.5), (500, 0.98)])
def test_a_loss_that_really_rises_is_told(n, told):
    """By 40 % in ten epochs, with the same chance in each image as in the noise above."""
    draw = np.random.default_rng(n)
    found = 0
    for _ in range(100):
        hard = losses(1.26, n, draw)
        best, last = (hard * up * np.exp(draw.normal(0, 0.3, n)) for up in (1.0, 1.75 / 1.26))
        found += bool(rise(TEXTBOOK, asked(best, last, best=5, last=15)))
    assert found >= 100 * told


# --- what a run says --------------------------------------------------------------------------------------


@pytest.fixture
def run() -> runs.Run:
    run = runs.create(RunConfig("lenet5", "digits"), claimed=True)
    log = runs.metrics.MetricsLog(run.folder / "metrics.jsonl")
    for row in range(15):
        values = {name: float(TEXTBOOK.epochs[name][row]) for name in COLUMNS}
        log.append("epoch", epoch=row + 1, step=row + 1, learning_rate=0.1, seconds=1.0, **values)
    log.close()
    (run.folder / "model.json").write_text(json.dumps({"split": {"train": 800, "validation": 300}}))
    run.write_status(replace(run.status(), state="finished", epoch=15, epochs=15, best_epoch=5))
    return run


def test_a_run_that_was_asked_again_tells_what_was_found(run):
    textbook_asked().write(run)
    said = overfitting(run)
    assert str(rise(TEXTBOOK, textbook_asked())) in said
    assert str(gap_of(textbook_asked())) in said


@pytest.mark.parametrize("damage", [None, b"", b"torn", b"PK\x03\x04"])
def test_without_it_a_run_tells_what_its_curves_tell(run, damage):
    if damage is not None:
        (run.folder / "comparison.npz").write_bytes(damage)
    assert overfitting(run) == str(gap_so_far(TEXTBOOK, 800, 300))


def test_what_was_measured_of_earlier_weights_is_not_said_of_later_ones(run):
    replace(textbook_asked(), last_epoch=12).write(run)
    assert overfitting(run) == str(gap_so_far(TEXTBOOK, 800, 300))


def test_a_run_without_an_epoch_or_without_facts_says_nothing(run):
    (run.folder / "model.json").unlink()
    assert overfitting(run) is None
    assert overfitting(runs.create(RunConfig("lenet5", "digits"))) is None


def test_what_is_kept_is_read_as_it_was_written(run):
    measured = textbook_asked()
    measured.write(run)
    again = Comparison.read(run)
    assert (again.best_epoch, again.last_epoch) == (5, 15)
    for name in ("best_losses", "last_losses", "validation_right", "training_right"):
        assert np.array_equal(getattr(again, name), getattr(measured, name))
