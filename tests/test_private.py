"""No command but ``models fetch`` reaches for the network, libraries and worker processes included."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

# Python runs a module of this name at the start of every process, workers included.
WATCH = """
import os, sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto") and not isinstance(arguments[1], tuple):
        return
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind"):
        with open(os.environ["SOCKET_LOG"], "a") as log:
            log.write(f"{event} {arguments[1:]}\\n")

sys.addaudithook(watch)
"""


@pytest.fixture
def watched(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """An environment in which every socket of every Python process is written down, and the file it is written to."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    log = tmp_path / "sockets.log"
    path = os.pathsep.join([str(tmp_path / "watch"), str(Path(__file__).parents[1])])
    return os.environ | {"PYTHONPATH": path, "SOCKET_LOG": str(log), "FACELIB_GALLERY": str(tmp_path / "g.sqlite")}, log


def run(environment: dict[str, str], *arguments: str) -> int:
    command = [sys.executable, "-m", "facelib", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, timeout=300, check=False).returncode


def test_the_watch_sees_a_socket(watched: tuple[dict[str, str], Path]) -> None:
    environment, log = watched
    script = "import socket; s = socket.socket(); s.settimeout(0.1); s.connect_ex(('127.0.0.1', 9))"
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    assert "127.0.0.1" in log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("recommended", [False, True])
def test_the_main_job_opens_no_socket(watched: tuple[dict[str, str], Path], shared: Path, tmp_path: Path, recommended: bool) -> None:
    environment, log = watched
    if recommended:
        pytest.importorskip("openvino")
        environment["FACELIB_MODELS"] = str(shared / "weights")
        for model in ("yunet", "face-reid-0095", "yolox-nano", "body-reid-0286"):
            assert run(environment, "models", "use", model) == 0
    album = tmp_path / "album"
    with zipfile.ZipFile(shared / "data" / "albums.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("couple/17.jpg"))
        album.mkdir()
        (album / "17.jpg").write_bytes(archive.read(name))
    assert run(environment, "index", str(album)) == 0
    for command in (["who", str(album / "17.jpg")], ["faces", str(album / "17.jpg")], ["people", "--all"], ["status"], ["export", "json"]):
        assert run(environment, *command) in (0, 1)
    run(environment, "doctor")
    run(environment, "models", "list")
    assert not log.exists(), log.read_text()
