"""What an incremental run must not do where rows wait in the pool, are poor, or what was derived is damaged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from facelib.clustering.incremental import ExistingClusters, cluster_new
from facelib.clustering.observations import Observations
from facelib.model_zoo import registry
from facelib.records import Capture, Face, Sighting
from facelib.stages import assign, assign_incremental, cluster
from facelib.store import people
from facelib.store.gallery import Gallery
from facelib.store.observations import put_embeddings, replace_observations
from facelib.store.photos import FileRow, photo_by_sha, put_files, set_picture
from facelib.thresholds import Thresholds
from tests.stages.test_answer_cache import SETUP, fill
from tests.synthetic import around, unit

CARD = registry.card(SETUP.models[registry.FACE_EMBEDDER])


def run(gallery: Gallery, full: bool = False) -> None:
    list(cluster.run(gallery, SETUP, full=full))
    list(assign.run(gallery, SETUP))


def take(gallery: Gallery, number: int, faces: list[tuple[np.ndarray, float]]) -> list[int]:
    """A photo of its own moment with these faces and reliabilities."""
    sha = hashlib.sha256(f"photo {number}".encode()).hexdigest()
    put_files(gallery, [FileRow(f"/{number}.jpg", 1, 1, sha)])
    photo = photo_by_sha(gallery, sha)
    assert photo is not None
    set_picture(gallery, photo.id, 2000, 1000, Capture(None, 86400.0 * number, None, None, "exif"))
    points = np.zeros((5, 2), np.float32)
    seen = [Sighting(Face((200 * k, 0, 200 * k + 90, 90), 0.99, points, trust), None) for k, (_, trust) in enumerate(faces)]
    ids = list(replace_observations(gallery, photo.id, seen))
    put_embeddings(gallery, "face", CARD.digest, ids, np.stack([vector for vector, _ in faces]))
    return ids


def clusters_of(gallery: Gallery, ids: list[int]) -> list[int | None]:
    return [gallery.db.value("SELECT cluster_id FROM memberships WHERE observation_id = ?", (i,)) for i in ids]


@pytest.fixture
def every_library_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SMALL_LIBRARY", 0)
    monkeypatch.setattr(cluster, "MAX_NEW", 10)
    monkeypatch.setattr(assign_incremental, "SMALL_LIBRARY", 0)


@pytest.mark.usefixtures("every_library_is_large")
def test_a_poor_face_never_joins_the_cluster_of_somebody_beside_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    looks = unit(rng.normal(size=(40, CARD.dimension)))
    with Gallery.write(tmp_path / "gallery.sqlite", "test") as gallery:
        for n in range(10):
            take(gallery, n, [(around(rng, looks[:1], 0.35)[0], 0.95)])
        for n in range(10, 40):
            take(gallery, n, [(around(rng, looks[1 + n % 5][None], 0.35)[0], 0.95)])
        brothers = take(gallery, 100, [(around(rng, looks[:1], 0.3)[0], 0.95), (around(rng, looks[:1], 0.4)[0], 0.1)])
        run(gallery)
        first, second = clusters_of(gallery, brothers)
        assert first is not None and second is None
        take(gallery, 101, [(around(rng, looks[7][None], 0.35)[0], 0.95)])
        run(gallery)
        assert clusters_of(gallery, brothers) == [first, None]


def test_an_exemplar_that_waits_in_the_pool_and_damaged_records_end_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assign_incremental, "SMALL_LIBRARY", 1000)
    rng = np.random.default_rng(1)
    with Gallery.write(tmp_path / "gallery.sqlite", "test") as gallery:
        fill(gallery, 0, np.repeat(np.arange(150), 10), rng)
        run(gallery)
        stray = gallery.db.value("SELECT observation_id FROM exemplars ORDER BY 1")
        gallery.db.execute("UPDATE memberships SET cluster_id = NULL WHERE observation_id = ?", (stray,))
        gallery.db.execute("UPDATE answers SET person_id = person_id WHERE observation_id = ?", (stray,))
        list(assign.run(gallery, SETUP))
        gallery.db.execute("UPDATE codes SET records = substr(records, 1, 100) WHERE block = (SELECT min(block) FROM codes)")
        fill(gallery, 9000, np.array([3]), rng)
        run(gallery)
        size = gallery.db.value("SELECT min(length(records)) FROM codes")
        assert size > 100, "what was damaged is made anew"


def test_a_person_known_by_poor_faces_only_keeps_them_as_exemplars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assign_incremental, "SMALL_LIBRARY", 1000)
    rng = np.random.default_rng(1)
    with Gallery.write(tmp_path / "gallery.sqlite", "test") as gallery:
        fill(gallery, 0, np.repeat(np.arange(150), 10), rng)
        fill(gallery, 1500, np.array([180, 180, 180]), rng)
        first = gallery.db.value("SELECT min(observation_id) FROM memberships WHERE cluster_id = 181")
        gallery.db.execute("UPDATE observations SET reliability = 0.1 WHERE id >= ?", (first,))
        list(assign.run(gallery, SETUP))
        people.name_cluster(gallery, 181, "Ana")
        list(assign.run(gallery, SETUP))
        assert gallery.db.value("SELECT count(*) FROM exemplars WHERE cluster_id = 181") == 3


def test_what_was_said_of_a_cluster_holds_for_those_of_its_rows_that_are_given() -> None:
    rng = np.random.default_rng(0)
    faces = around(rng, np.repeat(unit(rng.normal(size=(1, 64))), 6, axis=0), 0.3)
    minus, moment = np.full(6, -1), np.array([0, 0, 1, 1, 1, 1])
    person = np.array([-1, -1, -1, -1, -1, 5])

    def rows(index: np.ndarray, rejected: np.ndarray) -> Observations:
        trust = np.full(len(index), 0.9)
        return Observations(faces[index], np.zeros((len(index), 0)), index, moment[index], trust, person[index], minus[index], rejected)

    known = ExistingClusters.of(rows(np.arange(5), np.array([[0, 5]])), np.zeros(5, dtype=np.int64), 1, Thresholds())
    found = cluster_new(rows(np.arange(2, 6), np.empty((0, 2), dtype=np.int64)), np.array([0, 0, 0, -1]), known, Thresholds())
    assert found.clusters.tolist() == [0, 0, 0, 1], "row 0 of the cluster, which is not given, was said not to be person 5"
