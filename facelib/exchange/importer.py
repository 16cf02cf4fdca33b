"""Taking names of other programs into the gallery, as verdicts: as if the user had said them here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from facelib.errors import InputError, PhotoError
from facelib.exchange.matching import Seen, pair, placed
from facelib.exchange.orientation import Frame, read_frame
from facelib.exchange.readers import Refused, Said
from facelib.exchange.regions import Region, clean_name
from facelib.photos.fingerprint import sha256_of
from facelib.store import changes, clusters, names, observations, people, verdicts
from facelib.store.gallery import Gallery
from facelib.store.observations import ObservationRow
from facelib.store.photos import PhotoRow, known_files, photo_by_sha


@dataclass(frozen=True)
class Finding:
    """One thing to tell the user: about which photo, which name, and what."""

    photo: str
    name: str
    what: str


@dataclass
class Report:
    """What an import did.

    Attributes
    ----------
    photos : int
        Photos of which something was said.
    matched, drawn, agreed, rejected : int
        Names given to an observation by its box; to one that was added because no detector saw it; to one without a box, because
        nobody else can be meant or the gallery says so too; and names taken from one.
    present : int
        Names the gallery had already, by the user's word.
    exchanged : int
        Photos whose writer confused the stored with the upright picture.
    conflicts, suggestions, unplaced : list of Finding
        What contradicts the user's own word, which stands; names without a box that may be anybody's; regions and names that cannot
        be used.
    unknown : list of str
        Photos that are not in the gallery, or have not been looked at yet.
    refused : list of Refused
    change : int or None
        The change ``undo`` walks back; None where nothing was changed.
    """

    photos: int = 0
    matched: int = 0
    drawn: int = 0
    agreed: int = 0
    rejected: int = 0
    present: int = 0
    exchanged: int = 0
    conflicts: list[Finding] = field(default_factory=list)
    suggestions: list[Finding] = field(default_factory=list)
    unplaced: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    change: int | None = None


class _DryRunDone(Exception):
    """Undoes the transaction of a dry run."""


def take_in(gallery: Gallery, said: Iterable[Said | Refused], form: str, dry_run: bool = False) -> Report:
    """Take in what files say, all in one transaction and one change.

    Doing it twice does what doing it once does. What the user said in this program stands.

    Parameters
    ----------
    form : str
        The format, for the log of changes.
    dry_run : bool
        Only report.
    """
    records = list(said)
    intake = _Intake(gallery, form)
    try:
        with gallery.transaction():
            for record in records:
                intake.take(record)
            intake.settle()
            if dry_run:
                raise _DryRunDone
    except _DryRunDone:
        intake.report.change = None
    return intake.report


def _pairs(regions: list[Region], seen: list[Seen]) -> dict[int, int]:
    """As :func:`pair`; but many may be said not to be one person who is somebody."""
    named = [n for n, region in enumerate(regions) if not region.rejected]
    pairs = {named[n]: k for n, k in pair([regions[n] for n in named], seen).items()}
    for n, region in enumerate(regions):
        if region.rejected and (met := pair([region], seen)):
            pairs[n] = met[0]
    return pairs


class _Intake:
    def __init__(self, gallery: Gallery, form: str) -> None:
        self.gallery = gallery
        self.form = form
        self.report = Report()
        self._files = {path: file.sha256 for path, file in known_files(gallery).items() if file.sha256}
        self._is = dict(zip(*(each.tolist() for each in verdicts.labels(gallery, "is")), strict=True))
        self._not = set(zip(*(each.tolist() for each in verdicts.labels(gallery, "not")), strict=True))
        self._new: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._unplaced: list[tuple[PhotoRow, list[str]]] = []

    def take(self, record: Said | Refused) -> None:
        """Take in one record."""
        if isinstance(record, Refused):
            self.report.refused.append(record)
            return
        if not (record.regions or record.people.names or any(clean_name(mark.name) for mark in record.people.marks)):
            return
        self.report.photos += 1
        photo = self._photo(record)
        if photo is None or photo.width is None or photo.height is None:
            self.report.unknown.append(record.photo or record.sha256)
            return
        rows = observations.of_photo(self.gallery, photo.id)
        seen = [Seen(row.face.box if row.face else None, row.body.box if row.body else None) for row in rows]
        regions = [*record.regions]
        if record.people.marks:
            frame = self._frame(record, photo)
            found, exchanged = placed(record.people.marks, frame, seen)
            regions += found
            self.report.exchanged += exchanged
        taken = self._take_regions(photo, rows, regions, _pairs(regions, seen))
        checked = [self._name(photo, name) for name in record.people.names]
        self._unplaced.append((photo, [name for name in checked if name is not None and names.fold(name) not in taken]))

    def settle(self) -> None:
        """Write what regions say, then find whom names without a box mean; each one found may tell the gallery who others are."""
        self._write()
        while True:
            self._unplaced = [(photo, left) for photo, given in self._unplaced if (left := self._take_names(photo, given))]
            if not self._write():
                break
        for photo, left in self._unplaced:
            unnamed = len(self._unnamed(observations.of_photo(self.gallery, photo.id)))
            what = f"one of {unnamed} unnamed people" if unnamed else "nobody unnamed is there"
            self.report.suggestions += [Finding(photo.path, name, what) for name in left]

    def _write(self) -> bool:
        """Write the verdicts so far, person by person, and let clusters follow; whether there were any."""
        for (person, says), ids in self._new.items():
            verdicts.put_verdicts(self.gallery, ids, person, says, "import", self._change())
        written = bool(self._new)
        self._new.clear()
        if written:
            clusters.set_owners(self.gallery)
        return written

    def _change(self) -> int:
        if self.report.change is None:
            self.report.change = changes.log(self.gallery, "import", {"format": self.form})
        return self.report.change

    def _photo(self, record: Said) -> PhotoRow | None:
        sha256 = record.sha256 or self._files.get(record.photo)
        if sha256 is None and record.photo:
            try:
                # A copy, or a photo that was moved since: its content tells.
                sha256 = sha256_of(Path(record.photo))
            except PhotoError:
                return None
        return photo_by_sha(self.gallery, sha256) if sha256 else None

    def _frame(self, record: Said, photo: PhotoRow) -> Frame:
        width, height = photo.width or 1, photo.height or 1
        try:
            return Frame(width, height, read_frame(Path(record.photo)).orientation)
        except PhotoError:
            return Frame(width, height)

    def _take_regions(self, photo: PhotoRow, rows: list[ObservationRow], regions: list[Region], pairs: Mapping[int, int]) -> set[str]:
        """Names, folded, that regions gave."""
        taken: set[str] = set()
        for n, region in enumerate(regions):
            name = self._name(photo, region.name)
            if name is None:
                continue
            if not region.rejected:
                taken.add(names.fold(name))
            if n in pairs:
                self.report.matched += self._say(photo, rows[pairs[n]].id, name, region)
            elif region.rejected or not region.certain:
                why = "nobody is there" if region.rejected else "the photo was cropped since, and nobody is there"
                self.report.unplaced.append(Finding(photo.path, name, why))
            else:
                drawn = observations.draw(self.gallery, photo.id, region.kind, region.box, self._change())
                self.report.drawn += self._say(photo, drawn, name, region)
        return taken

    def _name(self, photo: PhotoRow, text: str | None) -> str | None:
        try:
            return None if text is None else names.clean(text)
        except InputError as error:
            self.report.unplaced.append(Finding(photo.path, text or "", str(error)))
            return None

    def _say(self, photo: PhotoRow, observation: int, name: str, region: Region | None = None) -> bool:
        """Keep a verdict for :meth:`settle`, unless it is there or contradicts the user; whether it gives a name that was not there."""
        known = people.find(self.gallery, name)
        present = self._is.get(observation)
        rejected = region is not None and region.rejected
        if rejected:
            if known is None or (observation, known.id) in self._not:
                self.report.present += 1
            elif present == known.id:
                self.report.conflicts.append(Finding(photo.path, name, "said not to be, but you said it is"))
            else:
                self._not.add((observation, known.id))
                self._new[known.id, "not"].append(observation)
                self.report.rejected += 1
            return False
        if known is not None and present == known.id:
            self.report.present += 1
            return False
        if present is not None:
            self.report.conflicts.append(
                Finding(photo.path, name, f"you said it is {people.names(self.gallery).get(present) or 'somebody else'}")
            )
            return False
        if known is not None and (observation, known.id) in self._not:
            self.report.conflicts.append(Finding(photo.path, name, "you said it is not"))
            return False
        person = known.id if known is not None else people.add(self.gallery, name, self._change())
        self._is[observation] = person
        self._new[person, "is"].append(observation)
        return True

    def _take_names(self, photo: PhotoRow, given: list[str]) -> list[str]:
        """Place names said of a photo as a whole where the gallery agrees, or nobody else can be meant; returns those left."""
        rows = observations.of_photo(self.gallery, photo.id)
        left: list[str] = []
        for name in given:
            person = people.find(self.gallery, name)
            theirs = [] if person is None else [row for row in rows if self._is.get(row.id, row.person_id) == person.id]
            if any(row.id in self._is for row in theirs):
                self.report.present += 1
            elif len(theirs) == 1:
                self.report.agreed += self._say(photo, theirs[0].id, name)
            else:
                left.append(name)
        unnamed = self._unnamed(rows)
        if len(left) == 1 and len(unnamed) == 1 and not self._denied(unnamed[0].id, left[0]):
            self.report.agreed += self._say(photo, unnamed[0].id, left[0])
            return []
        return left

    def _unnamed(self, rows: list[ObservationRow]) -> list[ObservationRow]:
        return [row for row in rows if row.face is not None and row.id not in self._is and row.person_id is None]

    def _denied(self, observation: int, name: str) -> bool:
        person = people.find(self.gallery, name)
        return person is not None and (observation, person.id) in self._not
