"""Download of one file from one https address, with resume: the only code of this program that connects to other machines."""

from __future__ import annotations

import http.client
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from facelib.errors import WeightsError
from facelib.model_zoo.card import ModelFile

_CHUNK = 1 << 18
_TIMEOUT = 30.0
_LOCAL = ("localhost", "127.0.0.1", "::1")


def download(file: ModelFile, part: Path, report: Callable[[int], None]) -> None:
    """Append one address to the part file, or begin anew if the server cannot resume.

    Afterwards the part file holds all that the server sent; its SHA-256 is not checked here.

    Raises
    ------
    WeightsError
        If the server cannot be reached, refuses, or the connection breaks; what was received so far stays in the part file.
    """
    assert file.url is not None
    have = part.stat().st_size if part.exists() else 0
    if have >= file.size:
        have = 0
    try:
        with _open_address(file.url, have) as response:
            resumed = have > 0 and response.status == 206 and _starts_at(response, have)
            if have and not resumed and response.status == 206:
                raise WeightsError(f"the server sent the wrong part of {file.name}", "try again later")
            with open_part(part, "ab" if resumed else "wb") as outgoing:
                copy(response, outgoing, have if resumed else 0, report, limit=file.size)
            broken = bool(response.length)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:
            part.unlink()
            return download(file, part, report)
        raise WeightsError(f"cannot fetch {file.url}: the server answers {error.code} {error.reason}", _by_hand(file)) from error
    except urllib.error.URLError as error:
        raise WeightsError(
            f"cannot fetch {file.url}: {error.reason}", "check the network connection, then run the same command again"
        ) from error
    except (http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError) as error:
        raise _interrupted(file, part) from error
    if broken and part.stat().st_size < file.size:
        raise _interrupted(file, part)
    return None


def _open_address(url: str, start: int) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers={"User-Agent": "facelib", "Accept-Encoding": "identity"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    response: http.client.HTTPResponse = urllib.request.build_opener(_Guard).open(_guarded(request), timeout=_TIMEOUT)
    return response


class _Guard(urllib.request.HTTPRedirectHandler):
    """Redirects are followed, but never to an address that is not encrypted."""

    def redirect_request(self, *args: object, **kwargs: object) -> urllib.request.Request | None:
        request = super().redirect_request(*args, **kwargs)  # type: ignore[arg-type]
        return _guarded(request) if request else None


def _guarded(request: urllib.request.Request) -> urllib.request.Request:
    address = urllib.parse.urlsplit(request.full_url)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOCAL):
        raise WeightsError(f"refused to fetch {request.full_url}: only https addresses are used")
    return request


def _starts_at(response: http.client.HTTPResponse, start: int) -> bool:
    return (response.headers.get("Content-Range") or "").replace(" ", "").lower().startswith(f"bytes{start}-")


def open_part(part: Path, mode: str) -> IO[bytes]:
    return open(part, mode, opener=lambda path, flags: os.open(path, flags, 0o600))


def copy(
    incoming: IO[bytes] | http.client.HTTPResponse,
    outgoing: IO[bytes],
    have: int,
    report: Callable[[int], None],
    limit: int | None = None,
) -> None:
    """Copy to the end, or just past ``limit`` bytes, so that a server cannot fill the disk; what came is on the disk at return."""
    try:
        while chunk := incoming.read(_CHUNK):
            outgoing.write(chunk)
            have += len(chunk)
            report(have)
            if limit is not None and have > limit:
                break
    finally:
        outgoing.flush()
        os.fsync(outgoing.fileno())


def _interrupted(file: ModelFile, part: Path) -> WeightsError:
    have = part.stat().st_size if part.exists() else 0
    return WeightsError(
        f"the connection broke after {have} of {file.size} bytes of {file.name}", "run the same command again: the download resumes"
    )


def _by_hand(file: ModelFile) -> str:
    return f"get {file.name} in another way, then use --from FOLDER"
