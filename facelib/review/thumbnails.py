"""Crops of faces, cached where only the user can read them, in one folder for each photo, so that one photo is easily deleted."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facelib.errors import PhotoError
from facelib.records import Box, Picture
from facelib.settings import cache_folder

if TYPE_CHECKING:
    from PIL import Image

SIDE = 192
"""Width and height of a crop in pixels."""

_MARGIN = 0.35
"""The margin around a face, as a part of its longer side: people recognise each other by hair and chin too."""

_QUALITY = 82
_COSTLY = 1_000_000
"""From this number of pixels on, all faces of a photo are cropped at once, because decoding it again for each would cost more."""

_MAX_SIDE = 4096
_MAX_PIXELS = 300_000_000


def folder() -> Path:
    """The folder of the crops: ``faces`` in the cache folder."""
    return cache_folder() / "faces"


def forget(sha256s: Iterable[str]) -> int:
    """Delete all crops of these photos (64 hexadecimal digits each). Returns the number of photos that had some."""
    folders = [path for path in map(_folder_of, sha256s) if path.is_dir()]
    for path in folders:
        shutil.rmtree(path)
    return len(folders)


def clear() -> None:
    """Delete all crops."""
    if folder().is_dir():
        shutil.rmtree(folder())


def _folder_of(sha256: str) -> Path:
    return folder() / sha256[:2] / sha256


class Thumbnails:
    """Makes each crop once. Several threads can use it.

    Parameters
    ----------
    workers : int
        The number of photos decoded at the same time.
    """

    def __init__(self, workers: int = 2) -> None:
        self._decoding = threading.BoundedSemaphore(workers)
        self._guard = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}

    def get(self, sha256: str, path: str, size: tuple[int, int], box: Box, others: Sequence[Box] = ()) -> bytes:
        """The crop around a box: a square JPEG with sides of :data:`SIDE` pixels.

        Parameters
        ----------
        sha256, path : str
            Of the photo.
        size : (int, int)
            Width and height of the upright photo, as stored in the gallery.
        others : sequence of Box
            Other boxes of the photo. If decoding it is costly, their crops are made at the same time.

        Raises
        ------
        PhotoError
            If the photo cannot be read, or is not the photo that was indexed.
        """
        if (content := cached(sha256, box)) is not None:
            return content
        with self._guard:
            lock = self._busy.setdefault(sha256, threading.Lock())
        try:
            with lock:
                if (content := cached(sha256, box)) is not None:
                    return content
                with self._decoding:
                    return self._make(sha256, path, size, box, others)
        finally:
            with self._guard:
                self._busy.pop(sha256, None)

    def _make(self, sha256: str, path: str, size: tuple[int, int], box: Box, others: Sequence[Box]) -> bytes:
        cropped_too = others if size[0] * size[1] > _COSTLY else ()
        picture = _decoded(path, size, [box, *cropped_too])
        content = crop(picture, box)
        _write(_file(sha256, box), content)
        for other in cropped_too:
            if other != box:
                _write(_file(sha256, other), crop(picture, other))
        return content


def _decoded(path: str, size: tuple[int, int], boxes: Sequence[Box]) -> Picture:
    from facelib.photos.decode import decode

    least = min(max(box[2] - box[0], box[3] - box[1], 1.0) for box in boxes) * (1 + 2 * _MARGIN)
    side = int(min(max(size) * SIDE / least, max(size), _MAX_SIDE))
    picture = decode(Path(path), max(side, SIDE), _MAX_PIXELS)
    if (picture.width, picture.height) != tuple(size):
        raise PhotoError("missing", "its file now shows another picture")
    return picture


def resized_photo(path: str, size: tuple[int, int], side: int) -> bytes:
    """The upright photo as JPEG, with a longer side of at most ``side`` pixels.

    Raises
    ------
    PhotoError
        As :meth:`Thumbnails.get`.
    """
    from PIL import Image

    from facelib.photos.decode import decode

    picture = decode(Path(path), side, _MAX_PIXELS)
    if (picture.width, picture.height) != tuple(size):
        raise PhotoError("missing", "its file now shows another picture")
    image = Image.fromarray(picture.pixels)
    image.thumbnail((side, side))
    return _jpeg(image)


def crop(picture: Picture, box: Box, side: int = SIDE) -> bytes:
    """A square around a box as JPEG; a square that would reach beyond the picture is moved into it."""
    from PIL import Image

    across, down = picture.scale
    height, width = picture.pixels.shape[:2]
    x0, y0, x1, y1 = box[0] / across, box[1] / down, box[2] / across, box[3] / down
    length = min(max(x1 - x0, y1 - y0, 1.0) * (1 + 2 * _MARGIN), width, height)
    left = min(max((x0 + x1 - length) / 2, 0), width - length)
    top = min(max((y0 + y1 - length) / 2, 0), height - length)
    square = (left, top, left + length, top + length)
    image = Image.fromarray(picture.pixels)
    return _jpeg(image.resize((side, side), Image.Resampling.LANCZOS, box=square, reducing_gap=3.0))


def resized(content: bytes, side: int) -> bytes:
    """A JPEG resized to a square with sides of ``side`` pixels."""
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        return _jpeg(image.resize((side, side), Image.Resampling.LANCZOS))


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _file(sha256: str, box: Box) -> Path:
    return _folder_of(sha256) / f"{'-'.join(str(round(value)) for value in box)}.jpg"


def cached(sha256: str, box: Box) -> bytes | None:
    """The crop that was made before, or None. It can be read even while the photo itself is missing."""
    try:
        return _file(sha256, box).read_bytes()
    except OSError:
        return None


def _write(path: Path, content: bytes) -> None:
    """Store a crop. If the disk is full or read-only, the crop is made again the next time."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        for parent in (cache_folder(), folder(), path.parent.parent, path.parent):
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(content)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
