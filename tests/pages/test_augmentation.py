"""Augmentation on the Data page: what the sliders do is seen at once, and can be trained with."""

import pytest

from cnnlab.ui.augmentation_form import PRESETS

HANDS = PRESETS["Hands"][0]
FORM = "data_augmentation_form"


@pytest.fixture
def page(open_page):
    return open_page("data", state={"data_tab": "Augmentation"})


def preset(app, name: str):
    return app.button(key=f"{FORM}_preset_{name}").click().run()


def sheet(app):
    """What is shown: the address of the image changes with its pixels."""
    return next(image for image in app.image if "epochs see it" in image.proto.imgs[0].alt).proto.imgs[0].url


def test_nothing_is_changed_until_somebody_asks(page):
    assert not page.exception
    assert page.session_state["data_augmentation"] == {}
    assert all(slider.value == 0 for slider in page.slider)


def test_a_preset_of_a_lesson_fills_the_form_exactly_and_off_empties_it(page):
    before = sheet(page)
    preset(page, "Hands")
    assert page.session_state["data_augmentation"] == HANDS
    assert page.slider(key=f"{FORM}_shift_x").value == 10 / 224
    assert sheet(page) != before
    preset(page, "Off")
    assert page.session_state["data_augmentation"] == {}
    assert sheet(page) == before


def test_moving_a_slider_redraws_the_images(page):
    before = sheet(page)
    page.slider(key=f"{FORM}_rotation").set_value(30).run()
    assert page.session_state["data_augmentation"] == {"rotation": 30}
    assert sheet(page) != before


def test_new_images_and_a_new_draw_are_shown_on_request(page):
    preset(page, "Hands")
    seen = {sheet(page)}
    for label in ("New random draw", "New images"):
        next(button for button in page.button if button.label == label).click().run()
        seen.add(sheet(page))
    assert len(seen) == 3


def test_the_settings_are_handed_to_the_train_page(page):
    preset(page, "Hands")
    page.button(key="data_train").click().run()
    page.switch_page("pages/train.py").run()
    assert not page.exception
    assert page.session_state["lab"].augmentation == HANDS


def test_settings_beyond_the_sliders_are_kept_as_they_are():
    from streamlit.testing.v1 import AppTest

    def form():
        import streamlit as st

        from cnnlab.ui.augmentation_form import augmentation_form

        given = {"rotation": 170.5, "zoom": 0.8, "shift_x": 0.123456}
        st.session_state.got = augmentation_form(st.session_state.get("got", given), "form")

    app = AppTest.from_function(form, default_timeout=30).run()
    assert not app.exception
    assert app.session_state["got"] == {"rotation": 170.5, "zoom": 0.8, "shift_x": 0.123456}
    app.slider(key="form_shift_y").set_value(0.25).run()
    assert app.session_state["got"] == {"rotation": 170.5, "zoom": 0.8, "shift_x": 0.123456, "shift_y": 0.25}
