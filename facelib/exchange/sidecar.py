"""XMP in files: the sidecars beside a photo, and the packet inside it."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from facelib.errors import InputError
from facelib.photos.image_file import open_image
from facelib.photos.photo_file import open_photo
from facelib.photos.png_metadata import SIGNATURE, read_png_metadata
from facelib.photos.suffixes import PHOTO_SUFFIXES, RAW_FORMAT_SUFFIXES
from facelib.photos.xmp import MAX_BYTES


def existing_sidecars(photo: Path) -> list[Path]:
    """The sidecars a photo has; the first is the one to write to.

    ``photo.jpg.xmp`` belongs to ``photo.jpg`` for certain. ``photo.xmp`` may belong to a ``photo.cr2``: Lightroom and Bridge name
    sidecars so.
    """
    sidecars: list[Path] = []
    for path in (Path(f"{photo}.xmp"), Path(f"{photo}.XMP"), photo.with_suffix(".xmp"), photo.with_suffix(".XMP")):
        if not path.is_file() or any(os.path.samefile(path, other) for other in sidecars):
            continue
        if path.stem.casefold() == photo.name.casefold() or _is_of(path, photo):
            sidecars.append(path)
    return sidecars


def _is_of(sidecar: Path, photo: Path) -> bool:
    """Whether ``photo.xmp`` belongs to ``photo.jpg``, and not to another picture with that stem."""
    if photo.suffix.lower() in RAW_FORMAT_SUFFIXES:
        return True
    try:
        with os.scandir(photo.parent) as entries:
            stems = {Path(e.name).suffix.lower() for e in entries if Path(e.name).stem == photo.stem}
    except OSError:
        return True
    return not (stems - {photo.suffix.lower()}) & (RAW_FORMAT_SUFFIXES | PHOTO_SUFFIXES)


def sidecar_path(photo: Path) -> Path:
    """Where the XMP of a photo is written: the sidecar it has, else ``photo.jpg.xmp``."""
    existing = existing_sidecars(photo)
    return existing[0] if existing else Path(f"{photo}.xmp")


def photos_of_sidecar(sidecar: Path) -> Iterator[Path]:
    """The existing photos that a sidecar belongs to."""
    if Path(sidecar.stem).suffix.lower() in PHOTO_SUFFIXES | RAW_FORMAT_SUFFIXES:
        candidates = [sidecar.with_name(sidecar.stem)]
    else:
        with suppress(OSError), os.scandir(sidecar.parent) as entries:
            names = sorted(e.name for e in entries if Path(e.name).stem == sidecar.stem)
        candidates = [sidecar.with_name(n) for n in names if Path(n).suffix.lower() in PHOTO_SUFFIXES | RAW_FORMAT_SUFFIXES]
    yield from (path for path in candidates if path.is_file() and sidecar in existing_sidecars(path))


def read_small_file(path: Path) -> bytes:
    """Read a file of metadata.

    Raises
    ------
    InputError
        If it cannot be read, is not a regular file, or is larger than metadata ever are.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise InputError(f"{path} is not a file")
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r} is not a file name") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{path} is too long to be metadata", f"the limit is {MAX_BYTES >> 20} MiB")
    return content


def embedded_packet(photo: Path) -> bytes | None:
    """The XMP packet inside a photo (JPEG, PNG, TIFF, WebP, HEIC, AVIF); None if there is none or it cannot be read."""
    try:
        with open_photo(photo) as file:
            signature = file.read(len(SIGNATURE))
            file.seek(0)
            if signature == SIGNATURE:
                return read_png_metadata(file)[1]
            with open_image(file, photo) as image:
                packet = image.info.get("xmp")
    except Exception:  # damaged files raise nearly every type there is, and a photo without XMP is still a photo
        return None
    return packet.encode() if isinstance(packet, str) else packet or None


def write_sidecar(sidecar: Path, photo: Path, content: bytes, expected: bytes | None) -> None:
    """Write a sidecar atomically.

    A new sidecar gets the read and write permissions of the photo, so that everybody who can see the photo can see the names. An
    existing one keeps its own.

    Parameters
    ----------
    expected : bytes or None
        The content read before, None if there was no file. If the file differs now, another program wrote it, and nothing is written.

    Raises
    ------
    InputError
        If it cannot be written, or has changed since it was read.
    """
    target = Path(os.path.realpath(sidecar))
    try:
        mode = stat.S_IMODE(os.stat(target if expected is not None else photo).st_mode) & 0o666
        handle, temporary = tempfile.mkstemp(prefix=".facelib-", suffix=".xmp.part", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, mode)
            if (target.read_bytes() if target.exists() else None) != expected:
                raise InputError(f"{sidecar} was changed by another program just now", "run the export again")
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise InputError(f"{sidecar} cannot be written: {error.strerror or error}") from error
