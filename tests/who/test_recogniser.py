"""Who is in a photo: stored answers for photos the gallery knows, fresh ones for others, and never a write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from facelib.records import Picture, Sighting
from facelib.stages import index, worker_pool
from facelib.stages.index import Options, Report
from facelib.store import observations, people
from facelib.store.gallery import Gallery
from facelib.store.photos import photos
from facelib.who.recogniser import Recogniser
from tests import fakes
from tests.galleries import put_verdict


class Eyes:
    """An observer that sees given people in whatever picture it is shown."""

    def __init__(self, folder: Path, *shown: int) -> None:
        path = folder / "shown.jpg"
        fakes.write_photo(path, shown, 4711)
        self.sightings = list(fakes.look_at(path).sightings)

    def detect(self, picture: Picture) -> list[Sighting]:
        return [Sighting(seen.face, seen.body) for seen in self.sightings]

    def embed(self, picture: Picture, sightings: list[Sighting]) -> list[Sighting]:
        assert len(sightings) == len(self.sightings)
        return self.sightings


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gallery]:
    """Three people; the first two are named Ana and Ben."""
    monkeypatch.setattr(worker_pool, "work", fakes.work_here())
    for number, shown in enumerate([(0, 1), (0,), (1, 2), (2,), (0, 2), (1,), (0, 1, 2)]):
        fakes.write_photo(tmp_path / "album" / f"{number}.jpg", shown, number)
    path = tmp_path / "g.sqlite"
    with Gallery.write(path, "test") as writing:
        list(index.run(writing, fakes.SETUP, [tmp_path / "album"], Options(), Report()))
        first = next(photos(writing))
        for row, name in zip(observations.of_photo(writing, first.id), ("Ana", "Ben"), strict=True):
            assert row.cluster is not None
            people.name_cluster(writing, row.cluster, name)
    with Gallery.read(path) as reading:
        yield reading


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.new("RGB", (1000, 800), "white").save(tmp_path / "new.jpg")
    return tmp_path / "new.jpg"


def recogniser(gallery: Gallery, eyes: Eyes | None = None) -> Recogniser:
    made = Recogniser(gallery, fakes.SETUP.models, fakes.SETUP.thresholds, fakes.SETUP.photo_recipes())
    if eyes is not None:
        made.__dict__["_observer"] = eyes
    return made


def names(seen: object) -> list[str | None]:
    return [person.identity.name for person in seen.people]  # type: ignore[attr-defined]


def test_a_new_photo_is_looked_at_and_named(gallery: Gallery, picture: Path, tmp_path: Path) -> None:
    before = gallery.path.read_bytes()
    seen = recogniser(gallery, Eyes(tmp_path, 1, 0, 2, 9)).recognise(picture)
    assert names(seen) == ["Ben", "Ana", None, None]
    known, unnamed, stranger = seen.people[0].identity, seen.people[2].identity, seen.people[3].identity
    assert known.standing in ("certain", "likely") and known.source == "auto" and known.shares[0].name == "Ben"
    assert unnamed.person is None and unnamed.cluster is not None
    assert stranger.person is None and stranger.cluster is None and stranger.standing == "unknown"
    assert gallery.path.read_bytes() == before


def test_nobody_is_twice_in_a_photo(gallery: Gallery, picture: Path, tmp_path: Path) -> None:
    seen = recogniser(gallery, Eyes(tmp_path, 0, 0)).recognise(picture)
    assert sorted(names(seen), key=str) == ["Ana", None]


def test_a_stored_photo_is_answered_without_looking(gallery: Gallery) -> None:
    first = next(photos(gallery))
    seen = recogniser(gallery).recognise(Path(first.path))
    assert names(seen) == ["Ana", "Ben"]
    assert all(person.number is not None and person.identity.source == "user" for person in seen.people)


def test_a_copy_under_another_name_is_the_same_photo(gallery: Gallery, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(Path(next(photos(gallery)).path).read_bytes())
    seen = recogniser(gallery).recognise(copy)
    assert seen.path == str(copy) and names(seen) == ["Ana", "Ben"]


def test_a_rejection_is_believed_at_once(gallery: Gallery) -> None:
    first = next(photos(gallery))
    row = observations.of_photo(gallery, first.id)[0]
    gallery.close()
    with Gallery.write(gallery.path, "test") as writing:
        ana = people.find(writing, "ana")
        assert ana is not None
        put_verdict(writing, row.id, ana.id, "not", "reject")
    with Gallery.read(gallery.path) as reading:
        assert names(recogniser(reading).recognise(Path(first.path)))[0] != "Ana"


def test_what_cannot_be_read_is_an_answer_of_its_own(gallery: Gallery, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    for name, kind in (("bad.jpg", "unreadable"), ("gone.jpg", "missing")):
        seen = recogniser(gallery).recognise(tmp_path / name)
        assert seen.error is not None and seen.error.kind == kind
        assert seen.json()["error"]["kind"] == kind and seen.json()["observations"] == []
