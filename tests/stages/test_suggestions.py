"""Suggestions list the pairs that are worth a question, and none that the user has answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from facelib.model_zoo.thresholds_in_force import thresholds_in_force
from facelib.settings import Settings
from facelib.stages.suggestions import Suggestion, suggest
from facelib.store import corrections, people
from facelib.store.gallery import Gallery
from facelib.store.people import Target
from tests.review.conftest import Drawn, draw_gallery


def pairs(path: Path) -> list[Suggestion]:
    with Gallery.read(path) as gallery:
        return suggest(gallery, people.people_rows(gallery, all=True), thresholds_in_force(gallery.models(), Settings())[0])


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    """Six people of 8, 6, 5, 4, 3, 3 faces, the second and third alike, and two strangers."""
    return draw_gallery(tmp_path / "drawn", [8, 6, 5, 4, 3, 3, 1, 1], near=[(1, 2)])


def c(number: int) -> Target:
    return Target("cluster", number)


def test_the_pair_that_helps_most_comes_first(tmp_path: Path) -> None:
    drawn = draw_gallery(tmp_path / "g", [3, 3, 9, 8, 20, 1], near=[(0, 1), (2, 3), (4, 5)])
    found = pairs(drawn.path)
    assert [(pair.first, pair.second) for pair in found] == [(c(3), c(4)), (c(1), c(2)), (c(5), c(6))]
    assert [pair.gain for pair in found] == sorted((pair.gain for pair in found), reverse=True)
    assert all(0 < pair.distance < 1 for pair in found)


def test_two_of_different_names_are_not_asked_about_but_a_named_one_and_a_stranger_are(drawn: Drawn) -> None:
    with Gallery.write(drawn.path, "test") as gallery:
        ana = people.name_cluster(gallery, 3, "Ana").id
    assert [(pair.first, pair.second) for pair in pairs(drawn.path)] == [(Target("person", ana), c(2))]
    with Gallery.write(drawn.path, "test") as gallery:
        people.name_cluster(gallery, 2, "Ben")
    assert pairs(drawn.path) == []


def test_a_rejected_pair_is_not_asked_about_again(drawn: Drawn) -> None:
    assert len(pairs(drawn.path)) == 1
    with Gallery.write(drawn.path, "test") as gallery:
        corrections.reject(gallery, None, 2, drawn.members[2])
    assert pairs(drawn.path) == []


def test_those_seen_together_in_a_photo_are_not_asked_about(tmp_path: Path) -> None:
    drawn = draw_gallery(tmp_path / "g", [4, 4], shared_photos=4, near=[(0, 1)])
    assert pairs(drawn.path) == []


def test_hidden_people_and_empty_galleries_ask_nothing(drawn: Drawn, tmp_path: Path) -> None:
    with Gallery.write(drawn.path, "test") as gallery:
        corrections.hide(gallery, c(2), True)
    assert pairs(drawn.path) == []
    with Gallery.write(tmp_path / "empty.sqlite", "test"):
        pass
    assert pairs(tmp_path / "empty.sqlite") == []
