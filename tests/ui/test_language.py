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


def form() -> None:
    import streamlit as st

    from cnnlab.languages import _
    from cnnlab.ui import language

    language.begin()
    language.switch()
    words = {"random": _("random"), "group": _("group-wise")}
    st.selectbox("Which", words, format_func=words.__getitem__, key="one")
    st.multiselect("Which", words, format_func=words.__getitem__, key="some")
    st.expander(_("More settings"), on_change="rerun", key="fold")
    st.button("Go", key="go")


def test_what_was_chosen_before_the_switch_is_told_to_the_browser_in_the_new_words():
    app = AppTest.from_function(form).run()
    app.selectbox(key="one").select("group")
    app.multiselect(key="some").select("random")
    app.session_state["fold"] = True
    app = app.run().run()
    app = app.button(key="language_zh").click().run()
    one, some = app.selectbox(key="one"), app.multiselect(key="some")
    assert not app.exception and (one.value, some.value) == ("group", ["random"])
    assert one.proto.set_value and one.proto.raw_value == "按分组" and some.proto.set_value
    assert app.session_state["fold"] is True


@pytest.mark.parametrize(
    ("preferred", "wanted"), [("zh-CN", "zh"), ("zh", "zh"), ("de-DE", "en"), (None, "en")]
)
def test_the_browser_prefers_a_language(monkeypatch: pytest.MonkeyPatch, preferred: str | None, wanted: str):
    monkeypatch.setattr(language.st, "context", type("Context", (), {"locale": preferred})())
    assert language.of_browser() == wanted


def with_choices() -> None:
    import streamlit as st

    from cnnlab.ui import language

    words = {"en": {"a": "One", "b": "Two"}, "zh": {"a": "一", "b": "二"}}
    language.begin()
    language.switch()
    said = words[language.of_session()]
    st.selectbox("x", ["a", "b"], format_func=lambda name: said[name], key="box")
    st.pills("y", ["a", "b"], format_func=lambda name: said[name], default="a", key="pills")
    st.text_input("z", key="text")


def test_the_switch_keeps_what_is_chosen_and_has_it_shown_in_other_words():
    app = AppTest.from_function(with_choices).run()
    app.selectbox(key="box").set_value("b")
    app.pills(key="pills").set_value("b")
    app = app.text_input(key="text").set_value("b").run()
    app = app.button(key="language_zh").click().run()
    box, pills = app.selectbox(key="box"), app.pills(key="pills")
    assert not app.exception and app.text_input(key="text").value == "b"
    assert (box.value, pills.value) == ("b", "b")
    assert box.proto.set_value and box.proto.raw_value == "二"  # the browser is told
    assert pills.proto.set_value
