"""``facelib review`` as a process: it prints its link, answers on this machine, and ends with Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from facelib.store.gallery import Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    with Gallery.write(tmp_path / "gallery.sqlite", "test"):
        return tmp_path / "gallery.sqlite"


def start(gallery: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "facelib", "review", "--no-browser", "--gallery", str(gallery), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)


def test_it_serves_until_it_is_interrupted(gallery: Path) -> None:
    process = start(gallery, "--json")
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url, timeout=20)
        with Gallery.write(gallery, "another", create=False):
            pass  # the page holds no lock while nothing is changed
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "until you press Ctrl-C" in told and "closed; all changes are saved" in told
    finally:
        process.kill()
        process.communicate()


def test_without_a_gallery_it_says_how_to_make_one(tmp_path: Path) -> None:
    process = start(tmp_path / "none.sqlite")
    _, told = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "facelib index" in told
