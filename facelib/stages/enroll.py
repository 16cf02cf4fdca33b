"""Knowing a person by photos given for that: looked at at once, kept as references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facelib.errors import InputError, PhotoError
from facelib.model_zoo import registry
from facelib.photos.capture_time import read_capture
from facelib.photos.decode import decode
from facelib.photos.fingerprint import sha256_of
from facelib.records import Capture, Sighting
from facelib.stages.setup import Setup
from facelib.store import enroll, ledger, observations, photos
from facelib.store.enroll import Reference
from facelib.store.gallery import Gallery
from facelib.store.people import Person

if TYPE_CHECKING:
    from facelib.vision.observer import Observer


@dataclass(frozen=True)
class Portrait:
    """A photo that will do as a reference: one face, and that to be relied on."""

    path: Path
    sha256: str
    width: int
    height: int
    capture: Capture
    sightings: tuple[Sighting, ...]


def portrait(observer: Observer, setup: Setup, path: Path) -> Portrait:
    """Look at a photo and refuse what would make a bad reference.

    Raises
    ------
    InputError
        Naming the photo: it cannot be read, shows no face or several, or one that is not reliable.
    """
    try:
        digest = sha256_of(path)
        picture = decode(path, setup.thresholds.working_side, setup.thresholds.max_pixels)
    except PhotoError as error:
        raise InputError(f"{path} cannot be a reference: {error.detail}") from error
    sightings = observer.embed(picture, observer.detect(picture))
    check(path, sightings, setup.thresholds.min_reliability)
    return Portrait(path, digest, picture.width, picture.height, read_capture(path), tuple(sightings))


def check(path: Path, sightings: Sequence[Sighting], least: float) -> None:
    """Refuse a photo without a face, with several, or with one whose reliability is below ``least``, by an :class:`InputError`."""
    faces = [sighting.face for sighting in sightings if sighting.face is not None]
    if not faces:
        raise InputError(f"{path} cannot be a reference: no face was found in it", "take one that shows the face from the front, and near")
    if len(faces) > 1:
        raise InputError(f"{path} cannot be a reference: it shows {len(faces)} faces", "take one of this person alone, or crop it")
    if faces[0].reliability < least:
        raise InputError(
            f"{path} cannot be a reference: its face is not reliable ({faces[0].reliability:.2f}, at least {least:.2f} is needed)",
            "take one that is larger, sharper and more from the front",
        )


def enrol(gallery: Gallery, setup: Setup, name: str | None, portraits: Sequence[Portrait], person_id: int | None = None) -> Person:
    """Take the photos into the gallery, as a run of ``index`` would, and keep them as references; all of it or nothing.

    Parameters
    ----------
    name : str or None
        Of the person, new or present; None where ``person_id`` says whom.
    """
    with gallery.atomic():
        return enroll.enroll(gallery, name, [_take_in(gallery, setup, item) for item in portraits], person_id)


def _take_in(gallery: Gallery, setup: Setup, item: Portrait) -> Reference:
    path = str(item.path)
    stat = item.path.stat()
    photos.put_files(gallery, [photos.FileRow(path, stat.st_size, stat.st_mtime_ns, item.sha256)])
    stored = photos.photo_by_sha(gallery, item.sha256)
    assert stored is not None, "the file was just put"
    photos.set_picture(gallery, stored.id, item.width, item.height, item.capture)
    ids = observations.replace_observations(gallery, stored.id, item.sightings)
    for kind, task in (("face", registry.FACE_EMBEDDER), ("body", registry.BODY_EMBEDDER)):
        pairs = [(i, v) for i, s in zip(ids, item.sightings, strict=True) if (v := getattr(s, f"{kind}_embedding")) is not None]
        if pairs:
            observations.put_embeddings(gallery, kind, setup.card(task).digest, [i for i, _ in pairs], np.stack([v for _, v in pairs]))
    for stage, recipe in setup.photo_recipes().items():
        ledger.record(gallery, stored.id, stage, recipe)
    (face,) = (i for i, s in zip(ids, item.sightings, strict=True) if s.face is not None)
    return Reference(path, item.sha256, face)
