"""Clusters keep their ids and sums, and verdicts decide whose they are."""

from __future__ import annotations

import numpy as np

from facelib.records import NO_PERSON
from facelib.store import clusters, people
from facelib.store.gallery import Gallery
from facelib.store.observations import of_photo, replace_observations
from tests.galleries import drop_derived, put_verdict

from .conftest import add_photo, sighting


def _six(gallery: Gallery) -> tuple[int, list[int]]:
    photo = add_photo(gallery, "a")
    return photo, replace_observations(gallery, photo, [sighting(300.0 * k) for k in range(6)])


def test_cluster_ids_are_never_reused(gallery: Gallery) -> None:
    assert clusters.next_cluster_id(gallery) == 1
    assert clusters.reserve_cluster_ids(gallery, 3) == 1
    assert clusters.reserve_cluster_ids(gallery, 1) == 4
    _, ids = _six(gallery)
    clusters.put_clustering(gallery, ids, [5] * 6, [9, 9, 9, 10, 10, -1])
    assert clusters.next_cluster_id(gallery) == 11
    clusters.put_clustering(gallery, ids, [-1] * 6, [-1] * 6)
    drop_derived(gallery)
    assert clusters.next_cluster_id(gallery) == 11
    assert clusters.reserve_group_ids(gallery, 1) == 6


def test_a_part_leaves_the_rest_and_the_whole_does_not(gallery: Gallery) -> None:
    photo, ids = _six(gallery)
    clusters.put_clustering(gallery, ids, [1] * 6, [1, 1, 2, 2, 3, -1])
    clusters.put_clustering(gallery, ids[2:4], [2, 2], [1, -1])
    assert [row.cluster for row in of_photo(gallery, photo)] == [1, 1, 1, None, 3, None]
    assert [row[0] for row in gallery.db.execute("SELECT id FROM clusters ORDER BY id")] == [1, 3]
    clusters.put_clustering(gallery, ids[:1], [1], [3], whole=True)
    assert [row.cluster for row in of_photo(gallery, photo)] == [3] + [None] * 5


def test_sums(gallery: Gallery) -> None:
    _, ids = _six(gallery)
    assert clusters.sums(gallery)[1].shape == (0, 0)
    clusters.put_clustering(gallery, ids, [1] * 6, [1, 1, 2, 2, 3, 3])
    totals = np.array([[1.5, -2], [3, 4]], dtype=np.float32)
    clusters.put_sums(gallery, [2, 1], totals, [5, 6])
    found, rows, sizes = clusters.sums(gallery)
    assert found.tolist() == [1, 2] and sizes.tolist() == [6, 5]
    np.testing.assert_array_equal(rows, totals[::-1])


def test_owners_follow_the_verdicts(gallery: Gallery) -> None:
    photo, ids = _six(gallery)
    ana, ben = people.add(gallery, "Ana"), people.add(gallery, "Ben")
    clusters.put_clustering(gallery, ids, [1] * 6, [1, 1, 1, 2, 2, 2])
    put_verdict(gallery, ids[0], ana, "is", "confirm")
    put_verdict(gallery, ids[2], ana, "not", "reject")
    put_verdict(gallery, ids[3], ben, "is", "confirm")
    clusters.set_owners(gallery)
    assert clusters.owners(gallery) == {1: ana, 2: ben}
    assert clusters.owners_of(gallery, np.array([2, 3, 1])).tolist() == [ben, NO_PERSON, ana]
    rows = of_photo(gallery, photo)
    assert [row.person_id for row in rows] == [ana, ana, None, ben, ben, ben]
    assert [row.assigned for row in rows] == ["user", "auto", None, "user", "auto", "auto"]
    assert [row.standing for row in rows] == ["certain", "likely", "unknown", "certain", "likely", "likely"]
    clusters.put_clustering(gallery, ids, [1] * 6, [1, 2, 1, 2, 1, 1])
    clusters.set_owners(gallery, [1, 2])
    assert [row.person_id for row in of_photo(gallery, photo)] == [ana, ben, None, ben, ana, ana]


def test_the_majority_owns_a_mixed_cluster_and_the_first_of_equals(gallery: Gallery) -> None:
    _, ids = _six(gallery)
    ana, ben = people.add(gallery, "Ana"), people.add(gallery, "Ben")
    clusters.put_clustering(gallery, ids, [1] * 6, [1] * 6)
    put_verdict(gallery, ids[0], ben, "is", "confirm")
    put_verdict(gallery, ids[1], ana, "is", "confirm")
    clusters.set_owners(gallery)
    assert clusters.owners(gallery) == {1: ana}
    put_verdict(gallery, ids[2], ben, "is", "confirm")
    clusters.set_owners(gallery)
    assert clusters.owners(gallery) == {1: ben}


def test_what_the_code_recognised_is_not_overruled_by_the_cluster(gallery: Gallery) -> None:
    photo, ids = _six(gallery)
    ana, ben = people.add(gallery, "Ana"), people.add(gallery, "Ben")
    clusters.put_clustering(gallery, ids, [1] * 6, [1] * 6)
    clusters.put_answers(gallery, ids[1:3], [ben, -1], ["certain", "unknown"], np.array([0.9, 0.1]))
    put_verdict(gallery, ids[0], ana, "is", "confirm")
    clusters.set_owners(gallery)
    assert [row.person_id for row in of_photo(gallery, photo)] == [ana, ben, ana, ana, ana, ana]
