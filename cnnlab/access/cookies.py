"""The two cookies: one tells a student again, the other says that a browser came by the teacher's link.

    s1.ID.ISSUED.SIGNATURE      a student
    t1.NUMBER.ENDS.SIGNATURE    a teacher, until ENDS or until it is signed out; also for one token only

Times are whole Unix seconds. Nothing in a cookie is secret but its signature.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cnnlab import workspace
from cnnlab.access import secret
from cnnlab.access.visitor import TEACHER_ID, Role, Visitor

STUDENT_SECONDS = 180 * 86_400
TEACHER_SECONDS = 7 * 86_400
LONGEST = 200
_STUDENT = re.compile(r"(s1\.([0-9a-f]{16})\.(\d{1,12}))\.([\w-]{43})", re.ASCII)
_TEACHER = re.compile(r"(t1\.([0-9a-f]{32})\.(\d{1,12}))\.([\w-]{43})", re.ASCII)


def names() -> tuple[str, str]:
    """Return what the cookies of students and teachers are called.

    Two servers on one machine, with a workspace each, have names of their own: browsers send a cookie to all
    ports.
    """
    return _names(workspace.home())


@lru_cache(maxsize=4)
def _names(home: Path) -> tuple[str, str]:
    mark = hashlib.sha256(secret.signature("name", "").encode()).hexdigest()[:8]
    return f"cnnlab_{mark}", f"cnnlab_teacher_{mark}"


def for_student(student_id: str = "") -> str:
    """Return the cookie of a student, of a new one where no id is given."""
    text = f"s1.{student_id or secrets.token_hex(8)}.{int(time.time())}"
    return f"{text}.{secret.signature('student', text)}"


def for_teacher(token: str) -> str:
    """Return a cookie for whoever has shown the teacher's token."""
    text = f"t1.{secrets.token_hex(16)}.{int(time.time()) + TEACHER_SECONDS}"
    return f"{text}.{secret.signature(_purpose(token), text)}"


def student_in(cookies: Mapping[str, str]) -> tuple[str, int] | None:
    """Return a student's id and when the cookie was issued; None where none is ours, or it is old."""
    found = _matched(_STUDENT, cookies.get(names()[0]))
    if not found or not 0 <= time.time() - int(found[3]) + 60 <= STUDENT_SECONDS + 60:
        return None
    return (found[2], int(found[3])) if secret.is_signed("student", found[1], found[4]) else None


def teacher_in(cookies: Mapping[str, str], token: str) -> str | None:
    """Return the number of a teacher's cookie that is ours, for this token, not over and not signed out."""
    found = _matched(_TEACHER, cookies.get(names()[1]))
    if not found or not time.time() < int(found[3]) <= time.time() + TEACHER_SECONDS + 60:
        return None
    ours = secret.is_signed(_purpose(token), found[1], found[4])
    return found[2] if ours and found[2] not in _signed_out() else None


def visitor_in(cookies: Mapping[str, str], token: str) -> Visitor | None:
    """Return whom the cookies tell of; None where none of them is ours."""
    if teacher_in(cookies, token):
        return Visitor(TEACHER_ID, Role.TEACHER)
    known = student_in(cookies)
    return Visitor(known[0], Role.STUDENT) if known else None


def sign_out(cookies: Mapping[str, str], token: str) -> None:
    """Make a teacher's cookie worth nothing from now on: in every tab, and after a restart.

    Raises:
        OSError: that cannot be written down.
    """
    if number := teacher_in(cookies, token):
        _out.add(number)
        path = secret.folder() / "signed_out"
        with workspace.locked("access"):
            now = int(time.time())
            still = [line for line in _lines(path) if _ends(line) > now]
            path.write_text("".join(f"{line}\n" for line in [*still, f"{number} {now + TEACHER_SECONDS}"]))


_out: set[str] = set()
_read: dict[Path, tuple[int, frozenset[str]]] = {}


def _signed_out() -> frozenset[str] | set[str]:
    """Return the numbers that are signed out; the file is read again once it has changed."""
    path = workspace.home() / "access" / "signed_out"
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return _out
    if _read.get(path, (0,))[0] != changed:
        _read.clear()
        _read[path] = changed, frozenset(line.partition(" ")[0] for line in _lines(path))
    return _out | _read[path][1]


def _lines(path: Path) -> list[str]:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text("ascii").splitlines()
    return []


def _ends(line: str) -> int:
    ends = line.partition(" ")[2]
    return int(ends) if ends.isdigit() else 0


def _purpose(token: str) -> str:
    return f"teacher {hashlib.sha256(token.encode()).hexdigest()}"


def _matched(pattern: re.Pattern[str], value: str | None) -> re.Match[str] | None:
    return pattern.fullmatch(value) if isinstance(value, str) and len(value) <= LONGEST else None
