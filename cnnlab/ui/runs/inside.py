"""Inside a network while it learns, and afterwards at any epoch that was kept: one slider moves it all."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import images, runs
from cnnlab.charts.heat import coloured
from cnnlab.charts.layers import LayerSeries, layer_health
from cnnlab.errors import CnnLabError, ImageError, RunError
from cnnlab.runs import Run, snapshots
from cnnlab.runs.snapshots import FixedImages, Snapshot
from cnnlab.ui.asking import FORMATS, GAP, PICTURE_KINDS, samples, shown, spaced
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.tables import table
from cnnlab.ui.wording import created, plain

TILE_PIXELS = 84
GUESS_PIXELS = 96
MOST_TILES = 24
PLAY_SECONDS = 0.8
NEWEST = "newest"
EXPLAINED = (
    "Measured on one fixed batch of training images, outside the training. Top: the norm of the loss's "
    "gradient for each layer; where it falls towards the input by powers of ten, the gradient vanishes. "
    "Middle: the norm of the next update over that of the weights, usually between 1e-4 and 1e-2 (green). "
    "Bottom: the share of ReLU units that are 0 for every image of the batch, and of sigmoid and tanh "
    "values near an end of their range."
)


@dataclass(frozen=True, eq=False)
class Shown:
    """A moment of a run: its snapshot, and the images whose predictions it tells."""

    run: Run
    snapshot: Snapshot
    fixed: FixedImages | None
    classes: tuple[str, ...]


def inside(run: Run) -> None:
    """Show the inside of a run's network; while it trains, the newest state."""
    plays = st.session_state.get(f"inside-epoch-{run.id}-plays", False)
    st.fragment(_inside, run_every=PLAY_SECONDS if plays else None)(run)


def _inside(run: Run) -> None:
    try:
        kept = snapshots.epochs(run)
        moment = _moment(run, kept)
        if moment is None:
            _nothing_yet(run)
            return
        _views(moment, len(kept))
    except CnnLabError as error:
        st.error(plain(str(error)))


def _nothing_yet(run: Run) -> None:
    if run.status().is_active:
        st.info("The first snapshot comes within seconds of the first training step.")
    else:
        st.info("This run has no snapshots: it is older than they are, or ended before its first step.")


def _moment(run: Run, kept: list[int]) -> Shown | None:
    """Ask for an epoch, and return the network's state after it; within the first epoch the newest one."""
    within = snapshots.within(run) if run.status().is_active else None
    if not kept:
        return _shown(run, within) if within else None
    epoch = _choose_epoch(run, kept)
    if within and epoch is None:
        return _shown(run, within)
    return _shown(run, _snapshot(run, kept[-1] if epoch is None else epoch))


def _choose_epoch(run: Run, kept: list[int]) -> int | None:
    """Show the slider over the kept epochs, with play and pause; None is the newest.

    The address keeps the epoch.
    """
    key = f"inside-epoch-{run.id}"
    playing = st.session_state.get(f"{key}-plays", False)
    asked = st.query_params.get("epoch", "")
    known = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in kept else NEWEST
    options: list[int | str] = [*kept, NEWEST]
    if key not in st.session_state or st.session_state[key] not in options:
        st.session_state[key] = known
    if playing and not _step(key, kept):
        st.rerun()  # the whole page: this part is not drawn again by itself any more
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.select_slider(
            "Epoch", options, key=key, format_func=lambda epoch: "newest" if epoch == NEWEST else f"{epoch}"
        )
        toggled = st.button(
            "Pause" if playing else "Play",
            icon=":material/pause:" if playing else ":material/play_arrow:",
            key=f"{key}-toggle",
            on_click=_toggle,
            args=(key, kept),
        )
    if toggled:
        st.rerun()
    if isinstance(chosen, int):
        st.query_params["epoch"] = str(chosen)
        return chosen
    st.query_params.pop("epoch", None)
    return None


def _toggle(key: str, kept: list[int]) -> None:
    plays = st.session_state[f"{key}-plays"] = not st.session_state.get(f"{key}-plays", False)
    if plays and st.session_state.get(key) in (NEWEST, kept[-1]):
        st.session_state[key] = kept[0]
        st.session_state[f"{key}-began"] = True


def _step(key: str, kept: list[int]) -> bool:
    """Go on to the next kept epoch; stop behind the last one, and return whether it still plays."""
    if st.session_state.pop(f"{key}-began", False):
        return True
    now = st.session_state[key]
    later = [epoch for epoch in kept if now != NEWEST and epoch > now]
    if later:
        st.session_state[key] = later[0]
    else:
        st.session_state[f"{key}-plays"] = False
    return bool(later)


def _views(moment: Shown, kept: int) -> None:
    snapshot = moment.snapshot
    st.caption(f"Epoch {snapshot.epoch}, step {snapshot.step:,}; {kept} epochs are kept.")
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
    st.header("Predictions on fixed validation images", anchor=False)
    fixed, guesses = moment.fixed, moment.snapshot.guesses
    if fixed is None or guesses is None or len(fixed.images) != len(guesses):
        st.caption("This snapshot has no predictions.")
        return
    tiles, captions = [], []
    for image, label, row in zip(fixed.images, fixed.labels, guesses, strict=True):
        best = int(row.argmax())
        mark = "✓" if best == label else "✗"
        name = moment.classes[best] if best < len(moment.classes) else str(best)
        tiles.append(spaced(image, GUESS_PIXELS))
        captions.append(f"{mark} {plain(name)} {row[best] * 100:.0f} %")
    names = [f"{plain(name)}: {caption}" for name, caption in zip(fixed.names, captions, strict=True)]
    st.image(tiles, captions, GUESS_PIXELS + GAP, output_format="PNG", alt=names)
    right = sum(int(row.argmax()) == label for row, label in zip(guesses, fixed.labels, strict=True))
    st.caption(
        f"{right} of {len(guesses)} right (✓). They are always the same images, too few for an accuracy."
    )


