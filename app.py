"""CNN Lab, for `streamlit run app.py`: page config, the list of pages, what surrounds each of them."""

from pathlib import Path

import streamlit as st

from cnnlab import ui

FRONTEND = Path(ui.__file__).parent / "frontend"
PAGES = (
    ("home", "Home", ":material/home:"),
    ("data", "Data", ":material/photo_library:"),
    ("architecture", "Architecture", ":material/account_tree:"),
    ("train", "Train", ":material/trending_up:"),
    ("classify", "Classify", ":material/image_search:"),
)

st.set_page_config(
    page_title="CNN Lab",
    page_icon=str(FRONTEND / "icon.svg"),
    layout="wide",
    menu_items={"About": "**CNN Lab** – convolutional networks, taught live."},
)
ui.begin_session()
st.logo(str(FRONTEND / "logo.svg"), icon_image=str(FRONTEND / "icon.svg"), size="large")

files = ((Path(__file__).parent / "pages" / f"{name}.py", title, icon) for name, title, icon in PAGES)
page = st.navigation([st.Page(file, title=title, icon=icon) for file, title, icon in files if file.exists()])
with st.sidebar:
    ui.machine_panel()
try:
    page.run()
finally:
    ui.warm()  # last, so that the first page is complete before the import competes with it
