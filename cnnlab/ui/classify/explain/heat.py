"""Grad-CAM and occlusion over the image: where the classes are seen, two of them side by side."""

import hashlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnlab import images
from cnnlab.charts.heat import heat_over
from cnnlab.inference import Classifier, percent
from cnnlab.inference.explanation import Explanation
from cnnlab.inference.occlusion import Grid, losses
from cnnlab.languages import _, _p, texts
from cnnlab.service import OfEpoch, OfRun
from cnnlab.ui.asking import TimedClassifier, shown_in_colour
from cnnlab.ui.engine import service
from cnnlab.ui.wording import plain

PIXELS = 300
METHODS = texts({"gradcam": "Grad-CAM", "occlusion": "Occlusion"})
GRADCAM = texts(
    "Grad-CAM (Selvaraju et al. 2017): each channel of the layer is weighted by the mean gradient of the "
    "class's score before softmax; what remains positive is shown. Bright: these places speak for the class. "
    "Each map's largest value is its brightest place."
)
OCCLUSION = texts(
    "Occlusion (Zeiler and Fergus 2014): a square in the image's mean colour covers each place in turn. "
    "Orange: without this place the probability of the class falls. Blue: it rises."
)


def heat_map(
    network: TimedClassifier, seen: np.ndarray, before: np.ndarray, key: str, label: str = ""
) -> None:
    """Show where two classes are seen in the network input ``seen``, uint8 ``(H, W, C)``.

    At first they are the predicted one and that of the ``label``, where it is known and another one; else
    the second most probable one. ``before`` are the probabilities ``(classes,)``.
    """
    layers, last = map_layers(network.model.weights)
    method, layer, opacity = _settings(layers, last, key)
    if method == "gradcam" and not last:
        st.info(_("This network has no convolution, so Grad-CAM has no map to look at; choose Occlusion."))
        return
    if method == "occlusion" and not _wanted(network, seen, key):
        return
    shown = first_two(network.classes, before, label)
    for place, (column, first) in enumerate(zip(st.columns(len(shown), gap="large"), shown, strict=True)):
        with column:
            chosen = st.selectbox(
                _("Class") if not place else _("Beside it"),
                range(len(before)),
                index=first,
                format_func=network.classes.__getitem__,
                key=f"{key}-class-{place}-{_signature(seen)}",
            )
            _map(network, seen, method, layer, chosen, opacity, _told(network.classes, before, chosen, label))
    st.caption(_(GRADCAM) if method == "gradcam" else _(OCCLUSION))


def _settings(layers: list[str], last: str | None, key: str) -> tuple[str, str, float]:
    """Ask for the method, for the layer of Grad-CAM, and for the opacity of the map."""
    layer = ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.segmented_control(
            _("Method"),
            METHODS,
            format_func=lambda name: _(METHODS[name]),
            default="gradcam",
            required=True,
            key=f"{key}-method",
            wrap=True,
        )
        if method == "gradcam" and last:
            place = layers.index(last)
            layer = st.selectbox(_("Layer"), layers, index=place, key=f"{key}-layer", width=260) or last
        opacity = st.slider(_("Opacity"), 0.0, 1.0, 0.8, 0.05, key=f"{key}-opacity", width=220)
    return method or "gradcam", layer, opacity


def first_two(classes: Sequence[str], before: np.ndarray, label: str = "") -> list[int]:
    """Return the classes to show: the predicted one, and the label's, or the second most probable one."""
    best = [int(place) for place in np.argsort(-before, kind="stable")]
    if label in classes and (true := classes.index(label)) != best[0]:
        return [best[0], true]
    return best[:2]


def _told(classes: Sequence[str], before: np.ndarray, chosen: int, label: str) -> str:
    """Say how probable a class is, and whether it is the predicted one or the label's."""
    words = [percent(float(before[chosen]))]
    words += [_("predicted")] * (chosen == int(before.argmax()))
    words += [_("the label")] * (classes[chosen] == label)
    return _p("between phrases", ", ").join(words)


def _map(
    network: TimedClassifier,
    seen: np.ndarray,
    method: str,
    layer: str,
    chosen: int,
    opacity: float,
    told: str,
) -> None:
    weights = network.model.weights
    if method == "gradcam":
        heat = _gradcam(weights, layer, chosen, network.preprocessing.scale(seen.astype(np.float32)))
        where = _(
            "layer {layer}, {rows} × {columns}, at most {most}",
            layer=layer,
            rows=heat.shape[0],
            columns=heat.shape[1],
            most=f"{heat.max():.3g}",
        )
        empty = _("Nothing in this layer speaks for this class here: the weighted sum is nowhere positive.")
    else:
        heat = _occluded(network, weights, seen, chosen)
        where = _(
            "{rows} × {columns} places, at most {most} lost or won",
            rows=heat.shape[0],
            columns=heat.shape[1],
            most=percent(np.abs(heat).max()),
        )
        empty = _("No single place changes the probability of this class.")
    name, called = plain(network.classes[chosen]), _(METHODS[method])
    alt = _("{method} for {class_name}", method=called, class_name=name)
    st.image(overlaid(seen, heat, opacity), width=PIXELS, alt=alt)
    st.caption(
        _(
            "{method} for **{class_name}** ({told}): {where}",
            method=called,
            class_name=name,
            told=told,
            where=where,
        )
    )
    if not heat.any():
        st.info(empty)


