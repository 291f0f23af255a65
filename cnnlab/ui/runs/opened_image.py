"""One validation image, opened: what the network says of it, why, and a way to correct its label."""

from functools import partial

import numpy as np
import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.inference import Prediction, percent
from cnnlab.languages import _, _p
from cnnlab.ui.asking import classifier, original, shown
from cnnlab.ui.classify.answer import Asked
from cnnlab.ui.classify.explain import explain
from cnnlab.ui.classify.sources import from_dataset
from cnnlab.ui.runs.epochs import choose_network_here
from cnnlab.ui.runs.labels import correct_label
from cnnlab.ui.runs.looked_at import LookedAt
from cnnlab.ui.warm_up import need_tensorflow
from cnnlab.ui.wording import plain, refusal

LARGE_PIXELS = 240
RIGHT, WRONG = "✓", "✗"
AT = "opened image"


def open_image(seen: LookedAt, numbers: tuple[int, ...], number: int) -> None:
    """Open the image of a prediction; from it those of all ``numbers`` can be leafed through."""
    st.session_state[AT] = numbers.index(number)
    st.session_state.pop(_epoch_key(seen), None)
    # decorated here: the title is in the language of this session
    st.dialog(_("Validation image"), width="large", on_dismiss="rerun")(_opened)(seen, numbers)


def _opened(seen: LookedAt, numbers: tuple[int, ...]) -> None:
    at = min(st.session_state.get(AT, 0), len(numbers) - 1)
    try:
        _show(seen, numbers, at)
    except CnnLabError as error:
        st.error(refusal(error))


def _show(seen: LookedAt, numbers: tuple[int, ...], at: int) -> None:
    need_tensorflow()
    said = seen.found.predictions[numbers[at]]
    image = seen.images.images.images[seen.numbers[numbers[at]]]
    change = seen.images.corrected.get(seen.numbers[numbers[at]])
    name, label = (change.after, change.now) if change else (said.name, said.label)
    left, right = st.columns([1, 3], gap="large")
    with left:
        _leaf(numbers, at)
        epoch = choose_network_here(seen.run, _epoch_key(seen), seen.epoch)
        network = classifier(seen.run, epoch)
        [answers] = network.answers(image[None])
        st.image(shown(image, LARGE_PIXELS), width=LARGE_PIXELS, alt=name)
        _verdict(answers, label)
        height, width = image.shape[:2]
        size = {"name": plain(name), "width": width, "height": height}
        st.caption(_("{name}, network input {width} × {height} pixels", **size))
        correct_label(seen, numbers[at])
    with right:
        dataset = seen.run.config.dataset
        one = Asked(
            name,
            (width, height),
            shown(image),
            image,
            partial(_as_it_is, seen, name, image),
            label,
            encoded=partial(from_dataset, dataset, name),
        )
        explain(seen.run, network, [one], invert=False, first="heat", place="opened")


def _as_it_is(seen: LookedAt, name: str, image: np.ndarray) -> np.ndarray:
    """Return an image as its dataset has it, not larger than is shown; else as the network receives it."""
    whole = original(seen.run.id, name)
    return image if whole is None else whole


def _leaf(numbers: tuple[int, ...], at: int) -> None:
    """Show the way to the images before and after this one."""

    def go(to: int) -> None:
        st.session_state[AT] = to

    last = len(numbers) - 1
    if not last:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        back, on = ":material/chevron_left:", ":material/chevron_right:"
        st.button(
            _p("an image", "Previous"),
            icon=back,
            disabled=not at,
            on_click=go,
            args=(at - 1,),
            key="opened-back",
        )
        st.button(
            _p("an image", "Next"), icon=on, disabled=at == last, on_click=go, args=(at + 1,), key="opened-on"
        )
        st.caption(_("{n} of {all}", n=at + 1, all=f"{len(numbers):,}"), width="content")


def _verdict(answers: list[Prediction], label: str) -> None:
    first = answers[0]
    right = first.class_name == label
    said = _(
        "Label **{label}**, predicted **{predicted}** {mark}",
        label=plain(label),
        predicted=plain(first.class_name),
        mark=RIGHT if right else WRONG,
    )
    st.markdown(said)
    sure = f"p({plain(first.class_name)}) = {percent(first.probability)}"
    if not right:
        of_label = next((one.probability for one in answers if one.class_name == label), 0.0)
        sure += f", p({plain(label)}) = {percent(of_label)}"
    st.markdown(sure)


def _epoch_key(seen: LookedAt) -> str:
    return f"opened-network-{seen.run.id}"
