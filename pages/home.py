"""Home: what this is, what to do next, and what the machine is doing."""

from pathlib import Path

import streamlit as st

from cnnlab import runs, ui
from cnnlab.errors import CnnLabError
from cnnlab.training import devices

PICTURE = Path(ui.__file__).parent / "frontend" / "lenet.svg"
RECENT = 5
STEPS = (
    (
        "1 · Pick",
        "A dataset with its pictures in view, and a classic network with every layer open.",
        (
            ("data", "Look at data", ":material/photo_library:"),
            ("collect", "Collect with the camera", ":material/photo_camera:"),
            ("architecture", "Open a network", ":material/account_tree:"),
        ),
    ),
    (
        "2 · Train",
        "Loss and accuracy move while it learns. LeNet-5 on scanned digits takes seconds.",
        (("train", "Start training", ":material/trending_up:"),),
    ),
    (
        "3 · Ask",
        "Show it a picture, or a hand held up to the webcam, and read what it sees.",
        (("classify", "Classify a picture", ":material/image_search:"),),
    ),
)

st.title("Convolutional networks, live")
st.markdown(
    "Pick a classic network, train it while everybody watches, look inside, and ask it about a picture."
)
st.image(PICTURE, width="stretch", alt="LeNet-5 from a digit to ten probabilities")
st.caption(
    "LeNet-5: a 32 × 32 picture becomes 6, then 16 ever smaller feature maps, and at last 10 probabilities."
)

for column, (title, sentence, links) in zip(st.columns(3), STEPS, strict=True):
    with column.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        st.write(sentence)
        with st.container(horizontal=True):
            for page, label, icon in links:
                st.page_link(f"pages/{page}.py", label=f"**{label}**", icon=icon)


@st.fragment
def machine() -> None:
    ui.pulse.listen(ui.pulse.MACHINE, seconds=2, key="home-pulse")
    left, right = st.columns([1, 2])
    left.subheader("This machine", anchor=False)
    left.markdown(f":material/memory: Trains on **{devices.describe()}**")
    left.markdown(f":material/bolt: {ui.plain(ui.service().message)}")
    right.subheader("Runs", anchor=False)
    with right:
        try:
            list_runs()
        except CnnLabError as error:
            st.error(ui.plain(str(error)))


def list_runs() -> None:
    active = ui.active_runs()
    over = [seen for seen in runs.overview() if not (seen.damage or seen.status.is_active)]
    ui.run_links((*active, *over[: max(0, RECENT - len(active))]))
    if not active and not over:
        st.markdown(":gray[None yet. The first one is a click away.]")


machine()
