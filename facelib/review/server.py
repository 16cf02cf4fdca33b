"""The server of the review page: the checks of every request, and its routes.

It uses Flask with its server Werkzeug because they are small, well maintained, and offer what a local page needs: routes, headers and
a threaded server. Jinja, which Flask brings, also writes the contact sheet, with every name escaped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from facelib.errors import ExitCode, FacelibError, InputError, PhotoError
from facelib.review import views
from facelib.review.actions import ACTIONS, perform
from facelib.review.catalogue import Catalogue
from facelib.review.guard import RESPONSE_HEADERS, Guard
from facelib.review.thumbnails import Thumbnails
from facelib.store.gallery import Gallery

HOST = "127.0.0.1"
_PAGES = Path(__file__).parent / "pages"
_STATUS = {ExitCode.BUSY: 409, ExitCode.GALLERY: 503}


class ReviewServer:
    """A running review page. :attr:`url` is the link to open; it works once."""

    def __init__(self, catalogue: Catalogue, port: int = 0) -> None:
        """Listen on a port of 127.0.0.1; 0 means any free port.

        Raises
        ------
        InputError
            If the port cannot be used.
        """
        self._app = _DeferredApp()
        self._server = _listen(self._app, port)
        self.guard = Guard(self.port)
        self._app.target = create_app(catalogue, self.guard)

    @property
    def port(self) -> int:
        return int(self._server.socket.getsockname()[1])

    @property
    def url(self) -> str:
        """The link with the token. Until the token is used, anyone who has it can see and name all people."""
        return f"http://{HOST}:{self.port}/?token={self.guard.token}"

    def serve(self) -> None:
        """Answer requests until another thread calls :meth:`stop`, or the user interrupts."""
        self._server.serve_forever(poll_interval=0.2)

    def stop(self) -> None:
        """End :meth:`serve`; to be called from another thread."""
        self._server.shutdown()

    def close(self) -> None:
        """Release the port."""
        self._server.server_close()


class _DeferredApp:
    """The application that the server is made with. The real one needs to know the port, so it is set afterwards."""

    target: Callable[..., Any] | None = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        assert self.target is not None
        return self.target(environ, start_response)


class _QuietHandler(WSGIRequestHandler):
    """Writes no log, because requests name photos and people, and no versions of libraries into headers."""

    server_version = "facelib"
    sys_version = ""

    def log(self, type: str, message: str, *args: Any) -> None:
        return


def _listen(app: Callable[..., Any], port: int) -> BaseWSGIServer:
    import socket

    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((HOST, port))
        probe.listen(128)
    except OSError as error:
        probe.close()
        raise InputError(f"port {port} cannot be used: {error.strerror}", "choose another with --port, or leave it out") from error
    with probe:
        # Werkzeug gets an open socket, because it would end the process if it found the port taken.
        return make_server(HOST, port, app, threaded=True, request_handler=_QuietHandler, fd=probe.fileno())


def create_app(catalogue: Catalogue, guard: Guard) -> Flask:
    """The application: the pages, the read requests under ``/api``, and the actions."""
    app = Flask("facelib", static_folder=str(_PAGES / "static"), static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.before_request(lambda: _check_request(guard))
    app.after_request(_add_security_headers)
    app.register_error_handler(FacelibError, _facelib_error)
    app.register_error_handler(PhotoError, _photo_error)
    app.register_error_handler(HTTPException, _http_error)
    app.add_url_rule("/", view_func=lambda: _page("index.html"), endpoint="index")
    views.register(app, catalogue, Thumbnails())
    app.add_url_rule("/api/do/<name>", view_func=lambda name: _change(catalogue, name), methods=["POST"], endpoint="change")
    return app


def _check_request(guard: Guard) -> Response | None:
    if not guard.host_fits(request.headers.get("Host")):
        abort(421)
    if "token" in request.args and request.path == "/" and request.method == "GET" and not guard.is_known(request.cookies):
        return _welcome(guard)
    if not guard.is_known(request.cookies):
        return _closed()
    if request.method not in ("GET", "HEAD", "OPTIONS") and not guard.may_change(dict(request.headers), request.host, request.mimetype):
        abort(403)
    return None


def _welcome(guard: Guard) -> Response:
    """Exchange the token for the cookie, by a page and not a redirect, so that the next request comes from this site itself."""
    if not guard.exchange(request.args["token"]):
        return _closed()
    response = _page("welcome.html")
    response.set_cookie(guard.cookie, guard.session, httponly=True, samesite="Strict", path="/")
    return response


def _closed() -> Response:
    if request.path.startswith("/api/"):
        response = jsonify(error="this page is no longer connected", advice="run facelib review again and open its new link")
    else:
        response = _page("closed.html")
    response.status_code = 403
    return response


def _page(name: str) -> Response:
    return Response((_PAGES / name).read_bytes(), mimetype="text/html")


def _add_security_headers(response: Response) -> Response:
    response.headers.update(RESPONSE_HEADERS)
    return response


def _facelib_error(error: FacelibError) -> tuple[Response, int]:
    return jsonify(error=_sentence(str(error)), advice=error.advice), _STATUS.get(error.exit_code, 400)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _photo_error(error: PhotoError) -> tuple[Response, int]:
    return jsonify(error=f"This photo cannot be shown: {error.detail}", advice=None), 404


def _http_error(error: HTTPException) -> tuple[Response, int]:
    if error.code == 500:
        return jsonify(error="This is a bug of facelib", advice="facelib review --verbose shows what happened; please report it"), 500
    return jsonify(error=error.description or error.name, advice=None), error.code or 500


def _change(catalogue: Catalogue, name: str) -> Response:
    body = request.get_json()
    if name not in ACTIONS or not isinstance(body, dict):
        abort(404)
    # Actions run one after the other: a second click must not fail because the gallery is busy with the first.
    with catalogue.writing, Gallery.write(catalogue.path, "facelib review", create=False) as gallery:
        outcome = perform(gallery, catalogue, name, body)
    catalogue.invalidate()
    row = catalogue.row(outcome.target) if outcome.target else None
    card = catalogue.cards([row])[0] if row else None
    given = str(outcome.given or outcome.target) if outcome.target else None
    return jsonify(message=outcome.message, card=card, given=given, counts=catalogue.counts())
