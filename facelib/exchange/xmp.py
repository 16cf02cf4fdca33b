"""XMP, in sidecars and inside photos: people are read from both, and written beside what other programs wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from facelib.errors import InputError, PhotoError
from facelib.exchange.exporter import ExportedPhoto, ExportReport
from facelib.exchange.orientation import read_frame
from facelib.exchange.photo_record import PhotoRecord, RefusedFile, combine_people
from facelib.exchange.regions import FileRegion, merge_regions
from facelib.exchange.sidecar import embedded_packet, existing_sidecars, photos_of_sidecar, read_small_file, sidecar_path, write_sidecar
from facelib.exchange.sources import matching_files
from facelib.exchange.xmp_people import read_people
from facelib.exchange.xmp_update import update_people
from facelib.photos.fingerprint import sha256_of
from facelib.photos.suffixes import PHOTO_SUFFIXES, RAW_FORMAT_SUFFIXES
from facelib.store.gallery import Gallery
from facelib.store.rewritten import copy_verdicts

EXIFTOOL_SECONDS = 120
_SUFFIXES = PHOTO_SUFFIXES | RAW_FORMAT_SUFFIXES


def default_paths(photos: Iterable[str]) -> list[Path]:
    """The photos themselves, whose sidecars are read with them."""
    return [Path(photo) for photo in photos if os.path.exists(photo)]


def read(paths: Sequence[Path]) -> Iterator[PhotoRecord | RefusedFile]:
    """Read the sidecars and embedded packets of photos, of the photos of sidecars, and of all photos below folders."""
    for photo in matching_files(paths, _photos):
        regions: list[FileRegion] = []
        names: list[str | None] = []
        for origin, packet in _packets(photo):
            try:
                people = read_people(packet() if callable(packet) else packet)
            except (ValueError, InputError) as error:
                yield RefusedFile(str(origin), str(error))
                continue
            regions = merge_regions([*regions, *people.file_regions])
            names += people.names
        people = combine_people(regions, names)
        if people.file_regions or people.names:
            yield PhotoRecord(str(photo), people)


def _photos(path: Path) -> Iterator[Path]:
    if path.suffix.lower() == ".xmp":
        yield from photos_of_sidecar(path)
    elif path.suffix.lower() in _SUFFIXES:
        yield path


def _packets(photo: Path) -> Iterator[tuple[Path, Callable[[], bytes] | bytes]]:
    # Sidecars first: a program that writes a sidecar leaves the packet inside the photo as it was, so the sidecar is newer.
    for sidecar in existing_sidecars(photo):
        yield sidecar, lambda sidecar=sidecar: read_small_file(sidecar)  # type: ignore[misc]
    packet = embedded_packet(photo)
    if packet is not None:
        yield photo, packet


def write_sidecars(photos: Iterable[ExportedPhoto], dry_run: bool = False) -> ExportReport:
    """Write people into the sidecars of photos; the photos themselves are only read."""
    report = ExportReport()
    for exported in photos:
        for path in exported.paths:
            photo = Path(path)
            try:
                sidecar = sidecar_path(photo)
                before = read_small_file(sidecar) if sidecar.exists() else None
                after = _updated(before, exported, photo)
                if after is not None and not dry_run:
                    write_sidecar(sidecar, photo, after, before)
            except (InputError, PhotoError, ValueError, OSError) as error:
                report.refused.append(RefusedFile(path, str(error)))
                continue
            report.count(str(sidecar), changed=after is not None)
    return report


def write_originals(gallery: Gallery, photos: Iterable[ExportedPhoto], dry_run: bool = False) -> ExportReport:
    """Write people into the photos themselves with exiftool, which keeps each original as ``photo.jpg_original``.

    The gallery identifies a photo by its content, so all it knows about the old content is copied to the new one: no name is lost.

    Raises
    ------
    InputError
        If exiftool is not installed.
    """
    exiftool = shutil.which("exiftool")
    if exiftool is None:
        raise InputError("writing into photos needs exiftool, which is not installed", "install it (Debian: libimage-exiftool-perl)")
    report = ExportReport()
    for exported in list(photos):
        for path in exported.paths:
            try:
                after = _updated(embedded_packet(Path(path)), exported, Path(path))
                if after is not None and not dry_run:
                    _embed(exiftool, Path(path), after)
                    copy_verdicts(gallery, exported.photo.sha256, sha256_of(Path(path)))
            except (InputError, PhotoError, ValueError, OSError) as error:
                report.refused.append(RefusedFile(path, str(error)))
                continue
            report.count(path, changed=after is not None)
    return report


def _updated(before: bytes | None, exported: ExportedPhoto, photo: Path) -> bytes | None:
    frame = read_frame(photo)
    if (frame.width, frame.height) != (exported.photo.width, exported.photo.height):
        raise InputError("the photo was changed since it was indexed", "run facelib index")
    return update_people(before, exported.regions, frame)


def _embed(exiftool: str, photo: Path, packet: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="facelib-") as folder:
        source = Path(folder) / "people.xmp"
        source.write_bytes(packet)
        tags = ("-XMP-mwg-rs:RegionInfo", "-XMP-iptcExt:PersonInImage", "-XMP-MP:RegionInfoMP")
        command = [exiftool, "-config", "", "-q", "-q", "-m", "-P", "-tagsFromFile", str(source), *tags, "--", str(photo)]
        try:
            ended = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=EXIFTOOL_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise InputError("exiftool took too long") from error
    if ended.returncode:
        raise InputError(f"exiftool refused: {' '.join(ended.stderr.decode('utf-8', 'replace').split())[:300]}")
