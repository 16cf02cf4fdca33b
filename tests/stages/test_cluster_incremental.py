"""Adding to a library: only what is new is read, the result is that of one run, and nothing people said is lost."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facelib.evaluation.groups import b_cubed
from facelib.look import Look
from facelib.records import Capture
from facelib.stages import cluster, cluster_incremental, index, worker_pool
from facelib.stages.index import Options, Report
from facelib.stages.rows import vectors
from facelib.stages.worker import Job
from facelib.store import clusters, corrections, observations, people
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table
from facelib.store.people import Target
from facelib.store.photos import photos
from tests import fakes

FAMILY = [(0, 1), (0,), (1, 2), (2,), (0, 2), (1,), (0, 1, 2), (2, 0), (1,), (3,), (3, 0), (4,)]


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def look(job: Job) -> Look:
    """As :func:`fakes.look`, with a time for every other photo, three of which are one moment."""
    seen, number = fakes.look(job), int(Path(job.path).stem)
    if number % 2:
        return seen
    return dataclasses.replace(seen, capture=Capture(None, 1e9 + 86400 * (number // 6) + number, None, None, "exif"))


@pytest.fixture(autouse=True)
def growing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run but the first is incremental, however small the library."""
    monkeypatch.setattr(worker_pool, "work", fakes.work_here(look))
    monkeypatch.setattr(cluster, "SMALL_LIBRARY", 0)
    monkeypatch.setattr(cluster, "MAX_NEW", 1e9)


def write(album: Path, first: int, last: int) -> None:
    for number in range(first, last):
        fakes.write_photo(album / f"{number:03}.jpg", FAMILY[number % len(FAMILY)], number)


def run(path: Path, album: Path, options: Options | None = None) -> None:
    with Gallery.write(path, "test") as gallery:
        for _ in index.run(gallery, fakes.SETUP, [album], options or Options(), Report()):
            pass


