"""Recipe, form, config: nothing is lost on the way."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition, Listed
from cnnlab.settings import RunConfig
from cnnlab.training import recipes
from cnnlab.ui.state import Lab
from tests.long import LONG


def form() -> None:
    import streamlit as st

    from cnnlab.ui.train.form_state import fill_in
    from cnnlab.ui.train.run_form import ask

    if settings := st.session_state.pop("fill", None):
        fill_in(settings)
    config, _ = ask()
    if config:
        st.session_state.result = config


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("cnnlab.datasets.is_ready", lambda name: True)
    app = AppTest.from_function(form, default_timeout=120)
    app.session_state["lab"] = Lab()
    return app.run()


def started(app: AppTest) -> RunConfig:
    next(button for button in app.button if button.label == "Start training").click().run()
    assert not app.exception
    return app.session_state["result"]


@LONG
@pytest.mark.slow
def test_every_recipe_filled_into_the_form_and_read_back_is_its_config(app: AppTest):
    for recipe in recipes.list_recipes():
        app.selectbox(key="run_recipe").select(recipe.name).run()
        config = started(app)
        assert config.changed(title="") == recipe.config.changed(recipe=recipe.name), recipe.name


def test_settings_that_no_recipe_has_survive_the_form_too(app: AppTest):
    odd = RunConfig(
        *("mobilenetv2_transfer", "mnist"),
        options={"base_weights": "untrained", "unfreeze_blocks": 3},
        optimizer="rmsprop",
        momentum=0.5,
        schedule="plateau",
        schedule_factor=0.37,
        schedule_patience=7,
        warm_up_epochs=2,
        stop_patience=9,
        dropout=0.35,
        l2=1e-7,
        label_smoothing=0.15,
        image_size=96,
        channels=1,
        seed=123,
        split_by="given",
        resample="bilinear",
        resize_mode="crop",
        max_per_class=50,
        scaling="dataset",
        mean=(1.0, 2.0, 3.0),
        shuffle=False,
        augmentation={"rotation": 33.0, "fill": "reflect", "cutout": 0.123},
        augmented_copies=4,
        precision="mixed",
        devices="all",
        deterministic=True,
    )
    app.session_state["fill"] = odd
    assert started(app.run()).changed(title="") == odd


def test_a_recipe_whose_network_is_gone_leaves_the_form_as_it_was(app: AppTest):
    name = library.save(Definition("Mine", (32, 32, 1), 10, (Listed("flatten", "flat"),)))
    recipes.save("Mine first", RunConfig(name, "digits", epochs=77))
    library.delete(name)
    app.run()
    app.selectbox(key="run_recipe").select("mine-first").run()
    assert not app.exception
    assert name in app.toast[0].value
    assert app.selectbox(key="run_recipe").value == "Custom"
    assert app.session_state["run_epochs"] != 77


def test_a_form_that_was_handed_a_network_that_is_gone_begins_with_the_first_recipe():
    app = AppTest.from_function(form, default_timeout=120)
    app.session_state["lab"] = Lab(architecture="nobodys-network")
    app.run()
    assert not app.exception
    assert app.selectbox(key="run_recipe").value == "lenet5-digits"
    assert app.session_state["run_epochs"] == recipes.get("lenet5-digits").config.epochs
