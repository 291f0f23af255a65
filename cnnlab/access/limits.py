"""How much one student may take, in ``CNNLAB_HOME/limits.json``; the teacher and whoever is alone: anything.

    {"queued_runs": 3, "epochs": 50}

What the file leaves out is as usual. A value that cannot be is said in one sentence, and is as usual too.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

from cnnlab import workspace
from cnnlab.access.visitor import current, require
from cnnlab.errors import AccessError
from cnnlab.languages import texts
from cnnlab.shelf import write_json

NAME = "limits.json"
MOST_BYTES = 10_000


@dataclass(frozen=True)
class Limit:
    """One limit: its name for people with its unit, and the least and the most that it can be."""

    label: str
    low: int
    high: int


@dataclass(frozen=True)
class Limits:
    """What one student may have or ask for; the last two hold for all students together.

    Args:
        queued_runs: that wait at a time.
        running_runs: that train at a time, where there are several GPUs; the others wait.
        epochs: of a run in total.
        image_size: of a run, in pixels.
        parameters: of a network that is trained.
        jobs: exports, evaluations, imports, projections and range tests, waiting or at work.
        upload_mb: in one upload.
        disk_mb: all runs and datasets together.
        server_queued_runs: that wait at a time, of all students.
        server_disk_gb: of the whole workspace; 0: as much as the disk has.
    """

    queued_runs: int = 3
    running_runs: int = 1
    epochs: int = 100
    image_size: int = 256
    parameters: int = 75_000_000
    jobs: int = 3
    upload_mb: int = 100
    disk_mb: int = 4_000
    server_queued_runs: int = 100
    server_disk_gb: int = 0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> tuple["Limits", list[str]]:
        """Return the limits that a document sets, and a sentence for each part of it that cannot be."""
        usable, odd = {}, []
        for name, value in values.items():
            if (known := ALL.get(name)) is None:
                named = str(name)[:40]
                odd.append(texts(f"There is no limit called {named!a}; known are {', '.join(ALL)}."))
            elif not (type(value) is int and known.low <= value <= known.high):
                given = str(value)[:40]
                odd.append(
                    texts(
                        f"{known.label} must be a whole number from {known.low:,} to {known.high:,}, "
                        f"not {given}."
                    )
                )
            else:
                usable[name] = value
        return cls(**usable), odd


ALL: Mapping[str, Limit] = {
    "queued_runs": Limit("Queued runs", 0, 1_000),
    "running_runs": Limit("Runs in training", 1, 1_000),
    "epochs": Limit("Epochs of a run", 1, 10_000),
    "image_size": Limit("Image size in pixels", 8, 1_024),
    "parameters": Limit("Parameters of a network", 1_000, 2_000_000_000),
    "jobs": Limit("Jobs at once", 0, 1_000),
    "upload_mb": Limit("Upload in MB", 1, 10_000),
    "disk_mb": Limit("Disk space in MB", 10, 10_000_000),
    "server_queued_runs": Limit("Queued runs of all students", 0, 10_000),
    "server_disk_gb": Limit("Server disk in GB (0: all of it)", 0, 1_000_000),
}
"""All limits by their names in the file."""
assert list(ALL) == [field.name for field in fields(Limits)]

_kept: dict[Path, tuple[tuple[int, int], Limits, str]] = {}


def read() -> Limits:
    """Return the limits as they are now; the file is read again once it has changed."""
    return _read()[0]


def problem() -> str:
    """Say in one sentence what of the file cannot be used, for the teacher; empty where all can."""
    return _read()[1]


def _read() -> tuple[Limits, str]:
    path = workspace.home() / NAME
    try:
        now = path.stat()
    except OSError:
        return Limits(), ""
    stamp = (now.st_mtime_ns, now.st_size)
    if (known := _kept.get(path)) is None or known[0] != stamp:
        _kept.clear()
        _kept[path] = known = (stamp, *_parsed(path))
    return known[1:]


def _parsed(path: Path) -> tuple[Limits, str]:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        values = json.loads(content)
        if len(content) > MOST_BYTES or not isinstance(values, dict):
            raise ValueError
    except (OSError, ValueError, RecursionError):
        return Limits(), texts(
            f"{NAME} is no JSON object with limits, so the usual ones hold; mend or delete it."
        )
    found, odd = Limits.of(values)
    return found, texts(f"limits.json: {odd[0]}") if odd else ""


def change(new: Mapping[str, int]) -> Limits:
    """Keep other limits; those that are not named stay as they are.

    Raises:
        AccessError: only the teacher may; a value cannot be; or the file cannot be written.
    """
    require(None, "change the limits")
    found, odd = Limits.of(asdict(read()) | dict(new))
    if odd:
        raise AccessError(odd[0])
    path = workspace.home() / NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, asdict(found))
    except OSError as error:
        raise AccessError(f"{path} cannot be written ({error.strerror}); free some space.") from error
    _kept.pop(path, None)
    return found


def check_settings(
    epochs: int | None = None, image_size: int | None = None, parameters: int | None = None
) -> None:
    """Refuse a run that is larger than the current visitor may ask for; what is None is not looked at.

    Raises:
        AccessError: it is; the sentence says the limit.
    """
    if current().has_all_rights:
        return
    most = read()
    if epochs is not None and epochs > most.epochs:
        raise AccessError(
            f"A student's run may have up to {most.epochs:,} epochs, not {epochs:,}; set fewer."
        )
    if image_size is not None and image_size > most.image_size:
        raise AccessError(
            f"A student's run may have images of up to {most.image_size:,} pixels, not {image_size:,}; "
            "set a smaller image size."
        )
    if parameters is not None and parameters > most.parameters:
        raise AccessError(
            f"A student may train networks of up to {most.parameters:,} parameters, not {parameters:,}; "
            "choose a smaller network or image size."
        )


def check_queue(mine_queued: int, all_queued: int) -> None:
    """Refuse another run where the current visitor, or all students together, have enough that wait.

    Raises:
        AccessError: they have.
    """
    if current().has_all_rights:
        return
    most = read()
    if mine_queued >= most.queued_runs:
        runs = most.queued_runs
        raise AccessError(
            f"A student may have {runs:,} run in the queue; wait until one of yours has begun, or stop one."
            if runs == 1
            else f"A student may have {runs:,} runs in the queue; wait until one of yours has begun, or "
            "stop one."
        )
    if all_queued >= most.server_queued_runs:
        raise AccessError(
            f"{most.server_queued_runs:,} runs of students wait already, which is the limit of this server; "
            "try again later."
        )


def check_jobs(mine: int) -> None:
    """Refuse another job where the current visitor has enough of them.

    Raises:
        AccessError: they have.
    """
    most = read().jobs
    if not current().has_all_rights and mine >= most:
        raise AccessError(
            f"A student may have {most:,} job at once, such as exports; wait until one of yours is done, "
            "or stop it."
            if most == 1
            else f"A student may have {most:,} jobs at once, such as exports; wait until one of yours is "
            "done, or stop it."
        )


def check_upload(size_bytes: int) -> None:
    """Refuse an upload that is larger than the current visitor may bring.

    Raises:
        AccessError: it is.
    """
    most = read().upload_mb
    if not current().has_all_rights and size_bytes > most * 10**6:
        raise AccessError(
            f"A student may upload {most:,} MB at a time, not {size_bytes / 1e6:,.1f} MB; choose fewer or "
            "smaller files."
        )


def check_upload_of(file: Path | BinaryIO) -> None:
    """Refuse a file that is larger than the current visitor may bring.

    Raises:
        AccessError: it is.
    """
    if isinstance(file, Path):
        size = file.stat().st_size if file.is_file() else 0
    else:
        at = file.tell()
        size = file.seek(0, 2)
        file.seek(at)
    check_upload(size)
