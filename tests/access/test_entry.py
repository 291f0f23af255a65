"""Cookies that prove something, and all the others; the teacher's token, and guesses at it."""

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cnnlab import access
from cnnlab.access import GUEST, SHELL, Door, Role, cookies, entry, secret
from cnnlab.errors import AccessError

TOKEN = "a-token-of-the-teacher"
OWN = {"host": "localhost:8501"}


@pytest.fixture
def with_teacher() -> Door:
    return Door(TOKEN, is_served=True)


def jar(student: str = "", teacher: str = "") -> dict[str, str]:
    return {name: value for name, value in zip(cookies.names(), (student, teacher), strict=True) if value}


def test_cookies_tell_students_apart_and_know_them_again(with_teacher):
    one, two = cookies.for_student(), cookies.for_student()
    found = [with_teacher.visitor(jar(value), OWN) for value in (one, two, one)]
    assert all(visitor.role is Role.STUDENT for visitor in found)
    assert found[0] == found[2] != found[1]


def test_the_token_makes_a_teacher_until_the_cookie_is_signed_out_everywhere(with_teacher):
    known = jar(cookies.for_student(), with_teacher.let_in(f" {TOKEN}\n", "1.2.3.4"))
    assert with_teacher.visitor(known, OWN).role is Role.TEACHER
    with_teacher.sign_out(known)
    assert with_teacher.visitor(known, OWN).role is Role.STUDENT
    cookies._out.clear()  # as after a restart, and in another server
    assert Door(TOKEN, is_served=True).visitor(known, OWN).role is Role.STUDENT
    assert with_teacher.visitor(jar(teacher=with_teacher.let_in(TOKEN, "")), OWN).role is Role.TEACHER


def test_a_cookie_of_another_token_or_workspace_is_worth_nothing(with_teacher, monkeypatch, tmp_path):
    known = jar(cookies.for_student(), with_teacher.let_in(TOKEN, ""))
    assert Door("another-token-altogether").visitor(known, OWN).role is Role.STUDENT
    names = cookies.names()
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "other"))
    foreign = dict(zip(cookies.names(), known.values(), strict=True))
    assert cookies.names() != names  # two servers on one machine do not overwrite each other's
    assert with_teacher.visitor(foreign, OWN) == GUEST


def forged(value: str) -> list[str]:
    head, _, signature = value.rpartition(".")
    kind, middle, last = head.split(".")
    return [
        head,
        f"{head}.",
        f"{head}.{'A' * 43}",
        f"{kind}.{middle[:-1]}{'0' if middle[-1] != '0' else '1'}.{last}.{signature}",
        f"{kind}.{middle}.{int(last) + 1}.{signature}",
        f"{'t1' if kind == 's1' else 's1'}.{middle}.{last}.{signature}",
        f"{value}x",
        f"{head}.{signature[:-1]}é",
        f"{kind}.{middle}.٣{last[1:]}.{signature}",
        "",
        "x" * 100_000,
        "s1.teacher.1.x",
    ]


def test_forged_cookies_are_students_without_rights(with_teacher):
    for value in forged(cookies.for_student()):
        assert with_teacher.visitor(jar(student=value), OWN) == GUEST
    for value in forged(with_teacher.let_in(TOKEN, "")):
        assert with_teacher.visitor(jar(teacher=value), OWN) == GUEST


def test_a_students_cookie_in_the_teachers_place_is_no_teacher(with_teacher):
    assert with_teacher.visitor(jar(teacher=cookies.for_student()), OWN) == GUEST
    assert with_teacher.visitor(jar(student=with_teacher.let_in(TOKEN, "")), OWN) == GUEST


def test_cookies_end(with_teacher, monkeypatch):
    known = jar(cookies.for_student(), with_teacher.let_in(TOKEN, ""))
    now = time.time()
    monkeypatch.setattr(cookies.time, "time", lambda: now + cookies.TEACHER_SECONDS + 1)
    assert with_teacher.visitor(known, OWN).role is Role.STUDENT
    monkeypatch.setattr(cookies.time, "time", lambda: now + cookies.STUDENT_SECONDS + 61)
    assert with_teacher.visitor(known, OWN) == GUEST
    monkeypatch.setattr(cookies.time, "time", lambda: now - 86_400)  # issued by a clock that went wrong
    assert with_teacher.visitor(jar(student=known[cookies.names()[0]]), OWN) == GUEST


