"""Which photos show whom: the answers of find against those of plain sets."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.records import Capture
from facelib.store import clusters, people, search
from facelib.store.gallery import Gallery
from facelib.store.observations import replace_observations
from facelib.store.people import Target
from facelib.store.photos import mark_missing, set_picture
from facelib.store.search import Query

from .conftest import add_photo, sighting

WHO: dict[str, list[tuple[str | None, str]]] = {
    "a": [("Ana", "certain")],
    "b": [("Ana", "certain"), ("Ben", "likely")],
    "c": [("Ana", "likely"), ("Ben", "certain"), (None, "unknown")],
    "d": [("Ben", "certain"), ("Cem", "certain")],
    "e": [(None, "unknown")],
    "f": [],
    "sub/g": [("Cem", "certain"), ("Ana", "certain")],
}
"""Photos, and who is seen on them with which standing."""

TAKEN = dict(zip(WHO, ("2019-12-31", "2020-01-01", "2020-02-29", "2020-12-31", "2021-01-01", None, None), strict=True))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    gallery = Gallery.write(tmp_path_factory.mktemp("find") / "gallery.sqlite", "test")
    ids = {name: people.add(gallery, name) for name in ("Ana", "Ben", "Cem", "Dee")}
    for number, (name, seen) in enumerate(WHO.items()):
        photo = add_photo(gallery, name)
        day = TAKEN[name]
        set_picture(gallery, photo, 9, 9, Capture(f"{day}T23:59:59+02:00", float(number), None, None, "exif") if day else None)
        rows = replace_observations(gallery, photo, [sighting(300.0 * k) for k in range(len(seen))])
        clusters.put_clustering(gallery, rows, [1] * len(rows), [7] * len(rows))
        clusters.put_answers(gallery, rows, [ids.get(who or "") for who, _ in seen], [s for _, s in seen], [0.5] * len(seen))
    yield gallery
    gallery.close()


def found(gallery: Gallery, names: str, **conditions) -> list[str]:
    wanted = [people.resolve(gallery, name) for name in names.split()]
    query = Query(wanted, **conditions)
    photos = [photo.path.removeprefix("/pictures/").removesuffix(".jpg") for photo in search.find(gallery, query)]
    assert len(photos) == search.count(gallery, query)
    return photos


@pytest.mark.parametrize(
    ("names", "conditions", "photos"),
    [
        ("Ana", {}, "a b c sub/g"),
        ("ANA ben", {}, "b c"),
        ("Ana Ben Cem", {}, ""),
        ("Dee", {}, ""),
        ("Ana Cem", {"any": True}, "a b c d sub/g"),
        ("Ana", {"only": True}, "a"),
        ("Ana Ben", {"only": True}, "b"),
        ("Ana Ben", {"only": True, "any": True}, "a b"),
        ("Ana", {"certain": True}, "a b sub/g"),
        ("Ana Ben", {"certain": True}, ""),
        ("Ana", {"since": "2020"}, "b c"),
        ("Ana", {"until": "2020-01"}, "a b"),
        ("Ana", {"since": "2020-02-29", "until": "2020-02-29"}, "c"),
        ("Ana", {"since": "2020-01-02", "until": "2020-02-28"}, ""),
        ("", {"since": "2020-12-31", "until": "2021"}, "d e"),
        ("Ana", {"folders": ["/pictures/sub"]}, "sub/g"),
        ("Ana", {"folders": ["/pictures/sub", "/pictures/a.jpg"]}, "a sub/g"),
        ("Ana", {"folders": ["/pict"]}, ""),
        ("c7", {}, "a b c d e sub/g"),
        ("Ana c7", {}, "a b c sub/g"),
    ],
)
def test_find(filled: Gallery, names: str, conditions: dict, photos: str) -> None:
    assert found(filled, names, **conditions) == photos.split()


def test_without(filled: Gallery) -> None:
    ben = people.resolve(filled, "Ben")
    assert found(filled, "Ana", without=[ben]) == ["a", "sub/g"]
    assert found(filled, "", without=[ben]) == ["a", "e", "f", "sub/g"]


@given(
    wanted=st.sets(st.sampled_from(["Ana", "Ben", "Cem", "Dee"]), min_size=1),
    without=st.sets(st.sampled_from(["Ana", "Ben", "Cem", "Dee"])),
    any=st.booleans(),
    only=st.booleans(),
    certain=st.booleans(),
)
def test_it_says_what_sets_say(filled: Gallery, wanted: set[str], without: set[str], any: bool, only: bool, certain: bool) -> None:
    expected = []
    for photo, seen in WHO.items():
        there = {who for who, standing in seen if who and (standing == "certain" or not certain)}
        good = bool(there & wanted) if any else wanted <= there
        good &= not without & {who for who, _ in seen}
        good &= not only or {who for who, _ in seen} <= wanted
        if good:
            expected.append(photo)
    targets = [people.resolve(filled, name) for name in sorted(without)]
    assert sorted(found(filled, " ".join(wanted), any=any, only=only, certain=certain, without=targets)) == sorted(expected)


def test_people_on_photos_and_together(filled: Gallery) -> None:
    ana, ben = (people.resolve(filled, name) for name in ("Ana", "Ben"))
    (photo,) = search.find(filled, Query([ana, ben], only=True))
    assert search.people_on(filled, [photo.photo_id]) == {photo.photo_id: [(ana.id, "Ana", "certain"), (ben.id, "Ben", "likely")]}
    assert [(one.name, one.photos) for one in search.companions(filled, [ana])] == [("Ben", 2), ("Cem", 1)]
    assert search.companions(filled, [ana, ben]) == []


def test_photos_whose_file_is_gone_are_not_found(gallery: Gallery) -> None:
    ana = people.add(gallery, "Ana")
    rows = replace_observations(gallery, add_photo(gallery, "x"), [sighting(0.0)])
    clusters.put_answers(gallery, rows, [ana], ["certain"], [1.0])
    assert len(list(search.find(gallery, Query([Target("person", ana)])))) == 1
    mark_missing(gallery, [1])
    assert list(search.find(gallery, Query([Target("person", ana)]))) == []


def test_the_index_alone_answers(filled: Gallery) -> None:
    """A million observations are not read: every table but photos and files is looked up in an index that covers it."""
    pairs = itertools.combinations([people.resolve(filled, name) for name in ("Ana", "Ben", "Cem")], 2)
    for pair in pairs:
        source, parameters = search._photos(filled, Query(pair))
        plan = " ".join(row[3] for row in filled.db.execute(f"EXPLAIN QUERY PLAN SELECT p.id {source}", parameters))
        assert plan.count("COVERING INDEX answers_person") == 2, plan
        assert "observations" not in plan and "SCAN answers" not in plan
