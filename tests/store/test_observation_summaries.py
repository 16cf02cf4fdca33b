"""Who is to be looked at, in which order, and which faces stand for them."""

from __future__ import annotations

from facelib.records import Capture, Sighting
from facelib.store import clusters, observation_summaries, people, photos
from facelib.store.gallery import Gallery
from facelib.store.observations import replace_observations
from facelib.store.people import Target
from tests.galleries import put_verdict
from tests.store.conftest import add_photo, body, face

One, Two = Target("cluster", 1), Target("cluster", 2)


def fill(gallery: Gallery) -> list[int]:
    """Two clusters over three photos, the last one undated; a body without a face in the second."""
    ids = []
    for n, taken in enumerate(("2012-01-01T10:00:00", "2008-01-01T10:00:00", None)):
        photo = add_photo(gallery, f"photo {n}")
        photos.set_picture(gallery, photo, 1000, 800, Capture(taken, -1000.0 * n, source="exif") if taken else None)
        ids += replace_observations(gallery, photo, [Sighting(face(10), None), Sighting(face(500) if n else None, body(500))])
    clusters.put_clustering(gallery, ids, ids, [1, 2] * 3, whole=True)
    return ids


def test_by_date_and_by_doubt(gallery: Gallery) -> None:
    ids = fill(gallery)
    found = observation_summaries.of_target(gallery, One)
    assert [each.id for each in found] == [ids[2], ids[0], ids[4]], "undated ones last"
    assert found[0].taken_at == "2008-01-01T10:00:00"
    ana = people.add(gallery, "Ana")
    put_verdict(gallery, ids[2], ana, "is", "confirm")
    clusters.set_owners(gallery)
    doubted = observation_summaries.of_target(gallery, Target("person", ana), "doubt")
    assert [(each.id, each.judged, each.standing) for each in doubted][-1] == (ids[2], True, "certain")
    assert {each.standing for each in doubted[:-1]} == {"likely"}
    assert [each.id for each in observation_summaries.of_target(gallery, One, "date", 1, 1)] == [ids[0]]


def test_covers_show_faces_before_bodies(gallery: Gallery) -> None:
    ids = fill(gallery)
    found = observation_summaries.best_of(gallery, [One, Two, Target("person", 99)], 2)
    assert found[Two] == [ids[3], ids[5]]
    assert len(found[One]) == 2
    assert found[Target("person", 99)] == []
    assert observation_summaries.best_of(gallery, [Two], 9)[Two][-1] == ids[1]


def test_a_photo_from_left_to_right_and_who_shares_it(gallery: Gallery) -> None:
    ids = fill(gallery)
    (row, *_) = observation_summaries.by_ids(gallery, ids)
    assert [each.id for each in observation_summaries.of_photo(gallery, row.photo_id)] == ids[:2]
    assert [each.has_face for each in observation_summaries.of_photo(gallery, row.photo_id)] == [True, False]
    shared = observation_summaries.photos_of(gallery, [One, Two])
    assert shared[One] == shared[Two]
    assert observation_summaries.by_ids(gallery, [999]) == []
