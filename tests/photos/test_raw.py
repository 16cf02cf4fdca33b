"""Camera raw: the preview if it is good enough, else the sensor data, both upright."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from facelib.errors import PhotoError
from facelib.photos.decode import decode


def fake_rawpy(flip: int, preview: tuple[int, int] | None) -> ModuleType:
    """A rawpy whose sensor is 400 x 300, red in its left half, and whose preview is blue there."""

    class Raw:
        sizes = SimpleNamespace(width=400, height=300, flip=flip)

        def __enter__(self) -> Raw:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def extract_thumb(self) -> SimpleNamespace:
            if preview is None:
                raise RuntimeError("no thumbnail")
            image = Image.new("RGB", preview)
            image.paste("blue", (0, 0, preview[0] // 2, preview[1]))
            buffer = io.BytesIO()
            image.save(buffer, format="JPEG")
            return SimpleNamespace(format="jpeg", data=buffer.getvalue())

        def postprocess(self, **_: object) -> np.ndarray:
            pixels = np.zeros((150, 200, 3), np.uint8)
            pixels[:, :100, 0] = 255
            return np.ascontiguousarray(np.rot90(pixels, {0: 0, 3: 2, 5: 1, 6: 3}[flip]))

    module = ModuleType("rawpy")
    module.imread = lambda _: Raw()  # type: ignore[attr-defined]
    module.ThumbFormat = SimpleNamespace(JPEG="jpeg")  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize("flip", [0, 3, 5, 6])
@pytest.mark.parametrize(("preview", "channel"), [((200, 150), 2), ((40, 30), 0), ((200, 100), 0), (None, 0)])
def test_preview_or_sensor_upright(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flip: int, preview: tuple[int, int] | None, channel: int
) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", fake_rawpy(flip, preview))
    (tmp_path / "a.NEF").write_bytes(b"raw")
    picture = decode(tmp_path / "a.NEF", 100, 1_000_000)
    assert (picture.width, picture.height) == ((400, 300) if flip in (0, 3) else (300, 400))
    stored = np.rot90(picture.pixels, {0: 0, 3: 2, 5: 3, 6: 1}[flip])
    assert stored[:, :90, channel].min() > 200 and stored[:, 110:].max() < 60


def test_without_rawpy_raw_files_are_unsupported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    Image.new("RGB", (8, 8)).save(tmp_path / "a.tif")
    (tmp_path / "a.tif").rename(tmp_path / "a.dng")
    with pytest.raises(PhotoError, match=r"unsupported.*'raw'"):
        decode(tmp_path / "a.dng", 100, 1_000_000)


def test_the_pixel_limit_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", fake_rawpy(0, None))
    (tmp_path / "a.cr2").write_bytes(b"raw")
    with pytest.raises(PhotoError, match="too_large"):
        decode(tmp_path / "a.cr2", 100, 119_999)
