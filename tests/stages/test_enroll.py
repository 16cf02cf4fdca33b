"""References: known at once, refused where they would do harm, and never lost."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from facelib.errors import InputError
from facelib.look import Look
from facelib.photos.fingerprint import sha256_of
from facelib.records import Picture, Sighting
from facelib.stages import enroll, index, worker_pool
from facelib.stages.index import Options, Report
from facelib.stages.worker import Job
from facelib.store import enroll as store_enroll
from facelib.store import observations, people, undo
from facelib.store.gallery import Gallery
from facelib.store.observations import of_photos
from facelib.store.photos import known_files, photos
from facelib.who.recogniser import Recogniser
from facelib.who.verification import references
from tests import fakes
from tests.galleries import drop_derived

CARD = fakes.SETUP.card("face-embedder")


class Eyes:
    """Sees in each picture the people whose numbers its file name begins with: ``0-1-party.png`` shows 0 and 1."""

    reliability = 0.95

    def look_at(self, path: Path) -> Eyes:
        numbers = [int(part) for part in path.stem.split("-") if part.isdigit()]
        file = path.with_suffix(".txt")
        fakes.write_photo(file, numbers, sum(map(ord, path.name)))
        seen = fakes.look_at(file).sightings
        self.sightings = [replace(s, face=replace(s.face, reliability=self.reliability) if s.face else None) for s in seen]
        return self

    def detect(self, picture: Picture) -> list[Sighting]:
        return [Sighting(seen.face, seen.body) for seen in self.sightings]

    def embed(self, picture: Picture, sightings: Sequence[Sighting]) -> list[Sighting]:
        return self.sightings


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gallery]:
    """An album of three people without names."""
    monkeypatch.setattr(worker_pool, "work", fakes.work_here())
    for number, shown in enumerate([(0, 1), (0,), (1, 2), (2,), (0, 2), (1,), (0, 1, 2)]):
        fakes.write_photo(tmp_path / "album" / f"{number}.jpg", shown, number)
    with Gallery.write(tmp_path / "g.sqlite", "test") as opened:
        run(opened, tmp_path / "album")
        yield opened


def run(gallery: Gallery, *roots: Path, full: bool = False) -> None:
    list(index.run(gallery, fakes.SETUP, roots, Options(recluster=full), Report()))


def picture(folder: Path, name: str) -> Path:
    path = folder / "references" / name
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (1000, 800), (9, *zlib.crc32(name.encode()).to_bytes(4, "big")[:2])).save(path)
    return path


def take(gallery: Gallery, name: str, *paths: Path) -> people.Person:
    return enroll.enroll(gallery, fakes.SETUP, name, [enroll.reference_photo(Eyes().look_at(path), fakes.SETUP, path) for path in paths])


def who(gallery: Gallery, path: Path) -> list[str | None]:
    recogniser = Recogniser(gallery, fakes.SETUP.models, fakes.THRESHOLDS, fakes.SETUP.photo_recipes())
    recogniser._observer = Eyes().look_at(path)
    return [person.identity.name for person in recogniser.recognise(path).people]


def test_a_reference_is_known_at_once(gallery: Gallery, tmp_path: Path) -> None:
    stranger = picture(tmp_path, "5-door.png")
    assert who(gallery, stranger) == [None]
    ana = take(gallery, "Ana", picture(tmp_path, "5-a.png"), picture(tmp_path, "5-b.png"))
    assert ana.name == "Ana"
    assert who(gallery, stranger) == ["Ana"]
    assert references(gallery, ana.id, CARD.digest).shape == (2, CARD.dimension)
    again = take(gallery, "ANA", picture(tmp_path, "5-c.png"))
    assert again == ana and len(references(gallery, ana.id, CARD.digest)) == 3


def test_several_people(gallery: Gallery, tmp_path: Path) -> None:
    take(gallery, "Ana", *(picture(tmp_path, f"5-{letter}.png") for letter in "abc"))
    take(gallery, "Ben", *(picture(tmp_path, f"6-{letter}.png") for letter in "abc"))
    assert who(gallery, picture(tmp_path, "6-5-door.png")) == ["Ben", "Ana"]


def test_references_outlive_every_run(gallery: Gallery, tmp_path: Path) -> None:
    ana = take(gallery, "Ana", picture(tmp_path, "5-a.png"))
    for full in (False, True):
        run(gallery, tmp_path / "album", full=full)
        assert who(gallery, picture(tmp_path, "5-door.png")) == ["Ana"]
        assert len(references(gallery, ana.id, CARD.digest)) == 1


def test_references_elsewhere_are_looked_at_again_when_all_is_lost(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = picture(tmp_path, "5-a.png")
    ana = take(gallery, "Ana", path)
    drop_derived(gallery)

    def seen(job: Job):
        if not job.path.endswith(".png"):
            return fakes.look(job)
        eyes = Eyes().look_at(Path(job.path))
        return replace(fakes.look_at(Path(job.path).with_suffix(".txt")), sha256=job.sha256, sightings=tuple(eyes.sightings))

    monkeypatch.setattr(worker_pool, "work", fakes.work_here(seen))
    run(gallery, tmp_path / "album")
    assert len(references(gallery, ana.id, CARD.digest)) == 1
    assert who(gallery, picture(tmp_path, "5-door.png")) == ["Ana"]
    path.unlink()
    run(gallery, tmp_path / "album")
    assert len(references(gallery, ana.id, CARD.digest)) == 1


@pytest.mark.parametrize(("name", "why"), [("x.png", "no face"), ("1-2.png", "2 faces")])
def test_bad_references_are_refused(gallery: Gallery, tmp_path: Path, name: str, why: str) -> None:
    path = picture(tmp_path, name)
    with pytest.raises(InputError, match=why) as refused:
        enroll.reference_photo(Eyes().look_at(path), fakes.SETUP, path)
    assert name in str(refused.value) and refused.value.advice


def test_an_unreliable_face_is_refused(tmp_path: Path) -> None:
    path = picture(tmp_path, "1.png")
    eyes = Eyes()
    eyes.reliability = 0.3
    with pytest.raises(InputError, match=r"not reliable \(0.30"):
        enroll.reference_photo(eyes.look_at(path), fakes.SETUP, path)
    with pytest.raises(InputError, match="cannot be a reference: no such file"):
        enroll.reference_photo(eyes, fakes.SETUP, tmp_path / "none.png")


def test_enrolling_is_undone(gallery: Gallery, tmp_path: Path) -> None:
    take(gallery, "Ana", picture(tmp_path, "5-a.png"))
    assert undo.undo(gallery) == ["enrolled 1 photo of Ana"]
    assert people.people(gallery) == {} and store_enroll.reference_paths(gallery) == []
    assert who(gallery, picture(tmp_path, "5-door.png")) == [None]


def test_a_photo_of_the_album_becomes_a_reference(gallery: Gallery, tmp_path: Path) -> None:
    """It keeps its observation, and the cluster it is in goes to the person."""
    path = tmp_path / "album" / "1.jpg"
    before = next(row for row in photos(gallery) if row.path == str(path))
    (seen,) = observations.of_photo(gallery, before.id)
    ana = enroll.enroll(gallery, fakes.SETUP, "Ana", [enroll.ReferencePhoto(path, fakes.look_at(path))])
    (after,) = observations.of_photo(gallery, before.id)
    assert (after.id, after.cluster, after.person_id) == (seen.id, seen.cluster, ana.id)
    assert sum(row.person_id == ana.id for rows in of_photos(gallery, range(1, 8)).values() for row in rows) == 4


def test_a_reference_that_is_replaced_before_it_is_stored(gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked at becomes the reference; the next run finds that the file holds another photo by now."""
    path = picture(tmp_path, "5-a.png")
    reference = enroll.reference_photo(Eyes().look_at(path), fakes.SETUP, path)
    picture(tmp_path, "6-b.png").rename(path)
    ana = enroll.enroll(gallery, fakes.SETUP, "Ana", [reference])
    assert known_files(gallery)[str(path)].sha256 == reference.seen.sha256
    monkeypatch.setattr(worker_pool, "work", fakes.work_here(lambda job: stranger(tmp_path, job)))
    run(gallery, tmp_path / "album")
    assert known_files(gallery)[str(path)].sha256 == sha256_of(path) != reference.seen.sha256
    assert people.people(gallery)[ana.id].name == "Ana"


def stranger(folder: Path, job: Job) -> Look:
    """What a worker answers: in a picture it sees a stranger, in a text file who the file says."""
    if not job.path.endswith(".png"):
        return fakes.look(job)
    fakes.write_photo(folder / "stranger.txt", [9], 999)
    return replace(fakes.look_at(folder / "stranger.txt"), sha256=job.sha256)
