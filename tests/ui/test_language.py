"""The language of a session: by the address, by the switch, by the browser; and it is each session's own."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.ui import language


def page() -> None:
    import streamlit as st

    from cnnlab.ui import language

    language.begin()
    language.switch()
    st.text(language.of_session())
    st.text(language.kept())


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def switches(app: AppTest) -> list[str]:
    return [str(button.key) for button in app.button]


def test_the_address_asks_for_a_language_and_the_session_keeps_it():
    app = opened(lang="zh")
    assert not app.exception and app.text[0].value == "zh"
    app.query_params.clear()
    assert app.run().text[0].value == "zh"
    assert opened().text[0].value == "en"  # somebody else


def test_a_language_that_is_not_spoken_is_left_out_of_the_address():
    app = opened(lang="<b>")
    assert not app.exception and app.text[0].value == "en" and "lang" not in app.query_params


def test_the_switch_offers_the_other_language_and_leads_back():
    app = opened()
    assert switches(app) == ["language_zh"]
    app = app.button(key="language_zh").click().run()
    assert app.text[0].value == "zh" and "zh" in app.query_params["lang"]
    assert app.text[1].value == "{'lang': 'zh'}"
    assert switches(app) == ["language_en"]
    app = app.button(key="language_en").click().run()
    assert (app.text[0].value, app.text[1].value) == ("en", "{}")  # that of the browser needs no argument


@pytest.mark.parametrize(
    ("preferred", "wanted"), [("zh-CN", "zh"), ("zh", "zh"), ("de-DE", "en"), (None, "en")]
)
def test_the_browser_prefers_a_language(monkeypatch: pytest.MonkeyPatch, preferred: str | None, wanted: str):
    monkeypatch.setattr(language.st, "context", type("Context", (), {"locale": preferred})())
    assert language.of_browser() == wanted
