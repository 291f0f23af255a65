import pytest

from cnnlab import runs
from cnnlab.settings import RunConfig
from cnnlab.training.schedules import learning_rate, preview
from cnnlab.worker import execute

CONFIG = RunConfig("lenet5", "digits", epochs=10, learning_rate=0.01)


def test_the_rate_is_constant_unless_asked_otherwise():
    assert preview(CONFIG) == [0.01] * 10


def test_the_courses_alexnet_drops_tenfold_at_100_and_200():
    config = CONFIG.changed(epochs=300, schedule="step", schedule_epochs=(100, 200))
    rates = preview(config)
    assert rates[0] == rates[99] == 0.01
    assert rates[100] == rates[199] == pytest.approx(0.001)
    assert rates[200] == rates[299] == pytest.approx(0.0001)


def test_exponential_decay_multiplies_each_epoch():
    rates = preview(CONFIG.changed(schedule="exponential", schedule_factor=0.5))
    assert rates[:4] == [0.01, 0.005, 0.0025, 0.00125]


@pytest.mark.parametrize("epochs", [20, 50])
def test_exponential_decay_without_a_factor_still_learns_at_the_end(epochs):
    for config in (
        RunConfig("lenet5", "digits", epochs=epochs, schedule="exponential"),
        RunConfig("lenet5", "digits", epochs=epochs).changed(schedule="exponential"),
        RunConfig.from_dict({"architecture": "lenet5", "dataset": "digits", "schedule": "exponential"}),
    ):
        rates = preview(config.changed(epochs=epochs))
        assert rates[-1] > rates[0] / 20


def test_a_schedule_brings_its_own_factor_unless_one_was_chosen():
    assert CONFIG.changed(schedule="exponential").changed(schedule="step").schedule_factor == 0.1
    chosen = CONFIG.changed(schedule="step", schedule_factor=0.3)
    assert chosen.changed(schedule="exponential").schedule_factor == 0.3
    assert CONFIG.changed(schedule="exponential", schedule_factor=0.1).schedule_factor == 0.1


def test_the_cosine_starts_at_the_rate_is_half_in_the_middle_and_falls_to_the_end():
    rates = preview(CONFIG.changed(schedule="cosine"))
    assert rates[0] == 0.01
    assert rates[5] == pytest.approx(0.005)
    assert rates == sorted(rates, reverse=True)


def test_warm_up_climbs_in_equal_steps_before_the_schedule_begins():
    rates = preview(CONFIG.changed(schedule="exponential", schedule_factor=0.5, warm_up_epochs=3))
    assert rates[:5] == pytest.approx([0.0025, 0.005, 0.0075, 0.01, 0.005])


def test_a_plateau_cuts_the_rate_each_time_the_loss_has_not_fallen_for_the_patience():
    config = CONFIG.changed(schedule="plateau", schedule_patience=2)
    losses = [1.0, 0.9, 0.95, 0.91, 0.92, 0.93, 0.8]
    rates = [learning_rate(config, epoch, losses[:epoch]) for epoch in range(8)]
    assert rates == pytest.approx([0.01] * 4 + [0.001] * 2 + [0.0001] * 2)


def test_plateaus_are_those_that_keras_finds():
    import keras

    losses = [1.0, 0.5, 0.6, 0.6, 0.49999, 0.4, 0.45, 0.45, 0.45, 0.45, 0.45, 0.3]
    config = CONFIG.changed(schedule="plateau", schedule_patience=3)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.01))
    authority = keras.callbacks.ReduceLROnPlateau(patience=3, factor=0.1)
    authority.set_model(model)
    authority.on_train_begin()
    for epoch, loss in enumerate(losses):
        ours = learning_rate(config, epoch, losses[:epoch])
        assert ours == pytest.approx(float(model.optimizer.learning_rate.numpy()), rel=1e-5), epoch
        authority.on_epoch_end(epoch, {"val_loss": loss})


def test_a_run_trains_with_the_scheduled_rates_and_records_them():
    config = RunConfig(
        *("lenet5", "digits"), epochs=3, image_size=16, channels=1, max_per_class=10, schedule="exponential"
    ).changed(schedule_factor=0.1)
    run = runs.create(config, claimed=True)
    execute(run.folder)
    assert run.metrics().epochs["learning_rate"] == pytest.approx([1e-3, 1e-4, 1e-5])


def test_a_run_that_no_longer_improves_ends_early_and_says_so():
    config = RunConfig(
        *("lenet5", "digits"), epochs=50, image_size=16, channels=1, max_per_class=10, stop_patience=2
    ).changed(optimizer="sgd", learning_rate=20.0)
    run = runs.create(config, claimed=True)
    execute(run.folder)
    now, losses = run.status(), run.metrics().epochs["val_loss"]
    assert now.state == "finished" and now.epoch < 50
    assert "early" in now.message
    assert len(losses) - 1 - losses.argmin() == 2
