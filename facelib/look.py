"""The one way a photo is looked at: by ``index``, ``who``, ``faces``, ``enroll``, ``verify`` and ``explain``.

Whatever goes wrong with one photo (the file, its decoding, a model, not enough memory) is that photo's error, in the same words in every
command. Only what would go wrong with every photo is raised: weights that are missing, a device that does not exist.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from facelib.errors import FacelibError, PhotoError
from facelib.photos.content import PhotoContent, read_photo
from facelib.photos.fingerprint import CHANGED
from facelib.records import Capture, Sighting
from facelib.thresholds import Thresholds

if TYPE_CHECKING:
    from facelib.vision.observer import Observer

NOT_FINITE = "the model returned NaN or infinity"
NO_MEMORY = "not enough memory to work on this photo"


@dataclass(frozen=True)
class Look:
    """The result of a look at a photo, or the error that ended it.

    Attributes
    ----------
    sha256 : str or None
        Hash of the very bytes that were decoded (64 hexadecimal digits). All other fields describe this content, whatever the file
        holds by now. None if the file could not be read: the error is then one of the file and not of a photo.
    size, mtime_ns : int
        Of the file when it was read: bytes, and nanoseconds since 1970.
    width, height : int
        Pixels of the upright full-size picture.
    capture : Capture or None
    sightings : tuple of Sighting
        With embeddings, unless they were not asked for.
    error : PhotoError or None
        Where it is set, nothing was seen.
    """

    sha256: str | None = None
    size: int = 0
    mtime_ns: int = 0
    width: int = 0
    height: int = 0
    capture: Capture | None = None
    sightings: tuple[Sighting, ...] = ()
    error: PhotoError | None = None


def look(
    path: Path,
    observer: Observer,
    thresholds: Thresholds,
    embed: bool = True,
    detected: Mapping[str, Sequence[Sighting]] = MappingProxyType({}),
) -> Look:
    """Read, hash and decode the photo at ``path``, and find the people in it.

    Parameters
    ----------
    path : Path
    observer : Observer
    thresholds : Thresholds
    embed : bool
        Whether embeddings are wanted.
    detected : mapping of str to sequence of Sighting
        For contents (SHA-256) the sightings that were detected in them before: they are not detected again.

    Raises
    ------
    FacelibError
        What would go wrong with every photo.
    """
    try:
        with read_photo(path) as content:
            return look_at(content, observer, thresholds, embed, detected.get(content.fingerprint.sha256))
    except PhotoError as error:
        return Look(error=error)


def look_at(
    content: PhotoContent, observer: Observer, thresholds: Thresholds, embed: bool = True, detected: Sequence[Sighting] | None = None
) -> Look:
    """Decode a photo that was read, and find the people in it; parameters and errors as for :func:`look`."""
    fingerprint = content.fingerprint
    try:
        picture, capture = content.decode(thresholds.working_side, thresholds.max_pixels)
        sightings = observer.detect(picture) if detected is None else detected
        _check_finite(sightings)
        if embed:
            sightings = observer.embed(picture, sightings)
            _check_finite(sightings)
        size = picture.width, picture.height
        return Look(fingerprint.sha256, fingerprint.size, fingerprint.mtime_ns, *size, capture, tuple(sightings))
    except FacelibError:
        raise
    except Exception as error:  # one photo must never end a run, and models raise nearly every type there is
        photo_error = _photo_error(error)
    if photo_error.kind == CHANGED:
        # The bytes that were decoded are not those that were hashed, so the hash names nothing.
        return Look(error=photo_error)
    return Look(fingerprint.sha256, fingerprint.size, fingerprint.mtime_ns, error=photo_error)


def _check_finite(sightings: Sequence[Sighting]) -> None:
    """Refuse sightings with a number that is NaN or infinite."""
    for sighting in sightings:
        numbers: list[Any] = [value for value in (sighting.face_embedding, sighting.body_embedding) if value is not None]
        if sighting.face is not None:
            numbers += [sighting.face.box, sighting.face.score, sighting.face.landmarks, sighting.face.reliability]
        if sighting.body is not None:
            numbers += [sighting.body.box, sighting.body.score]
        if not all(np.isfinite(value).all() for value in numbers):
            raise PhotoError("bug", NOT_FINITE)


def _photo_error(error: Exception) -> PhotoError:
    """The error of a photo for any exception that was raised while the photo was worked on."""
    if isinstance(error, PhotoError):
        return error
    text = str(error).lower()
    # Runtimes of networks do not raise MemoryError; they say in words that an allocation failed.
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and ("alloc" in text or "out of memory" in text)):
        return PhotoError("memory", NO_MEMORY)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return PhotoError("bug", f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"[:500])
