"""Numbers and names as people read them."""

import re
import time

from cnnlab.inference import ImageCount, accuracy_in_words
from cnnlab.languages import _, recognised, texts
from cnnlab.plain_text import apart, one_line
from cnnlab.runs import Overview, Status

STATE_ICONS = {
    "queued": ":material/hourglass_empty:",
    "starting": ":material/rocket_launch:",
    "running": ":material/play_circle:",
    "stopping": ":material/pending:",
    "stopped": ":material/stop_circle:",
    "finished": ":material/check_circle:",
    "failed": ":material/error:",
    "interrupted": ":material/power_off:",
}
STATES = texts(("queued", "starting", "running", "stopping", "stopped", "finished", "failed", "interrupted"))
"""Of runs and other jobs; a page says ``_(status.state)``."""
PAGES = texts(
    {
        "home": "Home",
        "lessons": "Lessons",
        "data": "Data",
        "collect": "Collect",
        "concepts": "Concepts",
        "architecture": "Architecture",
        "train": "Train",
        "runs": "Runs",
        "experiments": "Experiments",
        "classify": "Classify",
        "before_class": "Before class",
    }
)
"""What each page is called."""
OF_THE_SYSTEM = texts(
    (
        "No space left on device",
        "Disk quota exceeded",
        "Read-only file system",
        "Input/output error",
        "Permission denied",
        "Operation not permitted",
        "File name too long",
        "Too many open files",
        "No such file or directory",
        "File exists",
        "Not a directory",
        "Is a directory",
        "the name is taken",
        "it is gone",
    )
)
"""Reasons why a file could not be read or written, which sentences quote."""


_MARKUP = r"[\\`*_{}\[\]()#+!|<>~$&=-]"
_APART = r"(?<=[Ww]{3})\.|@|:(?=\S)|(?<=-)[->]|<(?=-)|(?<=[<>!~+])=|(?<=\+)-"
_SHOWN_OTHERWISE = re.compile(f"(?P<apart>{_APART})|{_MARKUP}")
_ITEM = re.compile(r"^(\d+)\.")


def plain(text: str) -> str:
    """Return people's text so that Streamlit's Markdown shows it letter for letter, on one line.

    A backslash is not enough where Streamlit looks for words after it has read the Markdown: addresses
    (``http://a.b``, ``www.a.b``, ``a@b.c``) become links, ``:smile:`` and ``:material/home:`` icons, and
    ``->`` an arrow. A character of these stands in a directive of its own, which shows as a bare ``<span>``:
    what people see, and copy, is the text as it was.
    """
    return _ITEM.sub(r"\1\\.", _SHOWN_OTHERWISE.sub(_as_written, apart(one_line(text))))


def refusal(error: Exception | str) -> str:
    """Return the sentence of an error for Markdown, in the language of the page."""
    return plain(recognised(str(error)))


def _as_written(found: re.Match[str]) -> str:
    character = found[0]
    escaped = character if character in ".@:" else f"\\{character}"
    return f":color[{escaped}]" if found["apart"] else escaped


def duration(seconds: float) -> str:
    """Say a time span with one or two units, such as ``8 s``, ``1 min 20 s`` or ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def progress(status: Status, images: int | None = None) -> str:
    """Say in a few words how far a run has come; ``images`` are those it is validated on, if known."""
    words = [_(status.state)] if status.state != "running" else []
    if status.state not in {"queued", "starting"} and status.epoch < status.epochs:
        words.append(_("epoch {n} of {epochs}", n=epoch_at_work(status), epochs=status.epochs))
    if status.best_val_accuracy is not None:
        words.append(_("best {accuracy}", accuracy=accuracy_in_words(status.best_val_accuracy, images)))
    return " · ".join(words)


def epoch_at_work(status: Status) -> int:
    """Return the epoch that is being trained, else the number of those that were."""
    return min(status.epoch + (status.state in {"running", "stopping"}), status.epochs)


def described(seen: Overview) -> str:
    """Tell a run from others in a list to choose from: its title, how far it has come, when it was made."""
    return f"{seen.title} · {progress(seen.status, ImageCount.of(seen))} · {created(seen.status)}"


def created(status: Status) -> str:
    """Say when a run was asked for, on the server's clock: it tells runs of one title apart."""
    return time.strftime(_("%d %b, %H:%M"), time.localtime(status.created))


def page_title(name: str) -> str:
    """Return what a page is called, by the name of its file, in the language of the page."""
    return _(PAGES[name])
