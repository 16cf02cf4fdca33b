"""One look at a photo: whatever goes wrong with it is its error, and only what would go wrong with every photo is raised."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facelib.errors import PhotoError, WeightsError
from facelib.look import Look, look
from facelib.photos import content
from facelib.records import Body, Face, Picture, Sighting
from facelib.stages.worker import Job, do_with
from facelib.thresholds import Thresholds

FACE = Face((10.0, 10.0, 40.0, 50.0), 0.99, np.ones((5, 2), np.float32), 0.9)
BODY = Body((0.0, 40.0, 60.0, 100.0), 0.5)
VECTOR = np.ones(4, np.float32) / 2
SEEN = Sighting(FACE, BODY, VECTOR, VECTOR)


class Eyes:
    """An observer that sees the same people in every picture; an error among them is raised instead."""

    def __init__(self, detected: object = None, embedded: object = None) -> None:
        self.results = {"detect": detected or [Sighting(FACE, BODY)], "embed": embedded or [SEEN]}
        self.calls: list[str] = []

    def detect(self, picture: Picture) -> list[Sighting]:
        return self._result("detect")

    def embed(self, picture: Picture, sightings: Sequence[Sighting]) -> list[Sighting]:
        return self._result("embed")

    def _result(self, call: str) -> Any:
        self.calls.append(call)
        result = self.results[call]
        if isinstance(result, Exception):
            raise result
        return result


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.new("RGB", (120, 100), "teal").save(tmp_path / "a.jpg")
    return tmp_path / "a.jpg"


def looked(photo: Path, eyes: Eyes, **options: Any) -> Look:
    return look(photo, eyes, Thresholds(), **options)  # type: ignore[arg-type]


def error(photo: Path, **results: object) -> tuple[str, str]:
    seen = looked(photo, Eyes(**results))
    assert seen.error is not None and seen.sightings == ()
    assert seen.sha256 == hashlib.sha256(photo.read_bytes()).hexdigest(), "the error is one of this content"
    return seen.error.kind, seen.error.detail


def test_a_look(photo: Path) -> None:
    seen = looked(photo, Eyes())
    assert (seen.width, seen.height, seen.sightings, seen.error) == (120, 100, (SEEN,), None)
    status = photo.stat()
    assert (seen.sha256, seen.size, seen.mtime_ns) == (
        hashlib.sha256(photo.read_bytes()).hexdigest(),
        status.st_size,
        status.st_mtime_ns,
    )
    eyes = Eyes()
    assert looked(photo, eyes, embed=False).sightings[0].face_embedding is None and eyes.calls == ["detect"]


def test_what_was_detected_before_holds_for_its_own_content_only(photo: Path) -> None:
    known, other = hashlib.sha256(photo.read_bytes()).hexdigest(), 64 * "0"
    for sha256, calls in ((known, ["embed"]), (other, ["detect", "embed"])):
        eyes = Eyes()
        assert do_with(eyes, Job(str(photo), sha256, ("embed",), (Sighting(FACE, None),)), Thresholds()).sha256 == known  # type: ignore[arg-type]
        assert eyes.calls == calls


NAN, INFINITY = float("nan"), float("inf")
BAD = {
    "face embedding": replace(SEEN, face_embedding=np.full(4, NAN, np.float32)),
    "body embedding": replace(SEEN, body_embedding=np.array([1, 0, 0, INFINITY], np.float32)),
    "face box": replace(SEEN, face=replace(FACE, box=(1.0, 2.0, NAN, 4.0))),
    "face score": replace(SEEN, face=replace(FACE, score=NAN)),
    "landmarks": replace(SEEN, face=replace(FACE, landmarks=np.full((5, 2), -INFINITY, np.float32))),
    "reliability": replace(SEEN, face=replace(FACE, reliability=NAN)),
    "body box": Sighting(None, replace(BODY, box=(INFINITY, 2.0, 3.0, 4.0))),
    "body score": Sighting(None, replace(BODY, score=NAN)),
}


@pytest.mark.parametrize("what", BAD)
def test_a_number_that_is_not_finite_is_a_failed_photo(photo: Path, what: str) -> None:
    told = ("bug", "the model returned NaN or infinity")
    assert error(photo, embedded=[SEEN, BAD[what]]) == told
    assert error(photo, detected=[BAD[what]]) == told


@pytest.mark.parametrize("call", ["detected", "embedded"])
def test_whatever_a_model_raises_is_a_failed_photo(photo: Path, call: str) -> None:
    kind, detail = error(photo, **{call: ZeroDivisionError("by zero")})
    assert kind == "bug" and detail.startswith("ZeroDivisionError: by zero (test_look.py:")
    kind, detail = error(photo, **{call: RuntimeError("shape mismatch")})
    assert kind == "bug" and detail.startswith("RuntimeError: shape mismatch (")
    memory = ("memory", "not enough memory to work on this photo")
    for full in (MemoryError(), RuntimeError("CUDA out of memory"), RuntimeError("DefaultCPUAllocator: can't allocate memory")):
        assert error(photo, **{call: full}) == memory
    assert error(photo, **{call: PhotoError("unreadable", "odd")}) == ("unreadable", "odd")


def test_what_would_go_wrong_with_every_photo_is_raised(photo: Path) -> None:
    for call in ("detected", "embedded"):
        with pytest.raises(WeightsError, match="no weights"):
            looked(photo, Eyes(**{call: WeightsError("no weights")}))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        looked(photo, Eyes(detected=[_Interrupting()]))


class _Interrupting:
    @property
    def face_embedding(self) -> None:
        raise KeyboardInterrupt


def test_a_file_that_cannot_be_read_is_no_error_of_a_photo(tmp_path: Path) -> None:
    seen = looked(tmp_path / "none.jpg", Eyes())
    assert seen.sha256 is None and seen.error is not None and seen.error.kind == "missing"


def test_a_picture_that_cannot_be_decoded_is_not_given_to_a_model(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    eyes = Eyes()
    seen = looked(tmp_path / "a.jpg", eyes)
    assert seen.error is not None and seen.error.kind == "unreadable" and eyes.calls == []
    assert seen.sha256 == hashlib.sha256(b"no picture").hexdigest()


def test_a_file_that_changes_before_it_is_decoded_has_no_hash(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_IN_MEMORY", -1)
    decode = content.PhotoContent.decode

    def late(self: content.PhotoContent, *limits: int) -> object:
        with photo.open("ab") as file:
            file.write(b"more")
        return decode(self, *limits)

    monkeypatch.setattr(content.PhotoContent, "decode", late)
    seen = looked(photo, Eyes())
    assert seen.sha256 is None and seen.error is not None and seen.error.kind == "changed"