def overlaid(seen: np.ndarray, heat: np.ndarray, opacity: float) -> np.ndarray:
    """Lay heat of any rows and columns over an image uint8 ``(H, W, 1 or 3)``, enlarged; return uint8 RGB."""
    image = shown_in_colour(seen, PIXELS)
    spread = images.resize(np.ascontiguousarray(heat, np.float32)[..., None], image.shape[:2], "bilinear")
    hot = heat_over(image, spread[..., 0]).astype(np.float32)
    return np.rint(image * (1 - opacity) + hot * opacity).astype(np.uint8)


def _wanted(network: Classifier, seen: np.ndarray, key: str) -> bool:
    """Ask before the many answers of an occlusion map are computed; say how many it takes."""
    grid = Grid.over(*seen.shape[:2])
    asked = (key, _signature(seen))
    if st.session_state.get("explain_occlusion") == asked:
        return True
    places = grid.rows * grid.columns
    if st.button(_("Compute {count} answers", count=places), type="primary", key=f"{key}-occlude"):
        st.session_state.explain_occlusion = asked
        return True
    size = f"{grid.patch} × {grid.patch}"
    st.caption(
        _(
            "The image is answered {count} times, each time with another square of {size} covered.",
            count=places,
            size=size,
        )
    )
    return False


def _occluded(network: Classifier, weights: OfRun | OfEpoch, seen: np.ndarray, chosen: int) -> np.ndarray:
    """Return the map of a class; those of all classes are computed together, once for an image."""
    asked = (weights, _signature(seen))
    kept = st.session_state.get("explain_occluded")
    if kept is None or kept[0] != asked:
        with st.empty():
            bar = st.progress(0.0, _("Occlusion map"))
            lost = losses(
                network.model,
                network.preprocessing.scale(seen.astype(np.float32)),
                progress=lambda fraction: bar.progress(
                    fraction, _("Occlusion map, {done} %", done=f"{fraction * 100:.0f}")
                ),
            )[1]
            bar.empty()
        kept = st.session_state.explain_occluded = asked, lost
    return kept[1][..., chosen]


@st.cache_resource(max_entries=64, show_spinner=False)
def _gradcam(weights: OfRun | OfEpoch, layer: str, chosen: int, scaled: np.ndarray) -> np.ndarray:
    """Compute once for all browsers; nobody writes into the result."""
    return service().ask("explain", weights, scaled, layer, chosen).heatmap


def heat_of(network: TimedClassifier, seen: np.ndarray) -> Explanation:
    """Return the Grad-CAM of the predicted class of the network input ``seen``, with its probabilities.

    Raises:
        ArchitectureError: the network has no convolution.
    """
    scaled = network.preprocessing.scale(seen.astype(np.float32))
    return service().ask("explain", network.model.weights, scaled)


def gradcam_of(network: TimedClassifier, seen: np.ndarray, chosen: int) -> tuple[np.ndarray, str] | None:
    """Return the Grad-CAM of a class in the layer that is taken by itself, and that layer's name.

    None where the network has no convolution. ``seen`` is the network input, uint8 ``(H, W, C)``.
    """
    last = map_layers(network.model.weights)[1]
    if last is None:
        return None
    scaled = network.preprocessing.scale(seen.astype(np.float32))
    return _gradcam(network.model.weights, last, chosen, scaled), last


def has_map(network: TimedClassifier) -> bool:
    """Whether Grad-CAM has a map to look at: the network has a convolution."""
    return map_layers(network.model.weights)[1] is not None


def map_layers(weights: OfRun | OfEpoch) -> tuple[list[str], str | None]:
    """Return the layers with rows and columns, and the one that Grad-CAM takes by itself."""
    shapes, last = layer_shapes(weights)
    return [name for name, shape in shapes if len(shape) == 3], last


@st.cache_resource(max_entries=64, show_spinner=False)
def layer_shapes(weights: OfRun | OfEpoch) -> tuple[tuple[tuple[str, tuple[int, ...]], ...], str | None]:
    """Return all layers with their output's shapes, and the one that Grad-CAM takes by itself."""
    return service().ask("layers", weights)


def _signature(seen: np.ndarray) -> str:
    return hashlib.sha1(seen.tobytes(), usedforsecurity=False).hexdigest()[:12]
