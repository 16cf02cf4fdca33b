"""Nobody but the browser that opened the link gets anything, and only the page itself changes anything."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facelib.errors import InputError
from facelib.review.catalogue import Catalogue
from facelib.review.guard import Guard
from facelib.review.server import ReviewServer
from facelib.settings import Settings
from facelib.stages.suggestions import suggest
from facelib.store import people
from facelib.store.gallery import Gallery
from tests.review.conftest import Drawn, Serve

JSON = "application/json"


class Client:
    """Speaks HTTP as given, without the manners of a browser."""

    def __init__(self, server: ReviewServer) -> None:
        self.port = server.port
        self.token = server.guard.token
        self.host = f"127.0.0.1:{self.port}"
        self.cookie = ""

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        link.putrequest(method, path, skip_host=True)
        sent = {"Host": self.host} | ({"Cookie": self.cookie} if self.cookie else {}) | {k.replace("_", "-"): v for k, v in headers.items()}
        content = b"" if body is None else json.dumps(body).encode()
        sent["Content-Length"] = str(len(content))
        for key, value in sent.items():
            link.putheader(key, value)
        link.endheaders(content)
        answer = link.getresponse()
        result = answer.status, dict(answer.getheaders()), answer.read()
        link.close()
        return result

    def enter(self) -> None:
        _, headers, _ = self.send("GET", f"/?token={self.token}")
        self.cookie = headers["Set-Cookie"].partition(";")[0]

    def change(self, action: str, body: Any, **headers: str) -> int:
        own = {"Origin": f"http://{self.host}", "X_Facelib": "1", "Content_Type": JSON}
        return self.send("POST", f"/api/do/{action}", body, **(own | headers))[0]


@pytest.fixture
def client(serve: Serve, drawn: Drawn) -> Client:
    return Client(serve(drawn.path))


def test_without_the_cookie_there_is_nothing(client: Client) -> None:
    pages = "/ /static/app.js /api/cards /api/names /face/1.jpg /photo/1.jpg /?token= /?token=wrong /api/x?token=y"
    for path in pages.split():
        status, _, content = client.send("GET", path)
        assert status == 403, path
        assert b"Ana" not in content
    assert client.change("name", {"target": "c1", "name": "Ana"}) == 403


def test_the_token_works_once_and_the_cookie_is_kept_from_scripts(client: Client) -> None:
    status, headers, content = client.send("GET", f"/?token={client.token}")
    assert status == 200
    assert client.token.encode() not in content
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(headers["Set-Cookie"].split("; "))
    assert client.send("GET", f"/?token={client.token}")[0] == 403
    client.cookie = headers["Set-Cookie"].partition(";")[0]
    assert client.send("GET", "/")[0] == 200
    assert client.send("GET", f"/?token={client.token}")[0] == 200, "the same browser may open the link again"


def test_a_foreign_host_is_refused(client: Client) -> None:
    client.enter()
    for host in ("evil.example", f"evil.example:{client.port}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1:{client.port}.evil.example", ""):
        assert client.send("GET", "/api/cards", Host=host)[0] in (400, 421), host
    assert client.send("GET", "/api/cards", Host=f"localhost:{client.port}")[0] == 200


def test_a_foreign_origin_and_a_forged_request_are_refused(client: Client, drawn: Drawn) -> None:
    client.enter()
    wanted = {"target": "c1", "name": "Ana"}
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://localhost:{client.port}"},
        {"Origin": f"http://127.0.0.1:{client.port + 1}"},
        {"Origin": ""},
        {"X_Facelib": "0"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site"},
    ):
        assert client.change("name", wanted, **headers) == 403, headers
    assert client.send("GET", "/api/do/name")[0] == 405
    with Gallery.read(drawn.path) as gallery:
        assert people.people(gallery) == {}
    assert client.change("name", wanted) == 200
    with Gallery.read(drawn.path) as gallery:
        assert [person.name for person in people.people(gallery).values()] == ["Ana"]


def test_every_answer_is_hardened(client: Client) -> None:
    closed = client.send("GET", "/")
    client.enter()
    answers = [client.send("GET", path) for path in "/ /static/app.js /api/cards /face/1.jpg /face/0.jpg".split()]
    for status, headers, _ in (closed, *answers):
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; "), status
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in headers
        assert "Python" not in headers.get("Server", "") and "Werkzeug" not in headers.get("Server", "")


BAD = [
    ("name", {}),
    ("name", {"target": "c999", "name": "Ana"}),
    ("name", {"target": "Ana", "name": "Ben"}),
    ("name", {"target": "c\u0661", "name": "Ana"}),
    ("name", {"target": "c1", "name": ""}),
    ("name", {"target": "c1", "name": "a\u202eb"}),
    ("name", {"target": "c1", "name": "x" * 201}),
    ("name", {"target": "c1", "name": 5}),
    ("merge", {"targets": []}),
    ("merge", {"targets": ["c1"]}),
    ("merge", {"targets": ["c1", "c1"]}),
    ("merge", {"targets": "c1"}),
    ("reject", {"target": "c1", "faces": []}),
    ("reject", {"target": "c1", "faces": [True]}),
    ("reject", {"target": "c1", "faces": ["1"]}),
    ("reject", {"target": "c1", "faces": [10**9]}),
    ("hide", {"targets": [None]}),
    ("ignore", {"photos": 0}),
    ("ignore", {"photos": "all"}),
    ("different", {"first": "c1"}),
    ("someone", {"faces": [1], "name": "7"}),
    ("undo", {}),
]


@pytest.mark.parametrize(("action", "body"), BAD)
def test_bad_input_is_refused_in_a_sentence_and_changes_nothing(client: Client, drawn: Drawn, action: str, body: Any) -> None:
    client.enter()
    headers = {"Origin": f"http://{client.host}", "X_Facelib": "1", "Content_Type": JSON}
    status, _, content = client.send("POST", f"/api/do/{action}", body, **headers)
    assert status == 400
    assert json.loads(content)["error"]
    with Gallery.read(drawn.path) as gallery:
        assert people.people(gallery) == {}


def test_what_is_not_there_is_not_there(client: Client) -> None:
    client.enter()
    assert client.change("no-such-action", {}) == 404
    assert client.change("name", []) == 404
    for path in ("/face/999.jpg", "/photo/999.jpg", "/static/../server.py", "/static/%2e%2e/server.py", "/api/photo/999", "/nothing"):
        assert client.send("GET", path)[0] == 404, path


def test_a_photo_that_went_is_told(client: Client, drawn: Drawn) -> None:
    client.enter()
    for photo in drawn.path.parent.glob("*.jpg"):
        photo.unlink()
    assert client.send("GET", "/face/1.jpg")[0] == 404
    assert client.send("GET", "/photo/1.jpg")[0] == 404


def test_a_taken_port_is_an_error_for_people(drawn: Drawn, serve: Serve) -> None:
    running = serve(drawn.path)
    with pytest.raises(InputError, match="cannot be used"):
        ReviewServer(Catalogue.of(drawn.path, Settings(), suggest), running.port)


def test_it_listens_on_this_machine_only(client: Client, serve: Serve, drawn: Drawn) -> None:
    assert serve(drawn.path)._server.socket.getsockname()[0] == "127.0.0.1"


def test_tokens_are_compared_whole() -> None:
    guard = Guard(1)
    assert not guard.exchange(guard.token[:-1])
    assert not guard.exchange("\u00e9")
    assert guard.exchange(guard.token)
    assert not guard.is_known({guard.cookie: ""})
    assert guard.is_known({guard.cookie: guard.session})


@pytest.fixture
def evil() -> Iterator[str]:
    """Another site on this machine: the cookie of 127.0.0.1 is sent along from it, for ports do not count as sites."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>evil</title>")

        def log_message(self, *_: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_site_in_the_same_browser_gets_nothing(chromium: Any, serve: Serve, drawn: Drawn, evil: str, tmp_path: Path) -> None:
    server = serve(drawn.path)
    context = chromium.new_context()
    page = context.new_page()
    page.goto(server.url)
    page.wait_for_selector(".card")
    page.goto(evil)
    home = f"http://127.0.0.1:{server.port}"
    attack = """async (home) => {
        const body = JSON.stringify({ target: 'c1', name: 'Evil' });
        const tries = [
          fetch(home + '/api/cards', { credentials: 'include' }).then((r) => r.text()),
          fetch(home + '/api/do/name', { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body }),
          fetch(home + '/api/do/name', { method: 'POST', mode: 'no-cors', credentials: 'include', body }),
          new Promise((yes, no) => { const i = new Image(); i.onload = yes; i.onerror = no; i.src = home + '/face/1.jpg' }),
        ];
        return (await Promise.allSettled(tries)).map((t) => t.status) }"""
    assert page.evaluate(attack, home) == ["rejected"] * 4
    frame = page.evaluate(
        """(home) => new Promise((done) => { const f = document.createElement('iframe'); f.onload = () => done(f.contentDocument === null);
                     f.src = home + '/'; document.body.append(f) })""",
        home,
    )
    assert frame
    context.close()
    with Gallery.read(drawn.path) as gallery:
        assert people.people(gallery) == {}
