"""Access control of the review page: only the browser that opened the link, and only from the page itself.

Other programs of this machine, and every site that the user visits meanwhile, can reach a port on 127.0.0.1. The protection: a token in
the link that works once, exchanged for a cookie that scripts cannot read and other sites cannot send; a check of the Host header, against
DNS rebinding; a check of Origin and of a header of our own for requests that change something, against forged requests; and a content
security policy that lets the page load only its own files.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Mapping

HEADER = "X-Facelib"
"""Only scripts of the page itself can send this header: those of another origin need a preflight request, which is not answered."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)

RESPONSE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """The access rules of one running page.

    Attributes
    ----------
    token : str
        The token of the link; it works once.
    cookie : str
        The name of the cookie. It contains the port, because all ports of a host share their cookies.
    session : str
        The value of the cookie.
    """

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(32)
        self.session = secrets.token_urlsafe(32)
        self.cookie = f"facelib-{port}"
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._unused = True
        self._lock = threading.Lock()

    def exchange(self, token: str) -> bool:
        """Whether this is the token of the link and was not used before; it is used from now on."""
        with self._lock:
            fits = self._unused and hmac.compare_digest(token.encode(), self.token.encode())
            self._unused = self._unused and not fits
            return fits

    def is_known(self, cookies: Mapping[str, str]) -> bool:
        """Whether the request comes from the browser that opened the link."""
        return hmac.compare_digest(cookies.get(self.cookie, "").encode(), self.session.encode())

    def host_fits(self, host: str | None) -> bool:
        """Whether the Host header names this machine and port."""
        return host in self.hosts

    def may_change(self, headers: Mapping[str, str], host: str, content_type: str) -> bool:
        """Whether a request to change something comes from the page itself."""
        return (
            headers.get("Origin") == f"http://{host}"
            and headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
            and headers.get(HEADER) == "1"
            and content_type == "application/json"
        )
