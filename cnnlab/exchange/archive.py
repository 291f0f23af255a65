"""A run as one ZIP. What it says of this computer, paths and processes, stays here."""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO

from cnnlab import strict_json
from cnnlab.exchange.documents import MOST_LINES
from cnnlab.runs import Run
from cnnlab.runs.lineage import TRAINED_ON

FORMAT = 1
MANIFEST = "cnnlab-run.json"
BEST, LAST = "checkpoints/best.keras", "checkpoints/last.keras"
_CHUNK = 2**20


def write_archive(
    run: Run, archive: Path, best: Path, extras: list[Path], progress: Callable[[float], None]
) -> None:
    """Write a ZIP that ``open_run`` reads: the run's documents and weights, and ``extras`` beside them.

    Nothing is compressed twice: weights are numbers that do not shrink.

    Args:
        run: the run.
        archive: where to write.
        best: the model file of the best weights.
        extras: files for people, put beside the documents.
        progress: told how far it is, 0 to 1.
    """
    files = {BEST: best, **{path.name: path for path in extras}}
    if last := run.checkpoint("last"):
        files[LAST] = last
    for name in ("evaluation.json", "metrics.jsonl", TRAINED_ON):
        if (run.folder / name).is_file():
            files[name] = run.folder / name
    total, done = sum(path.stat().st_size for path in files.values()) or 1, 0
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for name, document in _documents(run).items():
            target.writestr(name, strict_json.dumps(document, indent=1))
        for name, path in files.items():
            packed = (
                zipfile.ZIP_STORED if path.suffix in {".keras", ".npz", ".tflite"} else zipfile.ZIP_DEFLATED
            )
            entry = zipfile.ZipInfo.from_file(path, name)
            entry.compress_type = packed
            with path.open("rb") as source, target.open(entry, "w") as member:
                for chunk in _shortened(source) if name == "metrics.jsonl" else _chunks(source):
                    member.write(chunk)
                    done += len(chunk)
                    progress(min(1.0, done / total))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _shortened(log: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a history; of more than ``open_run`` reads only every so many of its batches."""
    lines = sum(chunk.count(b"\n") for chunk in _chunks(log))
    apart = -(-lines // MOST_LINES)
    apart += apart > 1  # the rows of epochs are all kept
    log.seek(0)
    for number, line in enumerate(log):
        if number % apart == 0 or not line.startswith(b'{"kind": "batch"'):
            yield line


def _documents(run: Run) -> dict[str, object]:
    dataset = Path(run.config.dataset).name
    config = run.config.changed(title=run.title, dataset=dataset).to_dict()
    facts = run.model_facts.to_dict() | {"dataset": dataset}
    state = run.status()
    state = replace(state, state="stopped") if state.is_active else state
    quiet = replace(state, process=None, slot=None, error=None, message="", heartbeat=0.0)
    return {
        MANIFEST: {"format": FORMAT, "run": run.id},
        "config.json": {"config": config},
        "model.json": facts,
        "status.json": asdict(quiet),
    }
