"""The dictionary comes back with clusters, owners and faces, as far as the model in use has seen them."""

from __future__ import annotations

import numpy as np
import pytest

from facelib.errors import GalleryError
from facelib.records import NO_PERSON
from facelib.store import clusters, people
from facelib.store.dictionary import dictionary, exemplars, put_exemplars
from facelib.store.gallery import Gallery
from facelib.store.observations import put_embeddings, replace_observations
from tests.galleries import put_verdict

from .conftest import add_photo, sighting


def test_exemplars_with_their_owners_and_faces(gallery: Gallery) -> None:
    ids = replace_observations(gallery, add_photo(gallery, "a"), [sighting(300.0 * k) for k in range(6)])
    assert len(exemplars(gallery)[0]) == 0
    clusters.put_clustering(gallery, ids, [1] * 6, [1, 1, 2, 2, 3, 3])
    put_exemplars(gallery, [2, 1], [ids[2], ids[0]])
    put_exemplars(gallery, [2, 1, 1], [ids[3], ids[1], ids[0]])
    assert [column.tolist() for column in exemplars(gallery)] == [[1, 1, 2], [ids[0], ids[1], ids[3]]]
    vectors = np.eye(3, dtype=np.float32)
    put_embeddings(gallery, "face", "m", [ids[0], ids[3], ids[5]], vectors)
    put_verdict(gallery, ids[2], people.add(gallery, "Ana"), "is", "confirm")
    clusters.set_owners(gallery)
    found = dictionary(gallery, "m")
    assert (found.cluster.tolist(), found.person.tolist(), found.observation.tolist()) == ([1, 2], [NO_PERSON, 1], [ids[0], ids[3]])
    assert found.rows.tolist() == [[ids[0], 1, NO_PERSON], [ids[3], 2, 1]]
    np.testing.assert_array_equal(found.faces, vectors[:2])
    other = dictionary(gallery, "other")
    assert len(other) == 0 and other.rows.shape == (0, 3) and other.faces.shape == (0, 0)
    gallery.db.execute("UPDATE face_embeddings SET vector = x'0001' WHERE observation_id = ?", (ids[3],))
    with pytest.raises(GalleryError):
        dictionary(gallery, "m")
