"""What the gallery knows about photos, in the form that formats write."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from facelib.exchange.csv_table import TableRow
from facelib.exchange.photo_record import RefusedFile
from facelib.exchange.regions import Region
from facelib.records import STANDINGS, UNKNOWN
from facelib.store import observations, people, verdicts
from facelib.store.gallery import Gallery
from facelib.store.observations import ObservationRow
from facelib.store.photos import PhotoRow, known_files, photos

_BATCH = 500


@dataclass
class ExportReport:
    """What an export did.

    Attributes
    ----------
    written, unchanged : int
        Files written, and files that had all of it already.
    refused : list of RefusedFile
        Photos that could not be written.
    paths : list of str
        The files written; with a dry run, those that would be.
    """

    written: int = 0
    unchanged: int = 0
    refused: list[RefusedFile] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def count(self, path: str, changed: bool) -> None:
        """Count one file."""
        if changed:
            self.written += 1
            self.paths.append(path)
        else:
            self.unchanged += 1


@dataclass(frozen=True)
class ExportedPhoto:
    """What the gallery knows about one photo, and the files that hold this photo."""

    photo: PhotoRow
    paths: tuple[str, ...]
    rows: tuple[TableRow, ...]

    @property
    def regions(self) -> list[Region]:
        """Named people and rejected names, in pixels of the upright picture."""
        return [
            Region(row.name, row.box, row.part, "facelib", rejected=row.standing == "not")
            for row in self.rows
            if row.name and row.box is not None
        ]


def exported_photos(gallery: Gallery, standings: Collection[str], roots: Sequence[str] | None = None) -> Iterator[ExportedPhoto]:
    """Collect the people of all photos that have a file below ``roots``, or anywhere.

    Parameters
    ----------
    standings : collection of str
        Of ``"certain"``, ``"likely"`` and ``"unknown"``: which observations to include. Names that the user rejected are always
        included.
    """
    paths: dict[str, list[str]] = {}
    for path, file in known_files(gallery, roots).items():
        if file.sha256 and not file.missing:
            paths.setdefault(file.sha256, []).append(path)
    names = people.names(gallery)
    confirmed = set(verdicts.labels(gallery, "is")[0].tolist())
    rejected: dict[int, list[int]] = {}
    for observation, person in zip(*(each.tolist() for each in verdicts.labels(gallery, "not")), strict=True):
        rejected.setdefault(observation, []).append(person)
    wanted = [row for row in photos(gallery) if row.sha256 in paths]
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        seen = observations.of_photos(gallery, [photo.id for photo in batch])
        for photo in batch:
            rows: list[TableRow] = []
            for row in seen.get(photo.id, ()):
                rows += _rows_of(photo, row, names, standings, row.id in confirmed, rejected.get(row.id, ()))
            if rows:
                yield ExportedPhoto(photo, tuple(paths[photo.sha256]), tuple(rows))


def _rows_of(
    photo: PhotoRow, row: ObservationRow, names: dict[int, str | None], standings: Collection[str], confirmed: bool, rejected: Sequence[int]
) -> Iterator[TableRow]:
    detection = row.face or row.body
    if detection is None:
        return
    kind, box = "face" if row.face else "body", detection.box
    name = names.get(row.person_id) if row.person_id is not None else None
    standing = row.standing if name else STANDINGS[UNKNOWN]
    if standing in standings:
        yield TableRow(photo.path, photo.sha256, name or "", kind, box, standing, "user" if confirmed else "auto")
    for person in rejected:
        if names.get(person) and person != row.person_id:
            yield TableRow(photo.path, photo.sha256, names[person] or "", kind, box, "not", "user")
