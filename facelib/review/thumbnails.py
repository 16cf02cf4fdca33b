"""Crops of faces, cached where only the user can read them, in one folder for each photo so that forgetting one is easy."""

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
"""How much is shown around a face, as a part of its longer side: hair and chin, by which people know each other."""

_QUALITY = 82
_COSTLY = 1_000_000
"""Pixels from which decoding a photo again for its next face costs more than cutting all its faces out at once."""

_GREATEST_SIDE = 4096
_MAX_PIXELS = 300_000_000


def folder() -> Path:
    """Where crops lie: ``faces`` in the cache folder."""
    return cache_folder() / "faces"


def forget(sha256s: Iterable[str]) -> int:
    """Delete all crops of these photos (64 hexadecimal digits each). Returns how many photos had some."""
    present = [place for place in map(_place, sha256s) if place.is_dir()]
    for place in present:
        shutil.rmtree(place)
    return len(present)


def clear() -> None:
    """Delete all crops."""
    if folder().is_dir():
        shutil.rmtree(folder())


def _place(sha256: str) -> Path:
    return folder() / sha256[:2] / sha256


class Thumbnails:
    """Makes crops, each once; may be used from several threads.

    Parameters
    ----------
    workers : int
        How many photos are decoded at one time.
    """

    def __init__(self, workers: int = 2) -> None:
        self._decoding = threading.BoundedSemaphore(workers)
        self._guard = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}

    def get(self, sha256: str, path: str, size: tuple[int, int], box: Box, others: Sequence[Box] = ()) -> bytes:
        """The crop around a box, as JPEG of :data:`SIDE` pixels square.

        Parameters
        ----------
        sha256, path : str
            Of the photo.
        size : (int, int)
            Width and height of the upright photo, as the gallery has it.
        others : sequence of Box
            More boxes of the photo: where decoding it is costly, their crops are made on the way.

        Raises
        ------
        PhotoError
            If the photo cannot be read, or is not the one that was indexed.
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
        worthwhile = others if size[0] * size[1] > _COSTLY else ()
        picture = _decoded(path, size, [box, *worthwhile])
        content = crop(picture, box)
        _write(_file(sha256, box), content)
        for other in worthwhile:
            if other != box:
                _write(_file(sha256, other), crop(picture, other))
        return content


def _decoded(path: str, size: tuple[int, int], boxes: Sequence[Box]) -> Picture:
    from facelib.photos.decode import decode

    least = min(max(box[2] - box[0], box[3] - box[1], 1.0) for box in boxes) * (1 + 2 * _MARGIN)
    side = int(min(max(size) * SIDE / least, max(size), _GREATEST_SIDE))
    picture = decode(Path(path), max(side, SIDE), _MAX_PIXELS)
    if (picture.width, picture.height) != tuple(size):
        raise PhotoError("missing", "the file holds another picture now")
    return picture


def whole(path: str, size: tuple[int, int], side: int) -> bytes:
    """The whole photo as JPEG, upright, its longer side at most ``side`` pixels.

    Raises
    ------
    PhotoError
        As :meth:`Thumbnails.get`.
    """
    from PIL import Image

    from facelib.photos.decode import decode

    picture = decode(Path(path), side, _MAX_PIXELS)
    if (picture.width, picture.height) != tuple(size):
        raise PhotoError("missing", "the file holds another picture now")
    image = Image.fromarray(picture.pixels)
    image.thumbnail((side, side))
    return _jpeg(image)


def crop(picture: Picture, box: Box, side: int = SIDE) -> bytes:
    """A square around a box, moved into the picture where it would reach beyond, as JPEG."""
    from PIL import Image

    across, down = picture.scale
    height, width = picture.pixels.shape[:2]
    x0, y0, x1, y1 = box[0] / across, box[1] / down, box[2] / across, box[3] / down
    whole = min(max(x1 - x0, y1 - y0, 1.0) * (1 + 2 * _MARGIN), width, height)
    left = min(max((x0 + x1 - whole) / 2, 0), width - whole)
    top = min(max((y0 + y1 - whole) / 2, 0), height - whole)
    square = (left, top, left + whole, top + whole)
    image = Image.fromarray(picture.pixels)
    return _jpeg(image.resize((side, side), Image.Resampling.LANCZOS, box=square, reducing_gap=3.0))


def smaller(content: bytes, side: int) -> bytes:
    """A JPEG made ``side`` pixels square."""
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        return _jpeg(image.resize((side, side), Image.Resampling.LANCZOS))


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _file(sha256: str, box: Box) -> Path:
    return _place(sha256) / f"{'-'.join(str(round(value)) for value in box)}.jpg"


def cached(sha256: str, box: Box) -> bytes | None:
    """A crop that was made before, or None; it is there also while the photo itself is not."""
    try:
        return _file(sha256, box).read_bytes()
    except OSError:
        return None


def _write(path: Path, content: bytes) -> None:
    """Keep a crop; a full or read-only disk costs the next look some time, nothing else."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        for place in (cache_folder(), folder(), path.parent.parent, path.parent):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(content)
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
