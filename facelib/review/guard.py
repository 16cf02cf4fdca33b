"""Who may speak to the page: the browser the link was opened in, from the page itself, and nobody else.

Other programs of this machine, and any site the user visits meanwhile, can reach a port on 127.0.0.1. Against them stand:
a token in the link that works once, exchanged for a cookie scripts cannot read and other sites cannot send; the Host
header, against names that are made to point here (DNS rebinding); Origin and a header of our own for all that changes
something, against forged requests; and a policy that lets the page load nothing but its own files.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Mapping

HEADER = "X-Facelib"
"""Only a script of the page itself can send it: another origin would have to ask first, and nobody answers."""

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
    """The rules of one running page.

    Attributes
    ----------
    token : str
        For the link; good for one visit.
    cookie : str
        Name of the cookie: with the port, for cookies are shared by all ports of a host.
    session : str
        Value of the cookie.
    """

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(32)
        self.session = secrets.token_urlsafe(32)
        self.cookie = f"facelib-{port}"
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._unused = True
        self._lock = threading.Lock()

    def exchange(self, token: str) -> bool:
        """Whether this is the token of the link, used for the first time."""
        with self._lock:
            fits = self._unused and hmac.compare_digest(token.encode(), self.token.encode())
            self._unused = self._unused and not fits
            return fits

    def is_known(self, cookies: Mapping[str, str]) -> bool:
        """Whether the browser is the one that opened the link."""
        return hmac.compare_digest(cookies.get(self.cookie, "").encode(), self.session.encode())

    def host_fits(self, host: str | None) -> bool:
        """Whether the request names this machine as the user would."""
        return host in self.hosts

    def may_change(self, headers: Mapping[str, str], host: str, content_type: str) -> bool:
        """Whether a request that changes something comes from the page itself."""
        return (
            headers.get("Origin") == f"http://{host}"
            and headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
            and headers.get(HEADER) == "1"
            and content_type == "application/json"
        )
