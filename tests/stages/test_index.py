"""The main job: only what is new is done, and a kill at any moment changes nothing but the time it takes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facelib.stages import index, worker_pool
from facelib.stages.index import Options, Report
from facelib.stages.worker import Job
from facelib.store import ledger, observations, people
from facelib.store.gallery import Gallery
from facelib.store.photos import photos
from tests import fakes
from tests.galleries import drop_derived

FAMILY = [(0, 1), (0,), (1, 2), (2,), (0, 2), (1,), (0, 1, 2), (2, 0), (1,), (3,)]


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def run(path: Path, album: Path, options: Options | None = None) -> Report:
    report = Report()
    with Gallery.write(path, "test") as gallery:
        for _ in index.run(gallery, fakes.SETUP, [album], options or Options(), report):
            pass
    return report


def content(path: Path) -> list[tuple[object, ...]]:
    """Everything the run found, without times of day."""
    with closing(sqlite3.connect(path)) as db:
        rows: list[tuple[object, ...]] = []
        for table in ("photos", "observations", "face_embeddings", "memberships", "clusters", "exemplars", "answers"):
            rows += [(table, *row) for row in db.execute(f"SELECT * FROM {table} ORDER BY 1")]
        rows += db.execute("SELECT photo_id, stage, recipe, error_kind FROM ledger ORDER BY 1, 2").fetchall()
        return rows


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "work", fakes.work_here())


@pytest.fixture
def album(tmp_path: Path) -> Path:
    for number, shown in enumerate(FAMILY):
        fakes.write_photo(tmp_path / "album" / f"{number:02}.jpg", shown, number)
    return tmp_path / "album"


def test_the_family_is_found_and_a_second_run_does_nothing(tmp_path: Path, album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = tmp_path / "g.sqlite"
    report = run(gallery, album)
    assert (report.census.new, report.tally.done, report.tally.failed) == (10, 10, 0)
    with Gallery.read(gallery) as opened:
        assert sorted(row.faces for row in people.people_rows(opened)) == [5, 5, 5]
    before = content(gallery)
    monkeypatch.setattr(worker_pool, "work", fakes.work_here(before=lambda job: pytest.fail(f"{job.path} was done twice")))
    report = run(gallery, album)
    assert (report.census.new, report.census.unchanged, report.tally.due) == (0, 10, 0)
    assert content(gallery) == before


def test_ten_more_photos_are_ten_photos_of_work(tmp_path: Path, album: Path) -> None:
    run(tmp_path / "g.sqlite", album)
    for number in range(10):
        fakes.write_photo(album / "more" / f"{number}.jpg", [number % 3], 100 + number)
    report = run(tmp_path / "g.sqlite", album)
    assert (report.census.new, report.tally.done) == (10, 10)


def test_limit_leaves_the_rest_for_the_next_run(tmp_path: Path, album: Path) -> None:
    gallery = tmp_path / "g.sqlite"
    first = run(gallery, album, Options(limit=4))
    assert (first.tally.done, first.waiting) == (4, 6)
    second = run(gallery, album)
    assert (second.tally.done, second.waiting) == (6, 0)
    whole = tmp_path / "whole.sqlite"
    run(whole, album)
    assert [row for row in content(gallery) if row[0] in ("photos", "observations")] == [
        row for row in content(whole) if row[0] in ("photos", "observations")
    ]


def test_a_spent_time_budget_begins_no_photo(tmp_path: Path, album: Path) -> None:
    run(tmp_path / "g.sqlite", album, Options(limit=0))
    report = run(tmp_path / "g.sqlite", album, Options(time_budget=1e-9))
    assert report.tally.done == 0


def test_a_bad_photo_is_tried_three_times_and_then_left_alone(tmp_path: Path, album: Path) -> None:
    fakes.write_photo(album / "bad.jpg", [0], 99, "unreadable")
    gallery = tmp_path / "g.sqlite"
    failed = [run(gallery, album).tally.failed for _ in range(5)]
    assert failed == [1, 1, 1, 0, 0]
    with Gallery.read(gallery) as opened:
        (failure,) = ledger.failures(opened)
    assert (Path(failure.path).name, failure.kind, failure.attempts) == ("bad.jpg", "unreadable", 3)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kills=st.lists(st.integers(0, 14), min_size=1, max_size=4))
def test_killed_anywhere_and_run_again_gives_the_same_gallery(
    tmp_path_factory: pytest.TempPathFactory, kills: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("kill")
    for number, shown in enumerate(FAMILY):
        fakes.write_photo(folder / "album" / f"{number:02}.jpg", shown, number)
    whole, broken = folder / "whole.sqlite", folder / "broken.sqlite"
    run(whole, folder / "album")
    for commits in kills:
        with pytest.MonkeyPatch.context() as patch:
            _kill_after(patch, commits)
            with contextlib.suppress(Killed):
                run(broken, folder / "album")
    run(broken, folder / "album")
    assert content(broken) == content(whole)


def _kill_after(patch: pytest.MonkeyPatch, commits: int) -> None:
    """End the run at its n-th commit: nothing of that transaction is kept, nothing after it is done."""
    original = Gallery.transaction
    left = iter(range(commits, -1, -1))
    patch.setattr("facelib.stages.observe.BATCH_PHOTOS", 2)

    def transaction(self: Gallery):  # type: ignore[no-untyped-def]
        if next(left, 0) == 0:
            raise Killed
        return original(self)

    patch.setattr(Gallery, "transaction", transaction)


def test_ctrl_c_keeps_what_was_seen(tmp_path: Path, album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def before(job: Job) -> None:
        if len(seen) == 5:
            raise KeyboardInterrupt
        seen.append(job.path)

    monkeypatch.setattr(worker_pool, "work", fakes.work_here(before=before))
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "g.sqlite", album)
    with Gallery.read(tmp_path / "g.sqlite") as gallery:
        done = [row for row in photos(gallery) if ledger.is_done(gallery, row.id, fakes.SETUP.photo_recipes())]
    assert len(done) == 5


def named(gallery: Gallery) -> Iterator[tuple[str, tuple[float, ...], int]]:
    for row in photos(gallery):
        for seen in observations.of_photo(gallery, row.id):
            if seen.person_id is not None and seen.assigned == "user":
                assert seen.face is not None
                yield row.sha256, seen.face.box, seen.person_id


@pytest.mark.parametrize("what", ["again", "recluster", "new model", "derived tables dropped", "files moved"])
def test_no_run_takes_a_name_away(tmp_path: Path, album: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    path = tmp_path / "g.sqlite"
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        for row in people.people_rows(gallery):
            people.name_cluster(gallery, row.clusters[0], f"Person {row.clusters[0]}")
        before = set(named(gallery))
    assert len(before) == 15
    options = Options(recluster=what == "recluster")
    if what == "new model":
        with Gallery.write(path, "test") as gallery:
            gallery.use_model("face-embedder", "face-reid-0095")
        monkeypatch.setattr(worker_pool, "work", fakes.work_here(lambda job: fakes.look(job, model=1)))
    if what == "derived tables dropped":
        with Gallery.write(path, "test") as gallery:
            drop_derived(gallery)
    if what == "files moved":
        album.rename(tmp_path / "elsewhere")
        album = tmp_path / "elsewhere"
    fakes.write_photo(album / "new.jpg", [0, 1], 500)
    run(path, album, options)
    with Gallery.read(path) as gallery:
        assert before <= set(named(gallery))
        assert len(people.people_rows(gallery)) == 3


def test_a_name_outlives_a_program_that_writes_the_file_anew(tmp_path: Path, album: Path) -> None:
    """Tags written into a file change its content, yet not who is in it; another picture under the same name is another matter."""
    path = tmp_path / "g.sqlite"
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        for row in people.people_rows(gallery):
            people.name_cluster(gallery, row.clusters[0], f"Person {row.clusters[0]}")
        before = {(box, person) for _, box, person in named(gallery)}
    tagged, replaced = album / "00.jpg", album / "03.jpg"
    tagged.write_text(tagged.read_text() + " " * 40)  # as new: the fake sees the same people, at the same places
    fakes.write_photo(replaced, [5, 6], 777)
    report = run(path, album)
    assert report.census.changed == 2
    with Gallery.read(path) as gallery:
        rows = {Path(row.path).name: row.id for row in photos(gallery)}
        assert len(rows) == 10, "the contents that are gone are forgotten"
        kept = observations.of_photo(gallery, rows["00.jpg"])
        assert all(seen.assigned == "user" and seen.person_id is not None for seen in kept)
        assert {(seen.face.box, seen.person_id) for seen in kept if seen.face} <= before
        assert all(seen.person_id is None for seen in observations.of_photo(gallery, rows["03.jpg"]))


def test_a_rewritten_file_waits_for_its_turn(tmp_path: Path, album: Path) -> None:
    path = tmp_path / "g.sqlite"
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        (first, *_) = people.people_rows(gallery)
        people.name_cluster(gallery, first.clusters[0], "Ana")
        before = len(set(named(gallery)))
    for file in album.iterdir():
        file.write_text(file.read_text() + "\n")
    run(path, album, Options(limit=4))
    run(path, album)
    with Gallery.read(path) as gallery:
        assert len(set(named(gallery))) == before
