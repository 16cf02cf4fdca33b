"""Files that change while ``index`` runs: no result is ever stored under the hash of another picture, and the next run heals everything."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facelib.errors import PhotoError
from facelib.look import Look
from facelib.photos import content, fingerprint, walk
from facelib.photos.content import PhotoContent
from facelib.photos.photo_file import open_photo
from facelib.records import Picture, Sighting
from facelib.stages import index, observe, rewritten, scan, worker, worker_pool
from facelib.stages.index import Options, Report
from facelib.stages.setup import Setup
from facelib.stages.worker import Job
from facelib.store import ledger, observations, people
from facelib.store.gallery import Gallery
from facelib.store.photos import known_files, photos
from tests import fakes

FILES = 6
OTHER = Setup({**fakes.SETUP.models, "face-embedder": "face-reid-0095"}, fakes.THRESHOLDS)
"""As ``fakes.SETUP``, with another embedder: only embeddings are due."""
MODELS = [setup.card("face-embedder") for setup in (fakes.SETUP, OTHER)]
Act = Callable[[], object]


def picture(number: int) -> bytes:
    """A picture that :class:`Eyes` recognises by its colour; all of them are of one size in bytes."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (8 * number, 100, 200)).save(buffer, format="BMP")
    return buffer.getvalue()


def number_of(data: bytes) -> int | None:
    """Which picture these bytes are; None if they are damaged."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return round(np.asarray(image)[0, 0, 0] / 8)
    except OSError:
        return None


def people_in(number: int, model: int = 0) -> list[Sighting]:
    """Who is to be seen in a picture, at places that no other picture has."""
    seen = []
    for place in range(1 + number % 2):
        one = fakes.sighting((number + place) % 3, place, number, model)
        assert one.face is not None and one.face_embedding is not None
        face = replace(one.face, box=(one.face.box[0] + number, *one.face.box[1:]))
        seen.append(replace(one, face=face, face_embedding=np.pad(one.face_embedding, (0, MODELS[model].dimension - fakes.FACE_SIZE))))
    return seen


class Eyes:
    """An observer that sees :func:`people_in` the picture whose pixels it is given."""

    model = 0
    before_detect: Act = staticmethod(lambda: None)
    before_embed: Act = staticmethod(lambda: None)

    def detect(self, picture: Picture) -> list[Sighting]:
        self.before_detect()
        return [Sighting(seen.face, seen.body) for seen in people_in(round(picture.pixels[0, 0, 0] / 8))]

    def embed(self, picture: Picture, sightings: Sequence[Sighting]) -> list[Sighting]:
        self.before_embed()
        return people_in(round(picture.pixels[0, 0, 0] / 8), self.model)[: len(sightings)]


class Album:
    """A folder of pictures, and every content that any of its files ever had."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contents: dict[str, int | None] = {}
        folder.mkdir()
        for number in range(FILES):
            self.path(number).write_bytes(picture(number))
        self.remember()

    def path(self, number: int) -> Path:
        return self.folder / f"{number}.bmp"

    def remember(self) -> None:
        for path in self.folder.iterdir():
            data = path.read_bytes()
            self.contents[hashlib.sha256(data).hexdigest()] = number_of(data)

    def ring(self) -> None:
        self.path(0).rename(self.folder / "aside")
        for number in range(1, FILES):
            self.path(number).rename(self.path(number - 1))
        (self.folder / "aside").rename(self.path(FILES - 1))

    def swap(self) -> None:
        self.path(1).rename(self.folder / "aside")
        self.path(4).rename(self.path(1))
        (self.folder / "aside").rename(self.path(4))

    def replace(self) -> None:
        (self.folder / "aside").write_bytes(picture(20))
        (self.folder / "aside").rename(self.path(2))

    def overwrite(self) -> None:
        for number in range(FILES):
            self.path(number).write_bytes(picture(10 + number))

    def grow(self) -> None:
        for number in range(FILES):
            with self.path(number).open("ab") as file:
                file.write(b"more")

    def truncate(self) -> None:
        for number in range(3):
            os.truncate(self.path(number), 100)

    def remove(self) -> None:
        self.path(0).unlink()
        self.path(3).unlink()

    def rename(self) -> None:
        self.path(0).rename(self.folder / "new.bmp")
        self.path(3).rename(self.folder / "3.new.bmp")