def test_guesses_are_counted_by_address_and_the_teacher_elsewhere_comes_in(with_teacher, monkeypatch):
    for _ in range(entry.TRIES):
        with pytest.raises(AccessError, match="not the teacher"):
            with_teacher.let_in("wrong-wrong-wrong", "10.0.0.1")
    with pytest.raises(AccessError, match="Too many"):
        with_teacher.let_in(TOKEN, "10.0.0.1")
    assert with_teacher.let_in(TOKEN, "10.0.0.2")
    now = time.monotonic()
    monkeypatch.setattr(entry.time, "monotonic", lambda: now + entry.PAUSE_SECONDS + 1)
    assert with_teacher.let_in(TOKEN, "10.0.0.1")


def test_guesses_of_very_many_addresses_are_slowed_too_and_take_no_memory(with_teacher):
    with pytest.raises(AccessError, match="Too many"):
        for number in range(3 * entry.TRIES_OF_ALL):
            try:
                with_teacher.let_in("wrong-wrong-wrong", f"10.0.{number}")
            except AccessError as error:
                if "Too many" in str(error):
                    raise
    assert len(with_teacher._tries._of) <= entry.MOST_ADDRESSES


@pytest.mark.parametrize("shown", ["", "x", TOKEN.upper(), TOKEN[:-1], "é" * 20, "\0", TOKEN + "x"])
def test_only_the_token_itself_opens(with_teacher, shown):
    with pytest.raises(AccessError):
        with_teacher.let_in(shown, "")


@pytest.mark.parametrize("token", ["short", "has spaces in it", "ü" * 20, "x" * 201, ""])
def test_a_token_that_is_too_easy_or_no_part_of_an_address_is_refused_in_one_sentence(token):
    with pytest.raises(AccessError) as refused:
        entry.checked(token)
    assert entry.VARIABLE in str(refused.value)


def test_the_door_tells_nobody_its_token(with_teacher):
    assert TOKEN not in repr(with_teacher) + str(vars(access))


@pytest.mark.parametrize(
    ("headers", "alone"),
    [
        ({"host": "localhost:8501", "origin": "http://localhost:8501"}, True),
        ({"host": "127.0.0.1:8501"}, True),
        ({"host": "[::1]:8501"}, True),
        ({"host": "school.example"}, False),
        ({"host": "192.168.1.5:8501"}, False),
        ({"host": "localhost:8501", "origin": "http://school.example"}, False),
        ({"host": "localhost:8501", "x-forwarded-for": "10.0.0.1"}, False),
        ({"host": "localhost:8501", "forwarded": "for=10.0.0.1"}, False),
        ({"host": "localhost.evil.example"}, False),
        ({"host": "[::1"}, False),
        ({"host": ""}, False),
        ({}, False),
    ],
)
def test_without_a_token_only_who_asks_for_this_machine_itself_is_alone(headers, alone):
    assert Door(is_served=True).visitor({}, headers) == (SHELL if alone else GUEST)


def test_without_roles_no_token_opens_anything():
    with pytest.raises(AccessError):
        Door(is_served=True).let_in("", "")


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes there")
def test_secrets_are_for_the_owner_of_the_server_alone(home):
    cookies.for_student()
    entry.made()
    folder = home / "access"
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "secret", folder / "teacher_token")
    ]
    assert modes == [0o700, 0o600, 0o600]
    (folder / "teacher_token").chmod(0o644)
    entry.made()
    assert stat.S_IMODE((folder / "teacher_token").stat().st_mode) == 0o600


def test_servers_that_begin_at_the_same_moment_have_one_secret_and_one_token(home):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda number: secret.kept("secret", f"{number:064}"), range(8)))
        tokens = set(pool.map(lambda _: entry.made(), range(8)))
    assert len(found) == len(tokens) == 1
    assert (home / "access" / "secret").read_text() in found


def test_a_damaged_secret_is_replaced_and_a_workspace_without_room_has_one_while_the_server_lasts(
    home, monkeypatch
):
    (home / "access").mkdir(parents=True)
    (home / "access" / "secret").write_bytes(b"\xff")
    assert len(secret.kept("secret", "x" * 64)) == 64

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(secret, "kept", full)
    secret._secret.cache_clear()
    value = cookies.for_student()
    assert cookies.student_in(jar(value))
    secret._secret.cache_clear()
