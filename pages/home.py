"""Home: what this is, what to do next, and what the machine is doing."""

from pathlib import Path

import streamlit as st

from cnnlab import runs, ui
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.ui import classroom, engine, pulse, queue, run_links, state
from cnnlab.ui.lessons import next_lesson
from cnnlab.ui.train import starting
from cnnlab.ui.wording import refusal

DRAWING = Path(ui.__file__).parent / "frontend" / "lenet.svg"
RECENT = 5
STEPS = (
    (
        _("1 · Data & model"),
        _(
            "A dataset with its images in view, or your own from the camera; a classic network, layer by "
            "layer."
        ),
        (
            ("data", _("Look at data"), ":material/photo_library:"),
            ("collect", _("Collect classes"), ":material/photo_camera:"),
            ("architecture", _("Open a network"), ":material/account_tree:"),
        ),
    ),
    (
        _("2 · Train"),
        _("Choose a recipe or every setting, and watch loss and accuracy of training and validation."),
        (("train", _("Set up training"), ":material/trending_up:"),),
    ),
    (
        _("3 · Predict"),
        _("Show a trained network an image, or a hand before the webcam, and read its class probabilities."),
        (("classify", _("Classify an image"), ":material/image_search:"),),
    ),
)

state.lab()
st.title(_("Convolutional networks, live"))
next_lesson.offer()
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    label = _("Train LeNet-5 now")
    wanted = st.button(label, icon=":material/trending_up:", key="train_now", width="content")
    st.markdown(
        _("On 1,797 handwritten digits, offline, in less than a minute. Then look inside, and classify."),
        width="content",
    )
if wanted:
    try:
        starting.start_first_recipe()
    except CnnLabError as error:
        st.error(refusal(error))
st.image(
    DRAWING,
    width="stretch",
    alt=_(
        "LeNet-5 as a diagram: the image of a handwritten 2, stacks of 6 and 16 feature maps that become "
        "smaller, two dense layers, and a bar for each of the ten classes, the one of the 2 the longest."
    ),
)
st.caption(
    _(
        "LeNet-5: a 32 × 32 image becomes 6, then 16 feature maps, each halved by pooling; dense layers turn "
        "them into 10 class probabilities."
    )
)

for column, (title, sentence, links) in zip(st.columns(3), STEPS, strict=True):
    with column.container(border=True, height="stretch"):
        st.header(title, anchor=False)
        st.write(sentence)
        with st.container(gap="xsmall"):
            for page, label, icon in links:
                st.page_link(f"pages/{page}.py", label=f"**{label}**", icon=icon)


@st.fragment
def this_machine() -> None:
    pulse.listen(pulse.MACHINE, pulse.word(pulse.MACHINE), seconds=2, key="home-pulse")
    left, right = st.columns([1, 2])
    left.header(_("This machine"), anchor=False)
    trains = _("Trains on **{device}**", device=refusal(engine.trains_on()))
    left.markdown(f":material/memory: {trains}")
    left.markdown(f":material/bolt: {refusal(engine.service().message)}")
    with left:
        classroom.show()
    right.header(_("Runs"), anchor=False)
    with right:
        try:
            queue.show()
            list_runs()
        except CnnLabError as error:
            st.error(refusal(error))


def list_runs() -> None:
    active = [seen for seen in run_links.active_runs() if seen.status.state != "queued"]
    over = [seen for seen in runs.overview() if not (seen.damage or seen.status.is_active)]
    run_links.show((*active, *over[: max(0, RECENT - len(active))]))
    if not runs.overview():
        st.markdown(_("No runs yet."))


this_machine()