ACTS = ["ring", "swap", "replace", "overwrite", "grow", "truncate", "remove", "rename"]
SEAMS = ["walked", "hashing", "hashed", "scanned", "handed out", "opened", "read", "decoded", "detected", "seen", "stored"]


def once(act: Act) -> Act:
    left = iter([act])
    return lambda: next(left, lambda: None)()


def inject(monkeypatch: pytest.MonkeyPatch, seam: str, eyes: Eyes, act: Act) -> None:
    """Let something happen at a seam, at its first passage or (``SEAMS`` that each photo passes) at that of the first photo."""
    act = once(act)

    def before(target: object, name: str) -> None:
        original = getattr(target, name)
        monkeypatch.setattr(target, name, lambda *args, **options: (act(), original(*args, **options))[1])

    def digest(*args: Any) -> Any:
        found = hashlib.file_digest(*args)
        act()
        return found

    def walked(roots: Sequence[Path], exclude: Sequence[str]) -> Iterator[object]:
        yield from walk.walk(roots, exclude)
        act()

    match seam:
        case "walked":
            monkeypatch.setattr(scan, "walk", walked)
        case "hashing":
            monkeypatch.setattr(fingerprint, "hashlib", SimpleNamespace(file_digest=digest))
        case "hashed":
            before(scan, "put_files")
        case "scanned":
            before(observe, "due")
        case "handed out":
            before(worker, "do_with")
        case "opened":
            before(content, "read_unchanged")
        case "read":
            before(PhotoContent, "decode")
        case "decoded":
            eyes.before_detect = act
        case "detected":
            eyes.before_embed = act
        case "seen":
            before(observe, "_commit")
        case "stored":
            before(rewritten, "run")


@pytest.fixture
def eyes(monkeypatch: pytest.MonkeyPatch) -> Eyes:
    """The observer of all runs, which happen in this process."""
    made = Eyes()

    def work(setup: Setup, jobs: Iterable[tuple[Any, Job]], workers: int, timeout: float) -> Generator[tuple[Any, Look], None, None]:
        for key, job in jobs:
            yield key, worker.do_with(made, job, setup.thresholds)  # type: ignore[arg-type]

    monkeypatch.setattr(worker_pool, "work", work)
    return made


def run(gallery: Gallery, album: Album, setup: Setup = fakes.SETUP, options: Options | None = None) -> Report:
    report = Report()
    list(index.run(gallery, setup, [album.folder], options or Options(), report))
    album.remember()
    return report


def check_truth(gallery: Gallery, album: Album, setup: Setup = fakes.SETUP, model: int = 0) -> set[str]:
    """Each photo that is done shows exactly who is in the content of its hash; the hashes of those that are done."""
    done = set()
    for row in photos(gallery):
        if not ledger.is_done(gallery, row.id, setup.photo_recipes()):
            continue
        number = album.contents[row.sha256]
        assert number is not None, "a damaged picture shows nobody"
        stored, wanted = observations.of_photo(gallery, row.id), people_in(number, model)
        assert [seen.face.box for seen in stored if seen.face] == [seen.face.box for seen in wanted if seen.face], row
        digest = setup.card("face-embedder").digest
        _, vectors = observations.embeddings(gallery, "face", digest, [seen.id for seen in stored])
        np.testing.assert_allclose(vectors, np.stack([seen.face_embedding for seen in wanted]), atol=1e-3)
        done.add(row.sha256)
    return done


