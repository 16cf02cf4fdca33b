"""Enrolment of reference photos: they are looked at, checked and stored at once, so that their person is recognised by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facelib.errors import InputError
from facelib.look import Look, look
from facelib.records import Sighting
from facelib.stages.look_storage import store_look
from facelib.stages.setup import Setup
from facelib.store import enroll as store
from facelib.store import photos
from facelib.store.enroll import Reference
from facelib.store.gallery import Gallery
from facelib.store.people import Person
from facelib.thresholds import compared

if TYPE_CHECKING:
    from facelib.vision.observer import Observer


@dataclass(frozen=True)
class ReferencePhoto:
    """A photo that is good enough as a reference: it shows one face, and that face is reliable."""

    path: Path
    seen: Look


def reference_photo(observer: Observer, setup: Setup, path: Path) -> ReferencePhoto:
    """Look at a photo, and refuse it if it would be a bad reference.

    Raises
    ------
    InputError
        If the photo cannot be decoded, shows no face or several, or a face that is not reliable; the error names the photo.
    """
    seen = look(path, observer, setup.thresholds)
    if seen.error is not None:
        raise InputError(f"{path} cannot be a reference: {seen.error.detail}") from seen.error
    check(path, seen.sightings, setup.thresholds.min_reliability)
    return ReferencePhoto(path, seen)


def check(path: Path, sightings: Sequence[Sighting], min_reliability: float) -> None:
    """Refuse a photo that shows no face, several faces, or one that is not reliable.

    Raises
    ------
    InputError
        It names the photo, and what to do.
    """
    faces = [sighting.face for sighting in sightings if sighting.face is not None]
    if not faces:
        raise InputError(f"{path} cannot be a reference: no face was found in it", "take one that shows the face from the front, and near")
    if len(faces) > 1:
        raise InputError(f"{path} cannot be a reference: it shows {len(faces)} faces", "take one of this person alone, or crop it")
    if faces[0].reliability < min_reliability:
        figures = "{}, at least {} is needed".format(*compared(faces[0].reliability, min_reliability, 2))
        raise InputError(
            f"{path} cannot be a reference: its face is not reliable ({figures})",
            "take one that is larger, sharper and more from the front",
        )


def enroll(gallery: Gallery, setup: Setup, name: str | None, references: Sequence[ReferencePhoto], person_id: int | None = None) -> Person:
    """Store the photos as ``index`` would, and make them references of a person: all of them or none.

    Parameters
    ----------
    name : str or None
        Name of the person, who may be new; None if ``person_id`` is given.
    """
    with gallery.atomic():
        return store.enroll(gallery, name, [_put(gallery, setup, photo) for photo in references], person_id)


def _put(gallery: Gallery, setup: Setup, reference: ReferencePhoto) -> Reference:
    seen, path = reference.seen, str(reference.path)
    assert seen.sha256 is not None, "a reference was read"
    # Size and time of the file when it was read: if it changed since, the next run notices.
    photos.put_files(gallery, [photos.FileRow(path, seen.size, seen.mtime_ns, seen.sha256)])
    stored = photos.photo_by_sha(gallery, seen.sha256)
    assert stored is not None, "the file was just put"
    ids = store_look(gallery, setup, stored.id, seen)
    (face,) = (i for i, s in zip(ids, seen.sightings, strict=True) if s.face is not None)
    return Reference(path, seen.sha256, face)
