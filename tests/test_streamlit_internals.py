"""What we rely on of Streamlit without its word: a version that breaks it is found here, not in a lesson."""

import streamlit as st
from streamlit.testing.v1 import AppTest

from cnnlab import streamlit_internals as internals

PINNED = "1.67"


def test_this_is_the_version_that_they_were_read_in():
    assert st.__version__.startswith(f"{PINNED}.")


def test_a_folder_is_handed_out_once_it_is_served(tmp_path):
    def script(folder: str):
        from pathlib import Path

        import streamlit as st

        from cnnlab import streamlit_internals as internals

        st.text(internals.served_folder("school.drawings"))
        for _ in range(2):
            internals.serve_folders("school", {"drawings": (Path(folder), "inner")})
        st.text(internals.served_folder("school.drawings"))

    (tmp_path / "inner").mkdir()
    app = AppTest.from_function(script, args=(str(tmp_path),)).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["None", str(tmp_path / "inner")]


def test_the_address_has_the_port_and_the_path_of_the_server(monkeypatch):
    options = {"server.port": 8123, "server.baseUrlPath": "lab"}
    known = st.get_option
    monkeypatch.setattr("streamlit.config.get_option", lambda name: options.get(name, known(name)))
    assert internals.address("localhost") == "http://localhost:8123/lab"


def test_addresses_of_pages_run_the_app_from_now_on(monkeypatch):
    from streamlit.runtime.pages_manager import PagesManager

    monkeypatch.setattr(PagesManager, "uses_pages_directory", True)
    internals.run_app_around_pages()
    assert PagesManager.uses_pages_directory is False
