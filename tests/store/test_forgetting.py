"""Forgotten is gone: not a name, not a number is left in any file of the gallery."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facelib.errors import GalleryBusyError
from facelib.store import clusters, corrections, forgetting, undo, vectors
from facelib.store.gallery import Gallery
from facelib.store.migrations import back_up
from facelib.store.observations import draw, of_photo, put_embeddings, replace_observations
from facelib.store.people import Target, name_cluster, name_person, people
from tests.galleries import put_verdict
from tests.synthetic import unit

from .conftest import add_photo, sighting

PHOTOS = 60


@pytest.fixture
def filled(gallery: Gallery) -> tuple[Gallery, dict[int, bytes]]:
    """Sixty photos with two people each, named, one of them under other names before; and the bytes of each embedding."""
    rng = np.random.default_rng(0)
    kept: dict[int, bytes] = {}
    for number in range(PHOTOS):
        ids = replace_observations(gallery, add_photo(gallery, str(number)), [sighting(0.0), sighting(300.0)])
        rows = unit(rng.normal(size=(2, 128)))
        put_embeddings(gallery, "face", "model", ids, rows)
        put_embeddings(gallery, "body", "model", ids, rows)
        kept |= dict(zip(ids, vectors.encode(rows), strict=True))
        clusters.put_clustering(gallery, ids, [1, 2], [1, 2])
    clusters.put_sums(gallery, [1, 2], unit(rng.normal(size=(2, 128))), [PHOTOS, PHOTOS])
    ana, ben = name_cluster(gallery, 1, "Anastasia Quux"), name_cluster(gallery, 2, "Benedict Zyx")
    name_person(gallery, ana.id, "Anastasia Former")
    name_person(gallery, ana.id, "Anastasia Quux")
    corrections.reject(gallery, ben.id, None, [1])
    put_verdict(gallery, draw(gallery, 1, "face", (700.0, 10.0, 790.0, 99.0)), ana.id, "is", "confirm")
    return gallery, kept


def content(gallery: Gallery) -> bytes:
    """All bytes of the gallery's own files."""
    folder, name = gallery.path.parent, gallery.path.name
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name in (name, f"{name}-wal", f"{name}-shm", f"{name}.lock"))


def test_forgetting_a_person_leaves_no_byte(filled: tuple[Gallery, dict[int, bytes]]) -> None:
    gallery, kept = filled
    before = content(gallery)
    assert b"Anastasia" in before and kept[1] in before
    done = forgetting.forget(gallery, [1])
    forgetting.scrub(gallery)
    after = content(gallery)
    assert b"nastasia" not in after and b"NASTASIA" not in after.upper()
    assert not [key for key, blob in kept.items() if key % 2 == 1 and blob in after]
    assert done.observations == PHOTOS + 1 and len(done.sha256s) == PHOTOS
    assert gallery.db.value("SELECT count(*) FROM drawn") == 0


def test_others_and_their_names_stay(filled: tuple[Gallery, dict[int, bytes]]) -> None:
    gallery, kept = filled
    forgetting.forget(gallery, [1])
    forgetting.scrub(gallery)
    after = content(gallery)
    assert [person.name for person in people(gallery).values()] == ["Benedict Zyx"]
    assert b"Benedict Zyx" in after
    assert all(blob in after for key, blob in kept.items() if key % 2 == 0)
    assert [row.person_id for row in of_photo(gallery, 5)] == [2]
    assert clusters.owners(gallery) == {2: 2}
    assert undo.history(gallery) == []
    assert gallery.db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert gallery.db.value("PRAGMA integrity_check") == "ok"


def test_whoever_was_merged_into_a_person_is_forgotten_with_it(filled: tuple[Gallery, dict[int, bytes]]) -> None:
    gallery, _ = filled
    corrections.merge(gallery, [Target("person", 1), Target("person", 2)])
    forgetting.forget(gallery, [1])
    forgetting.scrub(gallery)
    after = content(gallery)
    assert b"Anastasia" not in after and b"Benedict" not in after


def test_forgetting_all(filled: tuple[Gallery, dict[int, bytes]]) -> None:
    gallery, kept = filled
    gallery.use_model("face-detector", "mtcnn")
    done = forgetting.forget_all(gallery)
    forgetting.scrub(gallery)
    after = content(gallery)
    assert not [blob for blob in kept.values() if blob in after]
    assert b"Anastasia" not in after and b"Benedict" not in after and b"/pictures/" not in after
    assert done.observations == 2 * PHOTOS + 1
    assert gallery.models()["face-detector"] == "mtcnn"
    ids = replace_observations(gallery, add_photo(gallery, "new"), [sighting(0.0)])
    assert ids[0] > 2 * PHOTOS, "an id means one observation for ever"


def test_a_reader_that_keeps_old_pages_is_told_of(filled: tuple[Gallery, dict[int, bytes]]) -> None:
    gallery, _ = filled
    gallery.db.execute("PRAGMA busy_timeout = 10")
    with Gallery.read(gallery.path) as reader:
        reader.db.execute("BEGIN")
        reader.db.value("SELECT count(*) FROM people")
        forgetting.forget(gallery, [1])
        with pytest.raises(GalleryBusyError, match="are deleted, but"):
            forgetting.scrub(gallery)
    forgetting.scrub(gallery)
    assert b"Anastasia" not in content(gallery)


def test_backups_are_found(filled: tuple[Gallery, dict[int, bytes]], tmp_path: Path) -> None:
    gallery, _ = filled
    assert forgetting.backups(gallery) == []
    kept = back_up(gallery.db, gallery.path.with_name("gallery.sqlite.v1.bak"))
    gallery.path.with_name("gallery.txt").write_text("no gallery")
    assert forgetting.backups(gallery) == [kept]
