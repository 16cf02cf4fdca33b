"""Observations keep their ids, embeddings come back as they were stored, and drawn boxes stay."""

from __future__ import annotations

import numpy as np
import pytest

from facelib.errors import GalleryError
from facelib.records import Body, Capture, Sighting
from facelib.store.clusters import put_clustering
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table
from facelib.store.observations import (
    draw,
    embeddings,
    of_photo,
    put_embeddings,
    replace_observations,
    sightings_of,
)
from facelib.store.people import add
from facelib.store.photos import set_picture
from tests.galleries import drop_derived, put_verdict

from .conftest import add_photo, body, face, shifted, sighting


def unit(n: int, d: int = 8, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_what_is_put_comes_back(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    put = [sighting(10), Sighting(face(400), None), Sighting(None, body(800))]
    ids = replace_observations(gallery, photo, put)
    assert ids == sorted(ids)
    for row, given in zip(of_photo(gallery, photo), put, strict=True):
        assert (row.source, row.standing, row.assigned, row.cluster, row.person_id) == ("auto", "unknown", None, None, None)
        assert row.body == given.body
        assert (row.face is None) == (given.face is None)
        if row.face and given.face:
            assert row.face.box == given.face.box and row.face.reliability == given.face.reliability
            np.testing.assert_array_equal(row.face.landmarks, given.face.landmarks)
    again_ids, again = sightings_of(gallery, photo)
    assert again_ids == ids and [s.body for s in again] == [s.body for s in put]


def test_an_overlapping_observation_keeps_its_id_and_cluster_but_not_its_embedding(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    first, second, third = replace_observations(gallery, photo, [sighting(0), sighting(300), sighting(600)])
    put_clustering(gallery, [first, second, third], [1, 1, 1], [7, 7, 7])
    put_embeddings(gallery, "face", "m", [first, second, third], unit(3))
    after = replace_observations(gallery, photo, [sighting(620), sighting(2000), sighting(20)])
    assert (after[0], after[2]) == (third, first) and after[1] > third
    assert [row.cluster for row in of_photo(gallery, photo)] == [7, 7, None]
    assert len(embeddings(gallery, "face", "m")[0]) == 0


def test_faces_apart_are_two_people_though_their_bodies_overlap(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (old,) = replace_observations(gallery, photo, [Sighting(face(0), body(0))])
    (new,) = replace_observations(gallery, photo, [Sighting(face(90), body(10))])
    assert new != old


def test_a_body_that_gets_a_face_stays_itself(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (old,) = replace_observations(gallery, photo, [Sighting(None, body(0))])
    assert replace_observations(gallery, photo, [Sighting(face(50), body(10))]) == [old]


def test_what_the_user_drew_stays_and_comes_back(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    drawn = draw(gallery, photo, "face", (10, 20, 60, 80))
    assert draw(gallery, photo, "face", (11, 20, 61, 80)) == drawn
    put_verdict(gallery, drawn, add(gallery, "Ana"), "is", "name")
    (seen,) = replace_observations(gallery, photo, [sighting(500)])
    assert {(row.id, row.source, row.person_id) for row in of_photo(gallery, photo)} == {(drawn, "user", 1), (seen, "auto", None)}
    drop_derived(gallery)
    photo = add_photo(gallery, "a")
    replace_observations(gallery, photo, [sighting(500)])
    assert {(row.source, row.person_id) for row in of_photo(gallery, photo)} == {("user", 1), ("auto", None)}


def test_nothing_seen_clears_the_photo(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    replace_observations(gallery, photo, [sighting(0)])
    assert replace_observations(gallery, photo, []) == []
    assert of_photo(gallery, photo) == []


def test_embeddings_by_kind_model_and_ids(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    ids = replace_observations(gallery, photo, [sighting(300.0 * k) for k in range(5)])
    rows = unit(5)
    put_embeddings(gallery, "face", "m", list(reversed(ids)), rows[::-1])
    put_embeddings(gallery, "body", "m", ids[:2], unit(2, 3))
    found, vectors = embeddings(gallery, "face", "m")
    assert found.tolist() == ids and found.dtype == np.int64
    np.testing.assert_allclose(vectors, rows, atol=1e-3)
    found, vectors = embeddings(gallery, "face", "m", np.array([ids[3], ids[1], 999]))
    assert found.tolist() == [ids[1], ids[3]] and vectors.shape == (2, 8)
    assert embeddings(gallery, "face", "other")[1].shape == (0, 0)
    put_embeddings(gallery, "face", "other", ids[:1], unit(1, 4))
    assert embeddings(gallery, "face", "m")[0].tolist() == ids[1:]
    assert embeddings(gallery, "body", "m")[1].shape == (2, 3)


def test_a_garbled_embedding_is_an_error_for_the_user(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    ids = replace_observations(gallery, photo, [sighting(0), sighting(300)])
    put_embeddings(gallery, "face", "m", ids, unit(2))
    gallery.db.execute("UPDATE face_embeddings SET vector = x'00' WHERE observation_id = ?", (ids[1],))
    with pytest.raises(GalleryError, match="damaged"):
        embeddings(gallery, "face", "m")


def test_embeddings_of_nobody_are_refused(gallery: Gallery) -> None:
    with pytest.raises(GalleryError):
        put_embeddings(gallery, "face", "m", [99], unit(1))
    assert not gallery.db.in_transaction


def test_the_table(gallery: Gallery) -> None:
    one, two = add_photo(gallery, "a"), add_photo(gallery, "b")
    set_picture(gallery, two, 10, 10, Capture("2024-01-01T00:00:00", 1704067200.0, 10.0, 20.0, "exif"))
    ids = replace_observations(gallery, one, [sighting(0), Sighting(None, Body((500, 0, 700, 300), 0.9))])
    ids += replace_observations(gallery, two, [Sighting(face(0), None)])
    put_clustering(gallery, ids[:1], [3], [4])
    ana, ben = add(gallery, "Ana"), add(gallery, "Ben")
    put_verdict(gallery, ids[0], ana, "is", "confirm")
    put_verdict(gallery, ids[2], ben, "not", "reject")
    rows = table(gallery)
    assert len(rows) == 3 and rows.id.tolist() == ids and rows.photo_id.tolist() == [one, one, two]
    np.testing.assert_array_equal(rows.seconds, [np.nan, np.nan, 1704067200.0])
    np.testing.assert_array_equal(rows.longitude, [np.nan, np.nan, 20.0])
    np.testing.assert_allclose(rows.reliability, [0.9, 0, 0.9])
    assert rows.has_face.tolist() == [True, False, True] and rows.has_body.tolist() == [True, True, False]
    assert rows.cluster.tolist() == [4, -1, -1] and rows.group.tolist() == [3, -1, -1]
    assert rows.person.tolist() == [ana, -1, -1]
    assert rows.not_person.tolist() == [[ids[2], ben]]
    some = table(gallery, ids[1:])
    assert some.id.tolist() == ids[1:] and some.person.tolist() == [-1, -1] and len(some.not_person) == 1
    assert len(table(gallery, [])) == 0


def test_a_shifted_box_is_followed_by_its_verdict(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [Sighting(face(0), None)])
    put_verdict(gallery, key, add(gallery, "Ana"), "is", "name")
    assert shifted(face(0).box, 30) == face(30).box
    assert replace_observations(gallery, photo, [Sighting(face(30), None)]) == [key]
    assert of_photo(gallery, photo)[0].person_id == 1
