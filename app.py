"""CNN Lab, for `streamlit run app.py`: page config, the list of pages, what surrounds each of them."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from cnnlab import streamlit_internals, ui
from cnnlab.languages import _
from cnnlab.ui import following, frame, language, presenting, run_links, server, state, uploads
from cnnlab.ui.lessons import beside, standing
from cnnlab.ui.wording import page_title

FRONTEND = Path(ui.__file__).parent / "frontend"
PAGES = {
    "home": ":material/home:",
    "lessons": ":material/menu_book:",
    "data": ":material/photo_library:",
    "collect": ":material/add_a_photo:",
    "concepts": ":material/calculate:",
    "architecture": ":material/account_tree:",
    "train": ":material/trending_up:",
    "runs": ":material/stacked_line_chart:",
    "experiments": ":material/science:",
    "classify": ":material/image_search:",
    "before_class": ":material/checklist:",
}


def show() -> None:
    """Show the page that a browser asks for, and what surrounds it."""
    language.begin()
    st.set_page_config(
        page_title="CNN Lab",
        page_icon=str(FRONTEND / "icon.svg"),
        layout="wide",
        menu_items={"About": _("**CNN Lab** – convolutional networks, taught live.")},
    )
    state.begin_session()
    st.html(FRONTEND / "page.css")
    presenting.begin()
    following.begin()
    st.logo(str(FRONTEND / "logo.svg"), icon_image=str(FRONTEND / "icon.svg"), size="large")
    page = st.navigation(
        [st.Page(f"pages/{name}.py", title=page_title(name), icon=icon) for name, icon in PAGES.items()]
    )
    name = page.url_path or "home"
    st.session_state[following.PAGE] = name
    following.keep_up(name)
    with st.sidebar:
        with st.container(gap="xsmall"):
            with st.container(horizontal=True, gap="xsmall"):
                presenting.switch()
                language.switch()
            following.switch()
        run_links.machine_panel(name)
    lesson = standing.now()
    of_lesson = lesson.address() if lesson else {}
    frame.show(of_lesson | presenting.kept() | following.kept() | language.kept())
    following.bar()
    beside.show(lesson)
    page.run()


if __name__ == "__main__":  # Streamlit runs this file so, for every browser and every click
    show()
else:  # and imports it once, for the server
    streamlit_internals.send_at_once()
    app = st.App(
        __file__,
        routes=server.routes(),
        lifespan=server.lifespan,
        middleware=[*server.middleware(), Middleware(uploads.Limit)],
    )
