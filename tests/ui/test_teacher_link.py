"""The routes that give cookies: the teacher's link, and every page for students."""

import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit import config

from cnnlab import access
from cnnlab.access import Door, Role, cookies, entry
from cnnlab.ui import server, teacher_link, visitors
from tests import coroutines

TOKEN = "a-token-of-the-teacher"
PAGE = {"sec-fetch-dest": "document"}


@pytest.fixture(autouse=True)
def door():
    access.hang(Door(TOKEN, is_served=True))
    yield
    access.hang(Door())


class Answer:
    """What the server said: status, headers as they were sent, body."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, list[tuple[str, str]](), b""

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    @property
    def cookies(self) -> dict[str, str]:
        jar = SimpleCookie()
        for value in self.all("set-cookie"):
            jar.load(value)
        return {name: morsel.value for name, morsel in jar.items()}


def asked(
    path: str, method: str = "GET", body: bytes = b"", client: str = "10.0.0.1", **headers: str
) -> Answer:
    """Ask the app as a browser does, without a network."""
    routes = [*server.routes(), Route("/{rest:path}", lambda request: PlainTextResponse("a page"))]
    app = Starlette(routes=routes, middleware=server.middleware())
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        **{"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path},
        **{"raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http"},
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        **{"client": (client, 5), "server": ("school", 80)},
    }
    answer, left = Answer(), [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict:
        return left.pop() if left else {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = [(name.decode(), value.decode()) for name, value in message["headers"]]
        answer.body += message.get("body", b"")

    coroutines.run(app(scope, receive, send))
    return answer


def sign_in(token: str = TOKEN, **headers: str) -> Answer:
    return asked("/cnnlab/teacher", "POST", urlencode({"token": token}).encode(), **headers)


def as_header(known: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in known.items())


def test_every_page_gives_a_new_browser_a_cookie_that_is_its_student_from_then_on():
    first, second = (asked("/train", **PAGE) for _ in range(2))
    assert first.cookies != second.cookies
    known = access.door().visitor(first.cookies, {})
    assert known.role is Role.STUDENT
    again = asked("/", cookie=as_header(first.cookies), **PAGE)
    assert again.cookies == {}


def test_cookies_are_out_of_reach_of_scripts_and_other_sites():
    for answer in (asked("/", **PAGE), sign_in()):
        [cookie] = answer.all("set-cookie")
        words = {word.strip().lower() for word in cookie.split(";")}
        assert {"httponly", "samesite=lax", "path=/"} <= words
        assert "secure" not in words
    for answer in (asked("/", x_forwarded_proto="https", **PAGE), sign_in(x_forwarded_proto="https")):
        assert "secure" in answer.all("set-cookie")[0].lower()


def test_cookies_hold_below_the_path_of_the_server(monkeypatch):
    monkeypatch.setattr(config, "get_option", lambda name: "class/room" if "baseUrl" in name else None)
    assert "Path=/class/room;" in asked("/class/room/train", **PAGE).all("set-cookie")[0]
    answer = asked("/class/room/cnnlab/teacher", "POST", f"token={TOKEN}".encode())
    assert answer.all("location") == ["/class/room/"]
    assert "Path=/class/room;" in answer.all("set-cookie")[0]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/_stcore/health", PAGE),
        ("/static/js/index.js", {"sec-fetch-dest": "script"}),
        ("/cnnlab/pulse", {"sec-fetch-dest": "empty"}),
        ("/media/x.png", {"accept": "image/png"}),
    ],
)
def test_what_is_no_page_gets_no_cookie(path, headers):
    assert asked(path, **headers).cookies == {}


def test_where_there_are_no_roles_nobody_gets_a_cookie():
    access.hang(Door(is_served=True))
    assert asked("/", **PAGE).cookies == {}
    assert sign_in().status == 403


def test_a_forged_cookie_is_replaced_by_an_honest_one_and_an_old_one_renewed(monkeypatch):
    name = cookies.names()[0]
    assert name in asked("/", cookie=f"{name}=s1.{'a' * 16}.1700000000.{'A' * 43}", **PAGE).cookies
    old = asked("/", **PAGE).cookies
    owner = access.door().visitor(old, {}).id
    now = teacher_link.time.time()
    monkeypatch.setattr(teacher_link.time, "time", lambda: now + 0.6 * cookies.STUDENT_SECONDS)
    renewed = asked("/", cookie=as_header(old), **PAGE).cookies
    assert renewed != old
    assert access.door().visitor(renewed, {}).id == owner


def test_the_token_in_the_body_of_a_form_makes_a_teacher_and_leads_on_to_the_app():
    answer = sign_in()
    assert (answer.status, answer.all("location")) == (303, ["/"])
    assert access.door().visitor(answer.cookies, {}).role is Role.TEACHER
    assert answer.all("referrer-policy") == ["no-referrer"]
    assert answer.all("cache-control") == ["no-store"]


def test_the_page_of_the_link_holds_no_token_and_runs_no_script_but_its_own():
    answer = asked("/cnnlab/teacher")
    assert answer.status == 200
    [policy] = answer.all("content-security-policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    said = answer.body.decode()
    assert TOKEN not in said
    assert re.search(r"location\.hash", said)
    assert re.search(r"replaceState", said)


@pytest.mark.parametrize("token", ["wrong-wrong-wrong", "", "<script>alert(1)</script>", "x" * 5_000, "é\0"])
def test_anything_else_is_refused_in_one_sentence_without_an_echo(token):
    answer = sign_in(token)
    assert answer.status == 403
    assert answer.cookies == {}
    assert "<script>alert" not in answer.body.decode()
    assert not token or token not in answer.body.decode()


@pytest.mark.parametrize("body", [b"\xff", b"token", b"&" * 900, b"token=%ff", b'{"token": 5}', b"x" * 10**6])
def test_a_body_that_is_no_form_is_refused(body):
    assert asked("/cnnlab/teacher", "POST", body).status == 403


def test_a_form_on_another_site_signs_nobody_in():
    assert sign_in(sec_fetch_site="cross-site").status == 403
    assert sign_in(sec_fetch_site="same-origin").status == 303


def test_guesses_are_slowed_by_the_address_that_they_come_from():
    for _ in range(entry.TRIES):
        assert sign_in("wrong-wrong-wrong").status == 403
    assert sign_in().status == 403
    assert sign_in(client="10.0.0.2").status == 303
    assert sign_in(client="127.0.0.1", x_forwarded_for="6.6.6.6, 10.0.0.3").status == 303


def test_an_address_that_a_client_makes_up_counts_only_from_the_proxy_of_this_machine():
    for number in range(entry.TRIES):
        sign_in("wrong-wrong-wrong", client="10.0.0.9", x_forwarded_for=f"1.1.1.{number}")
    assert sign_in(client="10.0.0.9", x_forwarded_for="1.1.1.99").status == 403


def test_a_route_knows_who_asks():
    from starlette.requests import Request

    known = sign_in().cookies
    scope = {"type": "http", "headers": [(b"cookie", as_header(known).encode())]}
    assert visitors.of_request(Request(scope)).role is Role.TEACHER
    assert visitors.of_request(Request({"type": "http", "headers": []})) == access.GUEST


@pytest.mark.parametrize(
    ("where", "alone"),
    [
        *((where, True) for where in ("localhost", "127.0.0.1", "::1", "unix:///tmp/x")),
        *((where, False) for where in (None, "", "0.0.0.0", "::", "192.168.1.2", "school")),
    ],
)
def test_only_a_server_that_its_own_machine_alone_can_reach_has_no_roles(where, alone, monkeypatch, capsys):
    monkeypatch.delenv(entry.VARIABLE, raising=False)
    monkeypatch.setattr(teacher_link, "_set_token", lambda: (None, ""))
    options = {"server.address": where, "server.baseUrlPath": "", "server.port": 8501}
    monkeypatch.setattr(config, "get_option", options.get)
    monkeypatch.setattr(teacher_link, "address", lambda host: f"http://{host}:8501")
    teacher_link.hang_door()
    printed = capsys.readouterr().out
    assert access.door().has_roles is not alone
    assert ("/cnnlab/teacher#" in printed) is not alone
    teacher_link.hang_door()
    assert capsys.readouterr().out == printed  # the same link after a restart


PROXIED = {"host": "hub.school.edu", "origin": "https://hub.school.edu", "x-forwarded-for": "10.0.0.7"}


@pytest.mark.parametrize(
    ("where", "value", "token", "alone"),
    [
        ("127.0.0.1", "1", None, True),
        ("127.0.0.1", "", None, False),
        ("127.0.0.1", "yes", None, False),
        ("0.0.0.0", "1", None, False),  # whoever is in the network would have all rights
        ("127.0.0.1", "1", TOKEN, False),
    ],
)
def test_behind_a_proxy_one_person_is_alone_only_where_that_is_said_and_no_network_listens(
    where, value, token, alone, monkeypatch
):
    monkeypatch.setenv(entry.SINGLE_USER, value)
    monkeypatch.setattr(teacher_link, "_set_token", lambda: (token, ""))
    options = {"server.address": where, "server.baseUrlPath": "", "server.port": 8501}
    monkeypatch.setattr(config, "get_option", options.get)
    monkeypatch.setattr(teacher_link, "address", lambda host: f"http://{host}:8501")
    teacher_link.hang_door()
    assert access.door().visitor({}, PROXIED).has_all_rights is alone


def test_a_token_that_is_set_is_not_printed_and_one_that_cannot_be_is_replaced(monkeypatch, capsys):
    monkeypatch.setattr(teacher_link, "address", lambda host: f"http://{host}:8501")
    monkeypatch.setenv(entry.VARIABLE, TOKEN)
    teacher_link.hang_door()
    printed = capsys.readouterr().out
    assert TOKEN not in printed
    assert "/cnnlab/teacher" in printed
    assert access.door().let_in(TOKEN, "")
    monkeypatch.setenv(entry.VARIABLE, "1234")
    teacher_link.hang_door()
    printed = capsys.readouterr().out
    assert entry.VARIABLE in printed
    assert access.door().has_roles
    assert re.search(r"/cnnlab/teacher#\S{20,}", printed)


def test_the_token_does_not_reach_the_processes_of_the_server(monkeypatch):
    from cnnlab import workspace

    monkeypatch.setenv(entry.VARIABLE, TOKEN)
    monkeypatch.setenv("teacher_token", TOKEN)
    assert TOKEN not in str(workspace.child_environment())