def check_healed(gallery: Gallery, album: Album, setup: Setup = fakes.SETUP, model: int = 0) -> None:
    """The gallery knows what each file holds, and every picture that can be decoded is done."""
    done = check_truth(gallery, album, setup, model)
    here = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in album.folder.iterdir()}
    assert {path: file.sha256 for path, file in known_files(gallery).items() if not file.missing} == here
    assert {sha256 for sha256 in here.values() if album.contents[sha256] is not None} <= done
    failed = {failure.path for failure in ledger.failures(gallery)}
    assert failed == {path for path, sha256 in here.items() if album.contents[sha256] is None}


CASES = [(seam, content.MOST_IN_MEMORY) for seam in SEAMS] + [(seam, -1) for seam in SEAMS[5:9]]
"""Between which steps, and up to which size files are held in memory: -1 means that all of them are decoded from the file."""


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("seam", "most_in_memory"), CASES)
def test_a_first_run(seam: str, act: str, most_in_memory: int, tmp_path: Path, eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    album = Album(tmp_path / "album")
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        with monkeypatch.context() as patch:
            patch.setattr(content, "MOST_IN_MEMORY", most_in_memory)
            inject(patch, seam, eyes, getattr(album, act))
            run(gallery, album)
        check_truth(gallery, album)
        run(gallery, album)
        check_healed(gallery, album)
        assert run(gallery, album).tally.due == sum(number is None for number in album.contents.values())


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("seam", SEAMS[3:])
def test_a_run_with_a_new_embedder_on_named_people(
    seam: str, act: str, tmp_path: Path, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only embeddings are due; what was detected in one picture is not taken for another one, and names stay."""
    album = Album(tmp_path / "album")
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        run(gallery, album)
        for row in people.people_rows(gallery):
            people.name_cluster(gallery, row.clusters[0], f"Person {row.clusters[0]}")
        before = named(gallery)
        assert len(before) == sum(len(people_in(number)) for number in range(FILES))
        eyes.model = 1
        with monkeypatch.context() as patch:
            inject(patch, seam, eyes, getattr(album, act))
            run(gallery, album, OTHER)
        check_truth(gallery, album, OTHER, model=1)
        run(gallery, album, OTHER)
        check_healed(gallery, album, OTHER, model=1)
        here = {hashlib.sha256(path.read_bytes()).hexdigest() for path in album.folder.iterdir()}
        assert {one for one in before if one[0] in here} <= named(gallery)


def test_files_that_are_exchanged_while_the_scan_reads_them_only(tmp_path: Path, eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exchanged after the walk and back before the end: the scan notes size and time of what it read, not of what the walk met."""
    album = Album(tmp_path / "album")
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        run(gallery, album)
        for number in range(FILES):
            os.utime(album.path(number), (1e9 + number, 1e9 + number))
        with monkeypatch.context() as patch:
            inject(patch, "walked", eyes, album.swap)
            inject(patch, "hashed", eyes, album.swap)
            run(gallery, album)
        run(gallery, album)
        check_healed(gallery, album)


def test_a_photo_whose_file_holds_another_one_is_not_forgotten(tmp_path: Path, eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not known where it is until the next scan; its observations keep their ids until then."""
    album = Album(tmp_path / "album")
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        run(gallery, album)
        for row in people.people_rows(gallery):
            people.name_cluster(gallery, row.clusters[0], f"Person {row.clusters[0]}")
        before = named(gallery), ids(gallery)
        eyes.model = 1
        with monkeypatch.context() as patch:
            inject(patch, "handed out", eyes, album.swap)
            run(gallery, album, OTHER, Options(limit=2))
        run(gallery, album, OTHER)
        check_healed(gallery, album, OTHER, model=1)
        assert (named(gallery), ids(gallery)) == before


def ids(gallery: Gallery) -> dict[str, list[int]]:
    return {row.sha256: [seen.id for seen in observations.of_photo(gallery, row.id)] for row in photos(gallery)}


def test_nothing_is_detected_again_for_a_new_embedder(tmp_path: Path, eyes: Eyes) -> None:
    album = Album(tmp_path / "album")
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        run(gallery, album)
        eyes.model, eyes.before_detect = 1, lambda: pytest.fail("it was detected again")
        assert run(gallery, album, OTHER).tally.done == FILES
        check_healed(gallery, album, OTHER, model=1)


def named(gallery: Gallery) -> set[tuple[str, tuple[float, ...], int]]:
    rows = [(row.sha256, seen) for row in photos(gallery) for seen in observations.of_photo(gallery, row.id)]
    return {(sha256, seen.face.box, seen.person_id) for sha256, seen in rows if seen.face and seen.person_id and seen.assigned == "user"}


def test_a_ring_of_renames_during_a_first_run_costs_nothing(tmp_path: Path, eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    """All right after the very run, although size and time of all files are the same."""
    album = Album(tmp_path / "album")
    for path in album.folder.iterdir():
        os.utime(path, (1e9, 1e9))
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        with monkeypatch.context() as patch:
            inject(patch, "handed out", eyes, album.ring)
            report = run(gallery, album)
        assert (report.tally.done, report.tally.failed, report.waiting) == (FILES, 0, 0)
        check_healed(gallery, album)
        assert run(gallery, album).tally.due == 0


def test_a_file_that_keeps_changing_is_tried_in_every_run(tmp_path: Path, eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    album = Album(tmp_path / "album")
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        monkeypatch.setattr(content, "MOST_IN_MEMORY", -1)
        for number in range(ledger.MAX_ATTEMPTS + 2):
            with monkeypatch.context() as patch:
                inject(patch, "read", eyes, lambda: os.utime(album.path(0), (1e9 + number, 1e9 + number)))  # noqa: B023
                report = run(gallery, album)
            assert report.tally.failed == 1
            (failure,) = ledger.failures(gallery)
            assert (failure.path, failure.detail) == (str(album.path(0)), "the file changed while it was read")
        run(gallery, album)
        check_healed(gallery, album)


def test_files_that_cannot_be_read_keep_no_other_photo_from_its_turn(tmp_path: Path, eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scan does not read unchanged files again, so only the run finds out; it gives up after a few attempts, as with every failure."""
    album = Album(tmp_path / "album")
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        run(gallery, album)
        eyes.model = 1
        with monkeypatch.context() as patch:
            patch.setattr(content, "open_photo", refusing(album.path(0), PhotoError("unreadable", "Input/output error")))
            for _ in range(ledger.MAX_ATTEMPTS):
                report = run(gallery, album, OTHER, Options(limit=1))
                assert report.tally.failed == 1
            for _ in range(FILES - 1):
                assert run(gallery, album, OTHER, Options(limit=1)).tally.done == 1
            assert run(gallery, album, OTHER).tally.due == 0
            (failure,) = ledger.failures(gallery)
            assert (failure.path, failure.detail) == (str(album.path(0)), "Input/output error")
        ledger.retry(gallery)
        run(gallery, album, OTHER)
        check_healed(gallery, album, OTHER, model=1)


def test_a_file_that_is_not_there_is_not_counted_against_its_photo(tmp_path: Path, eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was moved since the scan, perhaps in every run."""
    album = Album(tmp_path / "album")
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        for _ in range(ledger.MAX_ATTEMPTS + 1):
            with monkeypatch.context() as patch:
                patch.setattr(content, "open_photo", refusing(album.path(0), PhotoError("missing", "the file is gone")))
                run(gallery, album)
        run(gallery, album)
        check_healed(gallery, album)


def refusing(path: Path, error: PhotoError) -> Callable[[Path], Any]:
    """Open a photo, unless it is this one."""

    def opened(asked: Path) -> Any:
        if asked == path:
            raise error
        return open_photo(asked)

    return opened
