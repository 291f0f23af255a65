"""What a snapshot of a run tells, in images: predictions, filters, how each layer learns, feature maps."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import images, runs
from cnnlab.charts.heat import coloured, in_gray
from cnnlab.charts.layers import LayerSeries, layer_health
from cnnlab.errors import ImageError, RunError
from cnnlab.languages import _, _p, joined, texts
from cnnlab.runs import Run, snapshots
from cnnlab.runs.snapshot_file import LARGEST_PROBE, FixedImages, Snapshot
from cnnlab.ui.asking import FORMATS, GAP, IMAGE_KINDS, samples, shown, spaced
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.tables import table
from cnnlab.ui.wording import created, plain, refusal

TILE_PIXELS = 84
GUESS_PIXELS = 96
MOST_TILES = 24
LISTED_SECONDS = 5.0
"""For so long the runs with snapshots are taken to be the same: a page is drawn twice a second."""
EXPLAINED = texts(
    "Measured on one fixed batch of training images, outside the training. Top: the norm of the loss's "
    "gradient for each layer; where it falls towards the input by powers of ten, the gradient vanishes. "
    "Middle: the norm of the next update over that of the weights, usually between 1e-4 and 1e-2 (green). "
    "Bottom: the fraction of ReLU units that are 0 for every image of the batch, and of sigmoid and tanh "
    "values near an end of their range."
)


@dataclass(frozen=True, eq=False)
class Shown:
    """A moment of a run: its snapshot, and the images whose predictions it tells."""

    run: Run
    snapshot: Snapshot
    fixed: FixedImages | None
    classes: tuple[str, ...]


def inside_views(moment: Shown, kept: int) -> None:
    """Show a moment of a run that has so many epochs kept."""
    snapshot = moment.snapshot
    at = {"epoch": snapshot.epoch, "step": f"{snapshot.step:,}", "kept": kept}
    st.caption(_("Epoch {epoch}, step {step}; {kept} epochs are kept.", **at))
    guesses, filters = st.columns([5, 3], gap="large")
    with guesses:
        _guesses(moment)
    with filters:
        _filters(snapshot)
    _layers(moment)
    _maps(moment)
    _norms(snapshot)


def _guesses(moment: Shown) -> None:
    """Show the fixed validation images, each with the class that the network gives it at this moment."""
    st.header(_("Predictions on fixed validation images"), anchor=False)
    fixed, guesses = moment.fixed, moment.snapshot.guesses
    if fixed is None or guesses is None or len(fixed.images) != len(guesses):
        st.caption(_("This snapshot has no predictions."))
        return
    tiles, captions = [], []
    for image, label, row in zip(fixed.images, fixed.labels, guesses, strict=True):
        best = int(row.argmax())
        mark = "✓" if best == label else "✗"
        name = moment.classes[best] if best < len(moment.classes) else str(best)
        tiles.append(spaced(image, GUESS_PIXELS))
        captions.append(f"{mark} {plain(name)}, {row[best] * 100:.0f} %")
    names = [f"{plain(name)}: {caption}" for name, caption in zip(fixed.names, captions, strict=True)]
    st.image(tiles, captions, GUESS_PIXELS + GAP, output_format="PNG", alt=names)
    right = sum(int(row.argmax()) == label for row, label in zip(guesses, fixed.labels, strict=True))
    said = _(
        "{right} of {n} right (✓). They are always the same images, too few for an accuracy.",
        right=right,
        n=len(guesses),
    )
    st.caption(said)


def _filters(snapshot: Snapshot) -> None:
    if snapshot.filters is None:
        return
    st.header(_("Filters of {layer}", layer=plain(snapshot.filter_layer or "")), anchor=False)
    kernels = snapshot.filters.astype(np.float32)
    largest = float(np.abs(kernels).max()) or 1.0
    tiles = [spaced(in_gray(kernel, largest), 56) for kernel in kernels[:MOST_TILES]]
    names = [_("filter {n}", n=number) for number in range(len(tiles))]
    st.image(tiles, width=56 + GAP, output_format="PNG", alt=names)
    said = [_("Middle gray is 0, the strongest weight {weight}.", weight=f"{largest:.3g}")]
    if len(kernels) > len(tiles):
        said.append(_("The first {n} of {all} filters.", n=len(tiles), all=len(kernels)))
    st.caption(joined(said))


def _layers(moment: Shown) -> None:
    st.header(_("How each layer learns"), anchor=False)
    series = [_series(moment.run.title, moment.snapshot)]
    beside = _beside(moment.run)
    if beside is not None:
        other = snapshot_of(beside, _nearest(snapshots.epochs(beside), moment.snapshot.epoch))
        series.append(_series(_("{run}, epoch {epoch}", run=beside.title, epoch=other.epoch), other))
    still_chart(f"inside-layers-{moment.run.id}", layer_health, tuple(series))
    st.caption(_(EXPLAINED))


def _beside(run: Run) -> Run | None:
    """Ask for a second run to draw into the same chart."""
    others = {
        seen.run.id: seen
        for seen in runs.overview()
        if seen.run != run and not seen.damage and seen.run.id in _with_snapshots()
    }
    if not others:
        return None
    chosen = st.selectbox(
        _("Compare with"),
        others,
        index=None,
        placeholder=_("another run"),
        format_func=lambda run_id: f"{others[run_id].title} · {created(others[run_id].status)}",
        key=f"inside-beside-{run.id}",
        width=420,
    )
    found = others[chosen].run if chosen else None
    return found if found and snapshots.epochs(found) else None


def _nearest(kept: list[int], epoch: int) -> int:
    return min(kept, key=lambda other: (abs(other - epoch), other))


def _series(name: str, snapshot: Snapshot) -> LayerSeries:
    layers = [
        layer
        for layer in snapshot.layers
        if any(v is not None for v in (layer.gradient_norm, layer.dead, layer.saturated))
    ]
    return LayerSeries(
        name,
        tuple(layer.name for layer in layers),
        tuple(layer.gradient_norm for layer in layers),
        tuple(layer.ratio for layer in layers),
        tuple(layer.dead for layer in layers),
        tuple(layer.saturated for layer in layers),
    )


def _maps(moment: Shown) -> None:
    """Show the maps of the probe image in a chosen layer."""
    snapshot = moment.snapshot
    if not snapshot.maps:
        return
    st.header(_("Feature maps of the probe image"), anchor=False)
    probe, wall = st.columns([1, 3], gap="large")
    with probe:
        if snapshot.probe is not None:
            alt = _("Probe: {name}", name=snapshot.probe_name or _("own image"))
            st.image(shown(snapshot.probe, 160), width=160, alt=alt)
        st.caption(plain(snapshot.probe_name) or _("An image of your own."))
        if moment.run.status().is_active:
            _choose_probe(moment.run)
    with wall:
        layer = st.selectbox(_("Layer"), list(snapshot.maps), key=f"inside-layer-{moment.run.id}", width=280)
        _wall(snapshot.maps[layer].astype(np.float32))


def _wall(values: np.ndarray) -> None:
    if values.ndim == 1:
        values = values[None, :, None]
    smallest, largest = float(min(0.0, values.min())), float(np.abs(values).max())
    tiles = [
        spaced(coloured(values[..., channel], largest), TILE_PIXELS)
        for channel in range(min(MOST_TILES, values.shape[2]))
    ]
    st.image(
        tiles,
        width=TILE_PIXELS + GAP,
        output_format="PNG",
        alt=[_("channel {n}", n=number) for number in range(len(tiles))],
    )
    told = {"n": len(tiles), "largest": f"{largest:.3g}"}
    if smallest < 0:
        said = _("The first {n} channels. Black is 0, the brightest {largest}, blue is negative.", **told)
    else:
        said = _("The first {n} channels. Black is 0, the brightest {largest}.", **told)
    st.caption(said)


def _choose_probe(run: Run) -> None:
    """Let a person choose another probe; the worker takes it up within seconds."""
    with st.popover(_("Other probe"), icon=":material/image:"):
        upload = st.file_uploader(_(FORMATS), IMAGE_KINDS, key=f"inside-probe-{run.id}")
        offered = samples(run.id)
        number = st.selectbox(
            _("Validation image"),
            range(len(offered)),
            format_func=lambda place: f"{offered[place].name} ({offered[place].truth})",
            key=f"inside-sample-{run.id}",
        )
        if st.button(_("Use as probe"), type="primary", key=f"inside-ask-{run.id}"):
            try:
                image = images.decode(upload.getvalue(), upload.name) if upload else offered[number].image
                snapshots.ask_probe(run, images.at_most(image, LARGEST_PROBE))
                st.caption(_("The maps follow with the next snapshot."))
            except (ImageError, RunError) as error:
                st.error(refusal(error))


def _norms(snapshot: Snapshot) -> None:
    """Show batch norm's running statistics beside those of the fixed batch."""
    if not snapshot.batch_norms:
        return
    st.header(_("Batch norm: running statistics and those of the batch"), anchor=False)
    rows = []
    for state in snapshot.batch_norms:
        mean = np.abs(state.running_mean - state.batch_mean) / np.sqrt(state.batch_variance + 1e-12)
        ratio = np.sqrt((state.running_variance + 1e-12) / (state.batch_variance + 1e-12))
        rows.append(
            {
                _("layer"): state.layer,
                _p("a count", "channels"): len(state.running_mean),
                _("mean off by (batch std)"): f"{np.median(mean):.2f}",
                _("running std ÷ batch std"): f"{np.median(ratio):.2f}",
            }
        )
    table(rows)
    st.caption(
        _(
            "Medians over the channels. 0 and 1: the running statistics, which inference uses, are the "
            "batch's."
        )
    )