def _filters(snapshot: Snapshot) -> None:
    if snapshot.filters is None:
        return
    st.header(f"Filters of {plain(snapshot.filter_layer or '')}", anchor=False)
    kernels = snapshot.filters.astype(np.float32)
    largest = float(np.abs(kernels).max()) or 1.0
    tiles = [spaced(_as_image(kernel, largest), 56) for kernel in kernels[:MOST_TILES]]
    names = [f"filter {number}" for number in range(len(tiles))]
    st.image(tiles, width=56 + GAP, output_format="PNG", alt=names)
    more = f"; the first {len(tiles)} of {len(kernels)}" if len(kernels) > len(tiles) else ""
    st.caption(f"Middle gray is 0, the strongest weight {largest:.3g}{more}.")


def _as_image(kernel: np.ndarray, largest: float) -> np.ndarray:
    return np.rint(127.5 + 127.5 * kernel / largest).astype(np.uint8)


def _layers(moment: Shown) -> None:
    st.header("How each layer learns", anchor=False)
    series = [_series(moment.run.title, moment.snapshot)]
    beside = _beside(moment.run)
    if beside is not None:
        with st.container():
            other = _snapshot(beside, _nearest(snapshots.epochs(beside), moment.snapshot.epoch))
            series.append(_series(f"{beside.title}, epoch {other.epoch}", other))
    still_chart(f"inside-layers-{moment.run.id}", layer_health, tuple(series))
    st.caption(EXPLAINED)


def _beside(run: Run) -> Run | None:
    """Ask for a second run to draw into the same chart."""
    others = {
        seen.run.id: seen
        for seen in runs.overview()
        if seen.run != run and not seen.damage and (seen.run.folder / snapshots.FOLDER).is_dir()
    }
    if not others:
        return None
    chosen = st.selectbox(
        "Compare with",
        others,
        index=None,
        placeholder="another run",
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
    st.header("Feature maps of the probe image", anchor=False)
    probe, wall = st.columns([1, 3], gap="large")
    with probe:
        if snapshot.probe is not None:
            st.image(
                shown(snapshot.probe, 160), width=160, alt=f"Probe: {snapshot.probe_name or 'own image'}"
            )
        st.caption(plain(snapshot.probe_name) or "An image of your own.")
        if moment.run.status().is_active:
            _choose_probe(moment.run)
    with wall:
        layer = st.selectbox("Layer", list(snapshot.maps), key=f"inside-layer-{moment.run.id}", width=280)
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
        alt=[f"channel {number}" for number in range(len(tiles))],
    )
    signs = ", blue is negative" if smallest < 0 else ""
    st.caption(f"The first {len(tiles)} channels. Black is 0, the brightest {largest:.3g}{signs}.")


def _choose_probe(run: Run) -> None:
    """Let a person choose another probe; the worker takes it up within seconds."""
    with st.popover("Other probe", icon=":material/image:"):
        upload = st.file_uploader(FORMATS, PICTURE_KINDS, key=f"inside-probe-{run.id}")
        offered = samples(run.id)
        number = st.selectbox(
            "Validation image",
            range(len(offered)),
            format_func=lambda place: f"{offered[place].name} ({offered[place].truth})",
            key=f"inside-sample-{run.id}",
        )
        if st.button("Use as probe", type="primary", key=f"inside-ask-{run.id}"):
            try:
                image = images.decode(upload.getvalue(), upload.name) if upload else offered[number].image
                snapshots.ask_probe(run, _small_enough(image))
                st.caption("The maps follow with the next snapshot.")
            except (ImageError, RunError) as error:
                st.error(plain(str(error)))


def _small_enough(image: np.ndarray) -> np.ndarray:
    scale = min(1.0, snapshots.LARGEST_PROBE / max(image.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    return images.resize(image, (height, width))


def _norms(snapshot: Snapshot) -> None:
    """Show batch norm's running statistics beside those of the fixed batch."""
    if not snapshot.batch_norms:
        return
    st.header("Batch norm: running statistics and those of the batch", anchor=False)
    rows = []
    for state in snapshot.batch_norms:
        mean = np.abs(state.running_mean - state.batch_mean) / np.sqrt(state.batch_variance + 1e-12)
        ratio = np.sqrt((state.running_variance + 1e-12) / (state.batch_variance + 1e-12))
        rows.append(
            {
                "layer": state.layer,
                "channels": len(state.running_mean),
                "mean off by (batch std)": f"{np.median(mean):.2f}",
                "running std ÷ batch std": f"{np.median(ratio):.2f}",
            }
        )
    table(rows)
    st.caption(
        "Medians over the channels. 0 and 1: the running statistics, which inference uses, are the batch's."
    )


def _shown(run: Run, snapshot: Snapshot) -> Shown:
    facts = run.model_facts
    return Shown(run, snapshot, _fixed(run), tuple(map(str, facts["classes"])))


def _fixed(run: Run) -> FixedImages | None:
    return snapshots.validation(run)


def _snapshot(run: Run, epoch: int) -> Snapshot:
    path = run.folder / snapshots.FOLDER / f"epoch-{epoch:05}.npz"
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        stamp = 0
    return _read(run.id, epoch, stamp)


@st.cache_resource(max_entries=32, show_spinner=False)
def _read(run_id: str, epoch: int, stamp: int) -> Snapshot:
    """Read once for all browsers; nobody writes into the result."""
    return snapshots.read(runs.get(run_id), epoch)
