"""XMP in files: the sidecar beside a photo, and the packet inside it."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from facelib.errors import InputError
from facelib.exchange.rdf import MOST_BYTES
from facelib.photos.image_file import open_image
from facelib.photos.photo_file import open_photo
from facelib.photos.png_metadata import SIGNATURE, read_png_metadata
from facelib.photos.suffixes import PHOTO_SUFFIXES, RAW_FORMAT_SUFFIXES


def sidecars(photo: Path) -> list[Path]:
    """The sidecars of a photo that are there, the one to write to first.

    ``photo.jpg.xmp`` is this photo's beyond doubt. ``photo.xmp`` may be that of ``photo.cr2`` beside it, as Lightroom and Bridge have it.
    """
    found: list[Path] = []
    for path in (Path(f"{photo}.xmp"), Path(f"{photo}.XMP"), photo.with_suffix(".xmp"), photo.with_suffix(".XMP")):
        if not path.is_file() or any(os.path.samefile(path, other) for other in found):
            continue
        if path.stem.casefold() == photo.name.casefold() or _is_of(path, photo):
            found.append(path)
    return found


def _is_of(sidecar: Path, photo: Path) -> bool:
    """Whether ``photo.xmp`` speaks of ``photo.jpg``, and not of another picture of that stem."""
    if photo.suffix.lower() in RAW_FORMAT_SUFFIXES:
        return True
    try:
        with os.scandir(photo.parent) as entries:
            stems = {Path(e.name).suffix.lower() for e in entries if Path(e.name).stem == photo.stem}
    except OSError:
        return True
    return not (stems - {photo.suffix.lower()}) & (RAW_FORMAT_SUFFIXES | PHOTO_SUFFIXES)


def sidecar_for(photo: Path) -> Path:
    """Where the XMP of a photo is written: the sidecar it has, else ``photo.jpg.xmp``."""
    there = sidecars(photo)
    return there[0] if there else Path(f"{photo}.xmp")


def photo_of(sidecar: Path) -> Iterator[Path]:
    """The photos a sidecar may speak of, that are there."""
    if Path(sidecar.stem).suffix.lower() in PHOTO_SUFFIXES | RAW_FORMAT_SUFFIXES:
        candidates = [sidecar.with_name(sidecar.stem)]
    else:
        with suppress(OSError), os.scandir(sidecar.parent) as entries:
            names = sorted(e.name for e in entries if Path(e.name).stem == sidecar.stem)
        candidates = [sidecar.with_name(n) for n in names if Path(n).suffix.lower() in PHOTO_SUFFIXES | RAW_FORMAT_SUFFIXES]
    yield from (path for path in candidates if path.is_file() and sidecar in sidecars(path))


def read_bounded(path: Path) -> bytes:
    """The bytes of a small file.

    Raises
    ------
    InputError
        If it cannot be read, is no regular file, or is larger than metadata are.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise InputError(f"{path} is not a file")
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r} is no file name") from error
    if len(content) > MOST_BYTES:
        raise InputError(f"{path} is too long to be metadata", f"the limit is {MOST_BYTES >> 20} MiB")
    return content


def embedded_packet(photo: Path) -> bytes | None:
    """The XMP packet inside a photo (JPEG, PNG, TIFF, WebP, HEIC, AVIF); None where there is none that can be read."""
    try:
        with open_photo(photo) as file:
            signature = file.read(len(SIGNATURE))
            file.seek(0)
            if signature == SIGNATURE:
                return read_png_metadata(file)[1]
            with open_image(file, photo) as image:
                found = image.info.get("xmp")
    except Exception:  # damaged files raise nearly every type there is, and a photo without XMP is still a photo
        return None
    return found.encode() if isinstance(found, str) else found or None


def write_sidecar(sidecar: Path, photo: Path, content: bytes, expected: bytes | None) -> None:
    """Write a sidecar as a whole or not at all.

    A new one gets the photo's read and write permissions, so that whoever may see the photo sees the names; an old one keeps its own.

    Parameters
    ----------
    expected : bytes or None
        What was read before; if it is not that any more, another program is at work and nothing is written.

    Raises
    ------
    InputError
        If it cannot be written, or changed meanwhile.
    """
    target = Path(os.path.realpath(sidecar))
    try:
        mode = stat.S_IMODE(os.stat(target if expected is not None else photo).st_mode) & 0o666
        handle, half = tempfile.mkstemp(prefix=".facelib-", suffix=".xmp.part", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(half, mode)
            if (target.read_bytes() if target.exists() else None) != expected:
                raise InputError(f"{sidecar} was changed by another program just now", "run the export again")
            os.replace(half, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(half)
            raise
    except OSError as error:
        raise InputError(f"{sidecar} cannot be written: {error.strerror or error}") from error