def content(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        names = ("photos", "observations", "face_embeddings", "memberships", "clusters", "exemplars", "answers", "notes")
        return [(name, *row) for name in names for row in db.execute(f"SELECT * FROM {name} ORDER BY 1")]


def truth_of(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Clusters and true people of all observations; people stand in photos from left to right."""
    with Gallery.read(path) as gallery:
        rows = table(gallery)
        names = {row.id: Path(row.path).stem for row in photos(gallery)}
    truth = [FAMILY[int(names[int(photo)]) % len(FAMILY)][k] for photo, k in zip(rows.photo_id, rank_in(rows.photo_id), strict=True)]
    return rows.cluster, np.array(truth)


def rank_in(photo: np.ndarray) -> list[int]:
    return [int((photo[:k] == p).sum()) for k, p in enumerate(photo)]


def test_only_what_is_new_and_what_lies_beside_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    album, path = tmp_path / "album", tmp_path / "g.sqlite"
    write(album, 0, 60)
    run(path, album)
    read: list[int | None] = []
    original = observations.embeddings

    def embeddings(gallery: Gallery, kind: str, model: str, ids: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        read.append(None if ids is None else len(ids))
        return original(gallery, kind, model, ids)

    monkeypatch.setattr("facelib.stages.rows.observations.embeddings", embeddings)
    write(album, 60, 62)
    with Gallery.write(path, "test") as gallery:
        for event in index.run(gallery, fakes.SETUP, [album], Options(), Report()):
            if event.stage == cluster.NAME and event.done:
                break
    assert read and all(n is not None and n < 12 for n in read)
    found, truth = truth_of(path)
    assert b_cubed(found, truth).f == 1


def test_a_whole_clustering_is_due_when_much_is_new_or_somebody_was_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    album, path = tmp_path / "album", tmp_path / "g.sqlite"
    ran: list[str] = []
    for module, name in ((cluster_incremental, "run"), (cluster, "run_whole")):
        original = getattr(module, name)

        def noted(*arguments: Any, original: Any = original, name: str = name) -> Any:
            ran.append(name)
            return original(*arguments)

        monkeypatch.setattr(module, name, noted)
    monkeypatch.setattr(cluster, "MAX_NEW", 0.2)
    write(album, 0, 30)
    run(path, album)
    write(album, 30, 33)
    run(path, album)
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        people.name_cluster(gallery, people.people_rows(gallery)[0].clusters[0], "Ana")
    run(path, album)
    assert ran == ["run_whole", "run", "run"]
    write(album, 33, 42)
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        row = people.people_rows(gallery)[0]
        corrections.reject(gallery, None, row.clusters[0], [int(table(gallery).id[table(gallery).cluster == row.clusters[0]][0])])
    run(path, album)
    run(path, album, Options(recluster=True))
    assert ran[3:] == ["run_whole"] * 3
    (album / "003.jpg").unlink()
    with Gallery.write(path, "test") as gallery:
        gallery.db.execute("DELETE FROM observations WHERE photo_id = 4")
    run(path, album)
    assert ran[6:] == ["run_whole"]


def test_another_clusterer_is_another_recipe_and_keeps_names(tmp_path: Path) -> None:
    album, path = tmp_path / "album", tmp_path / "g.sqlite"
    write(album, 0, 30)
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        people.name_cluster(gallery, people.people_rows(gallery)[0].clusters[0], "Ana")
    run(path, album)
    before = given_names(path)
    other = dataclasses.replace(fakes.SETUP, clusterer="hdbscan")
    with Gallery.write(path, "test") as gallery:
        assert cluster.current_inputs(gallery, other).recipe != cluster.current_inputs(gallery, fakes.SETUP).recipe
        assert len(list(cluster.run(gallery, other))) == 2 and not list(cluster.run(gallery, other))
    found, truth = truth_of(path)
    assert b_cubed(found, truth).precision == 1
    assert given_names(path) == before


@pytest.mark.parametrize("size", [1, 6])
def test_portions_end_like_one_run(tmp_path: Path, size: int) -> None:
    album, path = tmp_path / "album", tmp_path / "g.sqlite"
    for first in range(0, 48, size):
        write(album, first, first + size)
        run(path, album)
    found, truth = truth_of(path)
    assert b_cubed(found, truth).f > 0.99
    with Gallery.read(path) as gallery:
        ids, sums, counts = clusters.sums(gallery)
        rows = table(gallery)
        faces = vectors(gallery, "face", fakes.SETUP.card("face-embedder"), rows.id)
    assert ids.tolist() == sorted(set(rows.cluster.tolist()) - {-1})
    for key, total, count in zip(ids, sums, counts, strict=True):
        assert count == (rows.cluster == key).sum()
        assert np.allclose(total, faces[rows.cluster == key].sum(axis=0), atol=1e-2)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kills=st.lists(st.integers(0, 8), min_size=1, max_size=4))
def test_killed_anywhere_and_run_again_gives_the_same_gallery(tmp_path_factory: pytest.TempPathFactory, kills: list[int]) -> None:
    folder = tmp_path_factory.mktemp("kill")
    whole, broken = folder / "whole.sqlite", folder / "broken.sqlite"
    write(folder / "album", 0, 20)
    for path in (whole, broken):
        run(path, folder / "album")
    write(folder / "album", 20, 27)
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
    original, left = Gallery.transaction, iter(range(commits, -1, -1))
    patch.setattr("facelib.stages.observe.BATCH_PHOTOS", 2)

    @contextlib.contextmanager
    def transaction(self: Gallery):  # type: ignore[no-untyped-def]
        with original(self):
            yield
            if next(left, 0) == 0:
                raise Killed

    patch.setattr(Gallery, "transaction", transaction)


ACTS = st.lists(st.sampled_from(["add", "add more", "name", "rename", "merge", "reject", "split", "recluster", "again"]), max_size=9)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(acts=ACTS, seed=st.integers(0, 10**6))
def test_no_sequence_of_acts_and_runs_takes_a_name_away(tmp_path_factory: pytest.TempPathFactory, acts: list[str], seed: int) -> None:
    rng, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("acts")
    album, path, written = folder / "album", folder / "g.sqlite", 14
    write(album, 0, written)
    run(path, album)
    for act in acts:
        if act.startswith("add"):
            more = 1 if act == "add" else 6
            write(album, written, written + more)
            written += more
        else:
            with Gallery.write(path, "test") as gallery:
                _act(gallery, act, rng)
        before = given_names(path)
        run(path, album, Options(recluster=act == "recluster"))
        assert given_names(path) == before


def _act(gallery: Gallery, act: str, rng: np.random.Generator) -> None:
    rows = table(gallery)
    present = np.unique(rows.cluster[rows.cluster >= 0])
    one, other = (int(c) for c in rng.choice(present, 2, replace=False))
    members = rows.id[rows.cluster == one].tolist()
    if act == "name":
        people.name_cluster(gallery, one, f"Person {rng.integers(0, 4)}")
    elif act == "rename":
        named = [row for row in people.people(gallery).values() if row.name]
        if named:
            people.name_person(gallery, named[0].id, f"Somebody {rng.integers(0, 10**9)}")
    elif act == "merge" and len({clusters.owners(gallery).get(c, -c) for c in (one, other)}) == 2:
        corrections.merge(gallery, [Target("cluster", one), Target("cluster", other)])
    elif act in ("reject", "split") and len(members) > 1:
        chosen = members[: int(rng.integers(1, len(members)))]
        if act == "reject":
            corrections.reject(gallery, None, one, chosen)
        else:
            corrections.split(gallery, Target("cluster", one), chosen)


def given_names(path: Path) -> set[tuple[int, int, str | None]]:
    """Observation, person and name of each verdict in force, and that its answer says so."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute(
            "SELECT a.observation_id, v.person_id, p.name, s.person_id FROM verdicts v JOIN attachments a ON a.verdict_id = v.id"
            " JOIN people p ON p.id = v.person_id LEFT JOIN answers s ON s.observation_id = a.observation_id"
            " WHERE v.says = 'is' AND v.ended_by IS NULL"
        ).fetchall()
    assert all(row[1] == row[3] for row in rows)
    return {row[:3] for row in rows}
