"""The cards of each view of the page."""

from __future__ import annotations

from pathlib import Path

from facelib.review.catalogue import Catalogue
from facelib.settings import Settings
from facelib.stages.suggestions import suggest
from facelib.store import people, unlisted
from facelib.store.gallery import Gallery
from tests.review.conftest import Drawn, draw_gallery


def test_who_does_not_count_as_a_person_is_among_the_strangers(tmp_path: Path) -> None:
    drawn = draw_gallery(tmp_path, [8, 6, 5, 3, 2])
    with Gallery.write(drawn.path, "test") as gallery:
        unlisted.put_unlisted(gallery, [1, 2, 3, 4], {2: "one moment", 3: "one picture"}, [1, 2, 3, 4, 5])
    catalogue = Catalogue.of(drawn.path, Settings(), suggest)

    def shown(view: str, photos: int = 2) -> list[int]:
        return [row.clusters[0] for row in catalogue.view(view, photos=photos)]

    assert shown("unnamed") == [1, 4]
    assert sorted(shown("strangers")) == [2, 3, 5]
    assert sorted(shown("strangers", photos=3)) == [2, 3, 4, 5]


def test_a_change_from_outside_is_seen(drawn: Drawn) -> None:
    catalogue = Catalogue.of(drawn.path, Settings(), suggest)
    assert len(catalogue.view("unnamed")) == 6
    with Gallery.write(drawn.path, "facelib name") as gallery:
        people.name_cluster(gallery, 1, "Ana")
    assert len(catalogue.view("unnamed")) == 5
    assert [row.name for row in catalogue.view("people", "aN\u00c1")] == ["Ana"]
