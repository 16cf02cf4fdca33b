"""The fingerprint is the SHA-256 of the content, and a file that cannot be read is an error of its kind."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.errors import PhotoError
from facelib.photos.fingerprint import sha256_of
from facelib.photos.photo_file import reading_error


@settings(deadline=None)
@given(content=st.binary(max_size=1000), repeats=st.sampled_from([0, 1, 700]))
def test_it_is_the_sha256_of_the_content(tmp_path_factory: pytest.TempPathFactory, content: bytes, repeats: int) -> None:
    path = tmp_path_factory.mktemp("hash") / "a.jpg"
    path.write_bytes(content * repeats)
    assert sha256_of(path) == hashlib.sha256(content * repeats).hexdigest()


def test_faults(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, kind in (
        ("missing.jpg", "missing"),
        ("pipe", "unreadable"),
        (".", "unreadable"),
        ("nul\0.jpg", "missing"),
        ("x" * 300, "unreadable"),
    ):
        with pytest.raises(PhotoError) as caught:
            sha256_of(tmp_path / name)
        assert caught.value.kind == kind, name
    assert reading_error(PermissionError(13, "Permission denied")).kind == "permission"
    assert reading_error(OSError(5, "Input/output error")).detail == "Input/output error"
    assert reading_error(OSError(12, "Cannot allocate memory")).kind == "memory"
