"""Writing the gallery's names where other programs find them: beside the photos, or in a table."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facelib.errors import InputError, PhotoError
from facelib.exchange.csv_table import Row
from facelib.exchange.orientation import Frame, read_frame
from facelib.exchange.readers import Refused
from facelib.exchange.regions import Region
from facelib.exchange.sidecar import embedded_packet, read_bounded, sidecar_for, write_sidecar
from facelib.exchange.xmp_update import with_people
from facelib.photos.fingerprint import sha256_of
from facelib.store import observations, people, verdicts
from facelib.store.gallery import Gallery
from facelib.store.observations import ObservationRow
from facelib.store.photos import PhotoRow, known_files, photos
from facelib.store.rewritten import carry_over

STANDINGS = ("certain", "likely")
EXIFTOOL_SECONDS = 120
_BATCH = 500


@dataclass
class Written:
    """What an export to XMP did: files written, files that said all that already, and those that could not be written."""

    written: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Told:
    """What the gallery says of one photo, and of which files that photo is the content."""

    photo: PhotoRow
    paths: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def regions(self) -> list[Region]:
        """Named people and rejected names, in pixels of the upright picture."""
        return [
            Region(row.name, row.box, row.part, "facelib", rejected=row.standing == "not")
            for row in self.rows
            if row.name and row.box is not None
        ]


def told(gallery: Gallery, standings: Collection[str], roots: Sequence[str] | None = None) -> Iterator[Told]:
    """What the gallery says of photos that have a file below ``roots``, or anywhere.

    Parameters
    ----------
    standings : collection of str
        Of ``"certain"``, ``"likely"`` and ``"unknown"``: which observations to tell of. Names the user took away are always told.
    """
    paths: dict[str, list[str]] = {}
    for path, file in known_files(gallery, roots).items():
        if file.sha256 and not file.missing:
            paths.setdefault(file.sha256, []).append(path)
    names = people.names(gallery)
    given = set(verdicts.labels(gallery, "is")[0].tolist())
    rejected: dict[int, list[int]] = {}
    for observation, person in zip(*(each.tolist() for each in verdicts.labels(gallery, "not")), strict=True):
        rejected.setdefault(observation, []).append(person)
    wanted = [row for row in photos(gallery) if row.sha256 in paths]
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        seen = observations.of_photos(gallery, [photo.id for photo in batch])
        for photo in batch:
            rows: list[Row] = []
            for row in seen.get(photo.id, ()):
                rows += _rows_of(photo, row, names, standings, row.id in given, rejected.get(row.id, ()))
            if rows:
                yield Told(photo, tuple(paths[photo.sha256]), tuple(rows))


def _rows_of(
    photo: PhotoRow, row: ObservationRow, names: dict[int, str | None], standings: Collection[str], given: bool, rejected: Sequence[int]
) -> Iterator[Row]:
    part = row.face or row.body
    if part is None:
        return
    kind, box = "face" if row.face else "body", part.box
    name = names.get(row.person_id) if row.person_id is not None else None
    standing = row.standing if name else "unknown"
    if standing in standings:
        yield Row(photo.path, photo.sha256, name or "", kind, box, standing, "user" if given else "auto")
    for person in rejected:
        if names.get(person) and person != row.person_id:
            yield Row(photo.path, photo.sha256, names[person] or "", kind, box, "not", "user")


def write_sidecars(said: Iterable[Told], dry_run: bool = False) -> Written:
    """Write people into the sidecars of photos; originals are only read."""
    done = Written()
    for each in said:
        for path in each.paths:
            photo = Path(path)
            try:
                sidecar = sidecar_for(photo)
                before = read_bounded(sidecar) if sidecar.exists() else None
                after = _merged(before, each, photo)
                if after is not None and not dry_run:
                    write_sidecar(sidecar, photo, after, before)
            except (InputError, PhotoError, ValueError, OSError) as error:
                done.refused.append(Refused(path, str(error)))
                continue
            _count(done, str(sidecar), after)
    return done


def write_originals(gallery: Gallery, said: Iterable[Told], dry_run: bool = False) -> Written:
    """Write people into the photos themselves, with exiftool, which keeps each as ``photo.jpg_original``.

    A photo is known by its content, so what was said of the old content is said of the new one too: no name is lost.

    Raises
    ------
    InputError
        If exiftool is not installed.
    """
    tool = shutil.which("exiftool")
    if tool is None:
        raise InputError("writing into photos needs exiftool, which is not installed", "install it (Debian: libimage-exiftool-perl)")
    done = Written()
    for each in list(said):
        for path in each.paths:
            try:
                after = _merged(embedded_packet(Path(path)), each, Path(path))
                if after is not None and not dry_run:
                    _embed(tool, Path(path), after)
                    carry_over(gallery, each.photo.sha256, sha256_of(Path(path)))
            except (InputError, PhotoError, ValueError, OSError) as error:
                done.refused.append(Refused(path, str(error)))
                continue
            _count(done, path, after)
    return done


def _count(done: Written, path: str, content: bytes | None) -> None:
    if content is None:
        done.unchanged += 1
    else:
        done.written += 1
        done.paths.append(path)


def _merged(before: bytes | None, each: Told, photo: Path) -> bytes | None:
    frame = read_frame(photo)
    if (frame.width, frame.height) != (each.photo.width, each.photo.height):
        raise InputError("the photo was changed since it was indexed", "run facelib index")
    return with_people(before, each.regions, Frame(frame.width, frame.height, frame.orientation))


def _embed(tool: str, photo: Path, packet: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="facelib-") as folder:
        source = Path(folder) / "people.xmp"
        source.write_bytes(packet)
        tags = ("-XMP-mwg-rs:RegionInfo", "-XMP-iptcExt:PersonInImage", "-XMP-MP:RegionInfoMP")
        command = [tool, "-config", "", "-q", "-q", "-m", "-P", "-tagsFromFile", str(source), *tags, "--", str(photo)]
        try:
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=EXIFTOOL_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise InputError("exiftool took too long") from error
    if done.returncode:
        raise InputError(f"exiftool refused: {' '.join(done.stderr.decode('utf-8', 'replace').split())[:300]}")
