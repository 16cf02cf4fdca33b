"""Importing names from other programs: each becomes a verdict, as if the user had given it here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from facelib.errors import InputError, PhotoError
from facelib.exchange.matching import ObservedBoxes, match_regions, resolve_regions
from facelib.exchange.orientation import Frame, read_frame
from facelib.exchange.photo_record import PhotoRecord, RefusedFile
from facelib.exchange.regions import Region, clean_name
from facelib.photos.fingerprint import sha256_of
from facelib.store import changes, clusters, names, observations, people, verdicts
from facelib.store.gallery import Gallery
from facelib.store.observations import ObservationRow
from facelib.store.photos import PhotoRow, known_files, photo_by_sha


@dataclass(frozen=True)
class ImportIssue:
    """Something about an imported name that the user should know: the photo, the name, and what."""

    photo: str
    name: str
    what: str


@dataclass
class ImportReport:
    """What an import did.

    Attributes
    ----------
    photos : int
        Photos with at least one name.
    matched, drawn, agreed, rejected : int
        Names given to an observation whose box matches; names given to a face that no detector found, which was added; names
        without a box, given where only one person is possible or where the gallery agrees; names removed.
    present : int
        Names that the gallery already had as verdicts.
    swapped : int
        Photos whose writer confused the stored with the upright picture.
    conflicts, suggestions, unplaced : list of ImportIssue
        Names that contradict a verdict of the user, which wins; names without a box that fit several people; regions and names that
        cannot be used.
    unknown : list of str
        Photos that are not in the gallery or were not analysed yet.
    refused : list of RefusedFile
    change : int or None
        The change that ``undo`` takes back; None if nothing was changed.
    """

    photos: int = 0
    matched: int = 0
    drawn: int = 0
    agreed: int = 0
    rejected: int = 0
    present: int = 0
    swapped: int = 0
    conflicts: list[ImportIssue] = field(default_factory=list)
    suggestions: list[ImportIssue] = field(default_factory=list)
    unplaced: list[ImportIssue] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    change: int | None = None


class _DryRunDone(Exception):
    """Rolls back the transaction of a dry run."""


def import_records(gallery: Gallery, records: Iterable[PhotoRecord | RefusedFile], format_name: str, dry_run: bool = False) -> ImportReport:
    """Import names in one transaction and one change.

    A second import of the same records changes nothing. Verdicts that the user gave in this program win.

    Parameters
    ----------
    format_name : str
        The name of the format, for the undo log.
    dry_run : bool
        Only report.
    """
    # Files are read before the transaction begins: nobody waits for the lock meanwhile.
    read = list(records)
    importer = _Importer(gallery, format_name)
    try:
        with gallery.transaction():
            for record in read:
                importer.add(record)
            importer.finish()
            if dry_run:
                raise _DryRunDone
    except _DryRunDone:
        importer.report.change = None
    return importer.report


def _match(regions: list[Region], observed: list[ObservedBoxes]) -> dict[int, int]:
    """As :func:`facelib.exchange.matching.match_regions`, but several rejected names may match one observation that also has a name."""
    named = [n for n, region in enumerate(regions) if not region.rejected]
    matches = {named[n]: k for n, k in match_regions([regions[n] for n in named], observed).items()}
    for n, region in enumerate(regions):
        if region.rejected and (match := match_regions([region], observed)):
            matches[n] = match[0]
    return matches


class _Importer:
    def __init__(self, gallery: Gallery, format_name: str) -> None:
        self.gallery = gallery
        self.format_name = format_name
        self.report = ImportReport()
        self._files = {path: file.sha256 for path, file in known_files(gallery).items() if file.sha256}
        self._is = dict(zip(*(each.tolist() for each in verdicts.labels(gallery, "is")), strict=True))
        self._not = set(zip(*(each.tolist() for each in verdicts.labels(gallery, "not")), strict=True))
        self._new: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._unmatched_names: list[tuple[PhotoRow, list[str]]] = []

    def add(self, record: PhotoRecord | RefusedFile) -> None:
        """Add one record: its regions now, its names without a box in :meth:`finish`."""
        if isinstance(record, RefusedFile):
            self.report.refused.append(record)
            return
        if not (record.regions or record.people.names or any(clean_name(each.name) for each in record.people.file_regions)):
            return
        self.report.photos += 1
        photo = self._photo(record)
        if photo is None or photo.width is None or photo.height is None:
            self.report.unknown.append(record.photo or record.sha256)
            return
        rows = observations.of_photo(self.gallery, photo.id)
        observed = [ObservedBoxes(row.face.box if row.face else None, row.body.box if row.body else None) for row in rows]
        regions = [*record.regions]
        if record.people.file_regions:
            resolved, swapped = resolve_regions(record.people.file_regions, self._frame(record, photo), observed)
            regions += resolved
            self.report.swapped += swapped
        used = self._add_regions(photo, rows, regions, _match(regions, observed))
        checked = [self._valid_name(photo, name) for name in record.people.names]
        self._unmatched_names.append((photo, [name for name in checked if name is not None and names.fold(name) not in used]))

    def finish(self) -> None:
        """Write the names of regions, then match names without a box to people; each match may make others unambiguous."""
        self._write()
        while True:
            self._unmatched_names = [(photo, left) for photo, given in self._unmatched_names if (left := self._match_names(photo, given))]
            if not self._write():
                break
        for photo, left in self._unmatched_names:
            unnamed = len(self._unnamed(observations.of_photo(self.gallery, photo.id)))
            what = f"one of {unnamed} unnamed people" if unnamed else "the photo shows no unnamed person"
            self.report.suggestions += [ImportIssue(photo.path, name, what) for name in left]

    def _write(self) -> bool:
        """Write the verdicts so far and update the owners of clusters; returns whether there were any."""
        for (person, says), ids in self._new.items():
            verdicts.put_verdicts(self.gallery, ids, person, says, "import", self._change())
        written = bool(self._new)
        self._new.clear()
        if written:
            clusters.set_owners(self.gallery)
        return written

    def _change(self) -> int:
        if self.report.change is None:
            self.report.change = changes.log(self.gallery, "import", {"format": self.format_name})
        return self.report.change

    def _photo(self, record: PhotoRecord) -> PhotoRow | None:
        sha256 = record.sha256 or self._files.get(record.photo)
        if sha256 is None and record.photo:
            try:
                # A copy, or a photo that was moved since: found by its content.
                sha256 = sha256_of(Path(record.photo))
            except PhotoError:
                return None
        return photo_by_sha(self.gallery, sha256) if sha256 else None

    def _frame(self, record: PhotoRecord, photo: PhotoRow) -> Frame:
        width, height = photo.width or 1, photo.height or 1
        try:
            return Frame(width, height, read_frame(Path(record.photo)).orientation)
        except PhotoError:
            return Frame(width, height)

    def _add_regions(self, photo: PhotoRow, rows: list[ObservationRow], regions: list[Region], matches: Mapping[int, int]) -> set[str]:
        """Give the names of regions to observations; returns these names, folded."""
        used: set[str] = set()
        for n, region in enumerate(regions):
            name = self._valid_name(photo, region.name)
            if name is None:
                continue
            if not region.rejected:
                used.add(names.fold(name))
            if n in matches:
                self.report.matched += self._add_verdict(photo, rows[matches[n]].id, name, region.rejected)
            elif region.rejected or not region.certain:
                why = "nobody was found there" if region.rejected else "the photo was cropped since, and nobody was found there"
                self.report.unplaced.append(ImportIssue(photo.path, name, why))
            else:
                drawn = observations.draw(self.gallery, photo.id, region.kind, region.box, self._change())
                self.report.drawn += self._add_verdict(photo, drawn, name)
        return used

    def _valid_name(self, photo: PhotoRow, text: str | None) -> str | None:
        try:
            return None if text is None else names.clean(text)
        except InputError as error:
            self.report.unplaced.append(ImportIssue(photo.path, text or "", str(error)))
            return None

    def _add_verdict(self, photo: PhotoRow, observation: int, name: str, rejected: bool = False) -> bool:
        """Collect a verdict, unless it exists already or contradicts the user; returns whether it is a new name."""
        known = people.find(self.gallery, name)
        present = self._is.get(observation)
        if rejected:
            if known is None or (observation, known.id) in self._not:
                self.report.present += 1
            elif present == known.id:
                self.report.conflicts.append(ImportIssue(photo.path, name, "the file says it is not, you said it is"))
            else:
                self._not.add((observation, known.id))
                self._new[known.id, "not"].append(observation)
                self.report.rejected += 1
            return False
        if known is not None and present == known.id:
            self.report.present += 1
            return False
        if present is not None:
            who = people.names(self.gallery).get(present) or "somebody else"
            self.report.conflicts.append(ImportIssue(photo.path, name, f"you said it is {who}"))
            return False
        if known is not None and (observation, known.id) in self._not:
            self.report.conflicts.append(ImportIssue(photo.path, name, "you said it is not"))
            return False
        person = known.id if known is not None else people.add(self.gallery, name, self._change())
        self._is[observation] = person
        self._new[person, "is"].append(observation)
        return True

    def _match_names(self, photo: PhotoRow, given: list[str]) -> list[str]:
        """Give names without a box where the gallery agrees or only one person is possible; returns the names left."""
        rows = observations.of_photo(self.gallery, photo.id)
        left: list[str] = []
        for name in given:
            person = people.find(self.gallery, name)
            matching = [] if person is None else [row for row in rows if self._is.get(row.id, row.person_id) == person.id]
            if any(row.id in self._is for row in matching):
                self.report.present += 1
            elif len(matching) == 1:
                self.report.agreed += self._add_verdict(photo, matching[0].id, name)
            else:
                left.append(name)
        unnamed = self._unnamed(rows)
        if len(left) == 1 and len(unnamed) == 1 and not self._is_rejected(unnamed[0].id, left[0]):
            self.report.agreed += self._add_verdict(photo, unnamed[0].id, left[0])
            return []
        return left

    def _unnamed(self, rows: list[ObservationRow]) -> list[ObservationRow]:
        return [row for row in rows if row.face is not None and row.id not in self._is and row.person_id is None]

    def _is_rejected(self, observation: int, name: str) -> bool:
        person = people.find(self.gallery, name)
        return person is not None and (observation, person.id) in self._not
