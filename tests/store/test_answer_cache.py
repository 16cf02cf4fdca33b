"""Records come back as they were last written, and go with their observations."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.store import answer_cache
from facelib.store.gallery import Gallery
from facelib.store.observations import replace_observations
from tests.store.conftest import add_photo, sighting


def made(ids: list[int], value: int = 0) -> np.ndarray:
    found = np.zeros(len(ids), dtype=answer_cache.record_type(4))
    found["id"], found["first"] = ids, value
    found["face"] = np.arange(4) + value
    return found


def stored(gallery: Gallery) -> dict[int, int]:
    parts = list(answer_cache.read_records(gallery, 4))
    return {int(row["id"]): int(row["first"]) for part in parts for row in part}


def test_records_come_back_in_place_of_those_before(gallery: Gallery) -> None:
    answer_cache.put_records(gallery, made([200, 1, 63, 64]))
    answer_cache.put_records(gallery, made([63, 65], 7))
    answer_cache.put_records(gallery, made([]))
    assert stored(gallery) == {1: 0, 63: 7, 64: 0, 65: 7, 200: 0}
    (part,) = answer_cache.read_records(gallery, 4)
    assert part[part["id"] == 63]["face"].tolist() == [[7, 8, 9, 10]]
    answer_cache.clear_records(gallery)
    assert stored(gallery) == {}


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(st.integers(1, 300), max_size=30, unique=True), max_size=5))
def test_any_order_of_writing_leaves_the_last_word(writes: list[list[int]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, Gallery.write(f"{folder}/g.sqlite", "test") as gallery:
        expected = {}
        for turn, ids in enumerate(writes):
            answer_cache.put_records(gallery, made(ids, turn))
            expected.update(dict.fromkeys(ids, turn))
        assert stored(gallery) == expected


def test_with_an_observation_goes_what_was_kept_of_its_face(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    ids = replace_observations(gallery, photo, [sighting(0), sighting(300)])
    answer_cache.put_records(gallery, made([*ids, 1000]))
    assert len(answer_cache.without_record(gallery)) == 0
    gallery.db.execute("DELETE FROM observations WHERE id = ?", (ids[0],))
    assert stored(gallery) == {1000: 0}
    assert answer_cache.without_record(gallery).tolist() == [ids[1]]
    answer_cache.put_records(gallery, made(ids))
    gallery.db.execute("DELETE FROM photos")
    assert stored(gallery) == {1000: 0}, "also where the observation goes with its photo"
