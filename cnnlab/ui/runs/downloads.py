"""The files of a run to download, made when somebody asks."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from cnnlab import exchange
from cnnlab.exchange import Export
from cnnlab.inference import accuracy_in_words, validation_count
from cnnlab.languages import _, recognised, texts
from cnnlab.runs import Run
from cnnlab.runs.kinds import EXPORT
from cnnlab.ui import jobs
from cnnlab.ui.wording import refusal

EXPLAINED = texts(
    "Keras model, TensorFlow Lite models in float32 and int8-quantised, training script, weights as "
    "text, and all of it as run.zip to import elsewhere. The export takes half a minute or more."
)


def downloads(run: Run) -> None:
    """Offer the files of a run; a file is read when it is asked for, not before."""
    at_work = jobs.shown(EXPORT, run=run.id)
    made = exchange.exported(run)
    if made:
        _files(run, made)
        return
    if not at_work:
        st.caption(_(EXPLAINED))
        if st.button(_("Export"), icon=":material/package_2:", disabled=not run.weights(), key="export"):
            jobs.ask(EXPORT, run=run.id)
            st.rerun()
    what = recognised(exchange.WHAT["metrics.csv"])
    _button("metrics.csv", what, lambda: "".join(exchange.csv_lines(run)), run)


def _files(run: Run, made: Export) -> None:
    for file in made.files:
        if file.missing:
            st.caption(f":material/block: {file.name}: {refusal(file.missing)}")
            continue
        said = f"{recognised(exchange.WHAT[file.name])} · {_size(file.size_bytes)}"
        _button(file.name, said, _reader(made.folder / file.name), run)
    if found := made.agreement:
        said = _(
            "int8 and float32 predict the same class for {agreement} of the validation images. Accuracy of "
            "float32: {float32}; of int8: {int8}.",
            agreement=accuracy_in_words(found.agreement, found.n),
            float32=_accuracy(run, found.float_accuracy, found.n),
            int8=_accuracy(run, found.int8_accuracy, found.n),
        )
        st.caption(said)
    elif made.unmeasured:
        why = refusal(made.unmeasured)
        st.caption(_("int8 was not compared with float32: {why}", why=why))


def _accuracy(run: Run, accuracy: float, n: int) -> str:
    """Say an accuracy on ``n`` of the run's validation images, with the mark of those that leaked."""
    known = validation_count(run)
    said = accuracy_in_words(accuracy, n)
    return _("{accuracy}, {mark}", accuracy=said, mark=known.mark) if known and known.mark else said


def _button(name: str, said: str, content: Callable[[], bytes | str], run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            name,
            content,
            file_name=f"{run.id}-{name}",
            icon=":material/download:",
            on_click="ignore",
            key=f"take {name}",
            width=190,
        )
        st.caption(said)


def _reader(path: Path) -> Callable[[], bytes]:
    return path.read_bytes


def _size(size_bytes: int) -> str:
    for unit, size in (("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= size:
            return f"{size_bytes / size:,.1f} {unit}"
    return _("{n} bytes", n=size_bytes)
