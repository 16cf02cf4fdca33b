"""The reasons why clusters are not listed are kept for the clusters that exist."""

from __future__ import annotations

import pytest

from facelib.store import clusters, unlisted
from facelib.store.gallery import Gallery
from facelib.store.observations import replace_observations
from facelib.store.people import name_cluster, people_rows

from .conftest import add_photo, sighting


@pytest.fixture
def filled(gallery: Gallery) -> Gallery:
    """Clusters 1, 2 and 3 of three faces each, and 4 of one."""
    ids: list[int] = []
    for name in "abc":
        ids += replace_observations(gallery, add_photo(gallery, name), [sighting(300.0 * k) for k in range(3)])
    ids += replace_observations(gallery, add_photo(gallery, "d"), [sighting(0)])
    clusters.put_clustering(gallery, ids, [1] * 10, [1, 2, 3] * 3 + [4])
    return gallery


def listed(gallery: Gallery, all: bool = False) -> list[tuple[tuple[int, ...], str]]:
    return [(row.clusters, row.reason) for row in people_rows(gallery, all)]


def test_what_is_no_person_is_listed_with_all_only(filled: Gallery) -> None:
    assert listed(filled) == [((1,), ""), ((2,), ""), ((3,), "")]
    unlisted.put_unlisted(filled, [1, 2, 3], {2: "one moment"}, [1, 2, 3, 4])
    assert listed(filled) == [((1,), ""), ((3,), "")]
    assert listed(filled, all=True) == [((1,), ""), ((2,), "one moment"), ((3,), ""), ((4,), "few")]
    assert unlisted.reasons_of(filled, [1, 2, 4], 3) == {2: "one moment", 4: "few"}


def test_a_name_keeps_it_listed(filled: Gallery) -> None:
    unlisted.put_unlisted(filled, [1, 2, 3], {2: "one picture", 3: "mixed"}, [1, 2, 3, 4])
    name_cluster(filled, 2, "Ana")
    assert listed(filled) == [((2,), ""), ((1,), "")]


def test_what_is_judged_anew_replaces_what_was_held_and_what_is_gone_is_forgotten(filled: Gallery) -> None:
    unlisted.put_unlisted(filled, [1, 2, 3, 9], {1: "mixed", 2: "one moment", 9: "one moment"}, [1, 2, 3, 4, 9])
    unlisted.put_unlisted(filled, [1, 3], {3: "one picture"}, [1, 2, 3, 4])
    assert unlisted.unlisted(filled) == {2: "one moment", 3: "one picture"}


@pytest.mark.parametrize("note", ["", "[]", "no JSON", '{"one moment": 3}', '{"one moment": ["x"]}'])
def test_a_note_of_another_kind_hides_nobody(filled: Gallery, note: str) -> None:
    filled.set_note(unlisted.NOTE, note)
    assert unlisted.unlisted(filled) == {}