@st.cache_resource(ttl=LISTED_SECONDS, show_spinner=False)
def _with_snapshots() -> set[str]:
    """Return the ids of the runs that have snapshots, looked up once for all browsers."""
    return {seen.run.id for seen in runs.overview() if (seen.run.folder / snapshots.FOLDER).is_dir()}


def shown_at(run: Run, snapshot: Snapshot) -> Shown:
    """Return a moment of a run.

    Raises:
        RunError: the run's notes cannot be read.
    """
    fixed = _validation(run.id, snapshots.validation_version(run))
    return Shown(run, snapshot, fixed, run.model_facts.classes)


def snapshot_of(run: Run, epoch: int) -> Snapshot:
    """Return the snapshot of an epoch.

    Raises:
        RunError: as ``snapshots.read``.
    """
    return _read(run.id, epoch, snapshots.version(run, epoch))


@st.cache_resource(max_entries=32, show_spinner=False)
def _read(run_id: str, epoch: int, version: int) -> Snapshot:
    """Read once for all browsers; nobody writes into the result."""
    return snapshots.read(runs.get(run_id), epoch)


@st.cache_resource(max_entries=32, show_spinner=False)
def _validation(run_id: str, version: int) -> FixedImages | None:
    """Read once for all browsers; nobody writes into the result."""
    return snapshots.validation(runs.get(run_id))
