"""What the page "Before class" lists: findings with a sign, conditions of this browser, a rehearsal."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import streamlit as st

from cnnlab import datasets, languages, readiness, runs
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, recognised
from cnnlab.readiness import Check
from cnnlab.streamlit_internals import address, network_address
from cnnlab.training import recipes
from cnnlab.ui import engine, pulse, qr, teacher_link, visitors
from cnnlab.ui.data import words
from cnnlab.ui.own_component import own_component
from cnnlab.ui.train.recipes import FIRST
from cnnlab.ui.train.submitting import submit
from cnnlab.ui.wording import duration, plain, progress, refusal

SIGNS = {
    "ok": ":green[:material/check_circle:]",
    "note": ":orange[:material/warning:]",
    "broken": ":red[:material/error:]",
}
REHEARSAL = "Rehearsal: one epoch"
KEPT_SECONDS = 20.0
"""So long findings hold for all browsers; the button asks anew."""


def of_server(again: bool) -> list[Check]:
    """Return what is found on the server; looked at once for all browsers.

    Args:
        again: whether somebody asks for it anew.
    """
    if again:
        _of_server.clear()
    return _of_server(languages.current())


@st.cache_data(show_spinner=False, ttl=KEPT_SECONDS)
def _of_server(language: str) -> list[Check]:
    """Return the findings; datasets are called there as ``language`` calls them."""
    libraries = [check for check in readiness.libraries() if check.state != "ok"]
    return [
        readiness.python_version(),
        *(libraries or [Check("libraries", "ok", "as requirements.txt asks for")]),
        Check("device", "ok", engine.trains_on()),
        readiness.memory(),
        *readiness.cluster_answers(),
        readiness.workspace_check(),
        readiness.disk_space(),
        *readiness.weights(),
        readiness.data(_by_title),
        _network(),
        readiness.fallback(),
    ]


def _by_title(names: Iterable[str]) -> str:
    return " · ".join(words.title(datasets.get(name)) for name in names)


def _network() -> Check:
    """Say by which address students reach this server."""
    if teacher_link.listens_here_alone():
        return Check(
            "network",
            "note",
            "Only this machine opens these pages; for a class start it with --server.address 0.0.0.0.",
        )
    return Check("network", "ok", f"students open {address(network_address())}")


def show(checks: Iterable[Check]) -> None:
    """List findings: the sign, what it is about, and what to do."""
    with st.container(gap="xsmall"):
        for check in checks:
            name = recognised(check.name)
            name = name[:1].upper() + name[1:]
            st.markdown(f"{SIGNS[check.state]} **{plain(name)}** · {refusal(check.message)}")


def verdict(checks: list[Check]) -> None:
    """Say in one line whether the lesson can begin."""
    broken = sum(check.state == "broken" for check in checks)
    notes = sum(check.state == "note" for check in checks)
    if broken:
        said = _("{n} of {checks} must be mended before a lesson.", n=broken, checks=len(checks))
        st.error(said, icon=":material/error:")
    elif notes:
        said = _("Ready to train; {n} of {checks} to know about.", n=notes, checks=len(checks))
        st.warning(said, icon=":material/warning:")
    else:
        st.success(_("Ready."), icon=":material/check_circle:")


def join() -> None:
    """Show the QR code by which students come, where they can."""
    if not teacher_link.listens_here_alone():
        qr.code("")


def of_browser() -> list[Check]:
    """Ask this browser what it can do; return what is found, nothing until it has answered.

    Its button tries the camera, which asks the person.
    """
    heard = own_component("cnnlab_conditions", "conditions")(
        data={"try": _("Try the camera"), "trying": _("Asking for the camera …")},
        key="conditions",
        height="content",
        on_found_change=lambda: None,
    )
    found = getattr(heard, "found", None)
    return list(_conditions(found)) if isinstance(found, Mapping) else []


def _conditions(found: Mapping[str, Any]) -> Iterator[Check]:
    if found.get("modern") is True:
        yield Check("browser", "ok", "draws charts and scenes")
    else:
        yield Check("browser", "broken", "It is too old for the charts; update it, or open another one.")
    yield _camera(found)
    width, height = (int(found[side]) if _is_size(found.get(side)) else 0 for side in ("width", "height"))
    if width >= 1024:
        yield Check("window", "ok", f"{width} × {height} pixels; F11 shows it whole")
    else:
        yield Check(
            "window", "note", f"{width} × {height} pixels; for a projector make it 1024 × 768 or larger."
        )


def _camera(found: Mapping[str, Any]) -> Check:
    if not found.get("secure"):
        return Check(
            "camera",
            "note",
            "This address is not https, so browsers open no camera: open http://localhost on the server "
            "itself, serve https as docs/install.md shows, or upload photos.",
        )
    said = found.get("camera")
    if said == "works":
        sides = [int(found[side]) if _is_size(found.get(side)) else 0 for side in ("across", "down")]
        return Check("camera", "ok", f"works, {sides[0]} × {sides[1]} pixels")
    if said == "refused":
        return Check(
            "camera", "broken", "This browser refuses the camera; allow it beside the address, and try again."
        )
    if said == "none" or not found.get("cameras"):
        return Check("camera", "note", "This device has no camera; plug one in, or upload photos.")
    if said == "busy":
        return Check(
            "camera", "broken", "The camera does not start; close the program that uses it, and try again."
        )
    return Check("camera", "ok", "allowed at this address; try it below")


def _is_size(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6


def rehearsal() -> None:
    """Train one epoch as the class will, and say how long it took from the click on."""
    last = next((seen for seen in runs.overview() if seen.title == REHEARSAL and not seen.damage), None)
    busy = last is not None and last.status.is_active
    may = visitors.allowed(None, "rehearse one epoch", busy)
    if st.button(_("Rehearse one epoch"), icon=":material/play_arrow:", key="rehearse", **may):
        start_rehearsal()
        st.rerun()
    if last:
        _outcome(last.run)


def start_rehearsal() -> None:
    """Put a run of one epoch of the first recipe into the queue.

    Raises:
        CnnLabError: it cannot begin.
    """
    config = recipes.get(FIRST).config
    submit(config.changed(recipe=FIRST, epochs=1, title=REHEARSAL).validated())


@st.fragment
def _outcome(run: runs.Run) -> None:
    of = f"{pulse.RUN}{run.id}"
    word = pulse.word(of)
    try:
        now = run.status()
    except CnnLabError as error:
        st.error(refusal(error))
        return
    if now.is_active:
        pulse.listen(of, word, 0.5, key="rehearsal-pulse")
        st.markdown(f":material/hourglass_empty: {plain(progress(now))}")
        return
    show([_judged(now)])


def _judged(now: runs.Status) -> Check:
    if now.state != "finished" or not now.ended:
        return Check("rehearsal", "broken", now.message or "It did not finish; look at the run on Train.")
    whole = duration(now.ended - now.created)
    at = time.strftime("%H:%M", time.localtime(now.ended))
    title = recipes.get(FIRST).title
    return Check(
        "rehearsal",
        "ok",
        f"{title}: {whole} from the click to the end, {now.seconds:.1f} s of it training ({at})",
    )
