"""What the tests of exchange share: unusual names, boxes, small photos, and a library of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from facelib.exchange.orientation import Frame, read_frame
from facelib.exchange.regions import clean_name
from facelib.photos.fingerprint import sha256_of
from facelib.records import Face, Sighting
from facelib.store import people, verdicts
from facelib.store.gallery import Gallery
from facelib.store.observations import of_photo, replace_observations
from facelib.store.photos import FileRow, photo_by_sha, put_files, set_picture
from tests.galleries import put_verdict

NAMES = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\ufffe\uffff"), min_size=1, max_size=30).filter(
    lambda text: clean_name(text) is not None
)
"""Any name a file may hold: markup, quotes, right to left, emoji, combining marks."""


@st.composite
def boxes(draw: st.DrawFn, width: int = 640, height: int = 480) -> tuple[float, float, float, float]:
    x0 = draw(st.integers(0, width - 20))
    y0 = draw(st.integers(0, height - 20))
    return x0, y0, draw(st.integers(x0 + 10, width)), draw(st.integers(y0 + 10, height))


def save_photo(path: Path, orientation: int = 1, size: tuple[int, int] = (64, 48), **options: Any) -> Frame:
    """Write a noisy picture as stored, with an orientation; returns its frame."""
    pixels = np.random.default_rng(orientation).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(path, exif=exif.tobytes(), **options)
    return Frame(size[1], size[0], orientation) if orientation >= 5 else Frame(*size, orientation)


@dataclass(frozen=True)
class Library:
    """A folder of small photos and a gallery that has seen them."""

    folder: Path
    gallery: Gallery

    def add(self, name: str, *faces: float, orientation: int = 1, looked_at: bool = True) -> int:
        """A photo of 640 x 480 pixels as stored, with upright faces 100 wide and high at these x; returns its id."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.effect_noise((640, 480), 20 + len(list(path.parent.iterdir()))).convert("RGB").save(path, exif=_exif(orientation))
        # The same noise twice would be one photo under two names.
        path.write_bytes(path.read_bytes() + str(path).encode())
        return self.look_at(path, *faces, looked_at=looked_at)

    def look_at(self, path: Path, *faces: float, looked_at: bool = True) -> int:
        """What the scan and the detector do."""
        sha256 = sha256_of(path)
        about = path.stat()
        put_files(self.gallery, [FileRow(str(path), about.st_size, about.st_mtime_ns, sha256)])
        row = photo_by_sha(self.gallery, sha256)
        assert row is not None
        if looked_at:
            frame = read_frame(path)
            set_picture(self.gallery, row.id, frame.width, frame.height, None)
            replace_observations(self.gallery, row.id, [Sighting(face_at(x), None) for x in faces])
        return row.id

    def names(self, photo_id: int) -> list[str | None]:
        """Who each observation of a photo is, by the user's word."""
        known = people.names(self.gallery)
        is_ = dict(zip(*(each.tolist() for each in verdicts.labels(self.gallery)), strict=True))
        return [known.get(is_[row.id]) if row.id in is_ else None for row in of_photo(self.gallery, photo_id)]

    def say(self, photo_id: int, which: int, name: str, says: str = "is") -> None:
        """What the user says of one observation."""
        person = people.add(self.gallery, name)
        put_verdict(self.gallery, of_photo(self.gallery, photo_id)[which].id, person, says, "test")


def rect64_of_area(area: tuple[float, float, float, float]) -> str:
    """An area as Picasa writes it, exact to half a step of 1/65535."""
    value = 0
    for side in area:
        value = value << 16 | round(min(max(side, 0.0), 1.0) * 65535)
    return f"{value:x}"


def face_at(x: float) -> Face:
    """A face 100 wide and high."""
    return Face((x, 100.0, x + 100, 200.0), 0.99, np.arange(10, dtype=np.float32).reshape(5, 2), 0.9)


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()
