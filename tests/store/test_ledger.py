"""The ledger says what is due, counts failures for each recipe, and lists them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.errors import PhotoError
from facelib.store.gallery import Gallery
from facelib.store.ledger import MAX_ATTEMPTS, due, failures, is_done, record, retry
from facelib.store.photos import FileRow, known_files, mark_missing, put_files

from .conftest import add_photo, sha

ORDER = ("detect", "embed", "tag")
RECIPES = {"detect": "d1", "embed": "e1", "tag": "t1"}
BAD = PhotoError("unreadable", "broken\nJPEG")


def stages(gallery: Gallery, **changed: str) -> dict[int, tuple[str, ...]]:
    return {item.photo.id: item.stages for item in due(gallery, RECIPES | changed, ORDER)}


def test_a_new_photo_needs_everything_and_a_done_one_nothing(gallery: Gallery) -> None:
    key = add_photo(gallery, "a")
    assert stages(gallery) == {key: ORDER}
    for n, stage in enumerate(ORDER):
        assert not is_done(gallery, key, RECIPES)
        record(gallery, key, stage, RECIPES[stage])
        assert stages(gallery) == ({key: ORDER[n + 1 :]} if n < 2 else {})
    assert is_done(gallery, key, RECIPES)


def test_another_recipe_makes_the_later_stages_due_too(gallery: Gallery) -> None:
    key = add_photo(gallery, "a")
    for stage in ORDER:
        record(gallery, key, stage, RECIPES[stage])
    assert stages(gallery, tag="t2") == {key: ("tag",)}
    assert stages(gallery, embed="e2") == {key: ("embed", "tag")}
    assert stages(gallery, detect="d2") == {key: ORDER}
    assert not is_done(gallery, key, RECIPES | {"tag": "t2"})


def test_three_failures_are_enough_until_another_recipe_or_retry(gallery: Gallery) -> None:
    key = add_photo(gallery, "a")
    for _ in range(MAX_ATTEMPTS):
        assert stages(gallery) == {key: ORDER}
        record(gallery, key, "detect", "d1", BAD)
    assert stages(gallery) == {}
    assert stages(gallery, detect="d2") == {key: ORDER}
    retry(gallery)
    assert stages(gallery) == {key: ORDER}
    record(gallery, key, "detect", "d2", BAD)
    assert failures(gallery)[0].attempts == 1


def test_what_follows_a_stage_that_failed_for_good_waits(gallery: Gallery) -> None:
    key = add_photo(gallery, "a")
    record(gallery, key, "detect", "d1")
    for _ in range(MAX_ATTEMPTS):
        record(gallery, key, "embed", "e1", BAD)
    assert stages(gallery) == {}
    assert stages(gallery, tag="t2") == {}


def test_success_clears_the_failures(gallery: Gallery) -> None:
    key = add_photo(gallery, "a")
    record(gallery, key, "detect", "d1", BAD)
    record(gallery, key, "detect", "d1")
    assert failures(gallery) == []
    assert stages(gallery) == {key: ("embed", "tag")}


@pytest.mark.parametrize("roots", [["/pictures"], ["/pictures/a.jpg"], ["/other", "/pictures/"]])
def test_only_what_is_there_and_below_the_roots(gallery: Gallery, roots: list[str]) -> None:
    key = add_photo(gallery, "a")
    put_files(gallery, [FileRow("/elsewhere/b.jpg", 1, 2, sha("b"))])
    assert [item.photo.id for item in due(gallery, RECIPES, ORDER, roots)] == [key]
    mark_missing(gallery, [known_files(gallery)["/pictures/a.jpg"].id])
    assert due(gallery, RECIPES, ORDER, roots) == []


def test_a_copy_below_the_roots_is_enough(gallery: Gallery) -> None:
    put_files(gallery, [FileRow("/a/x.jpg", 1, 2, sha("x")), FileRow("/b/x.jpg", 1, 2, sha("x"))])
    assert len(due(gallery, RECIPES, ORDER, ["/b"])) == 1


def test_one_line_for_each_file(gallery: Gallery) -> None:
    put_files(gallery, [FileRow("/2.jpg", 1, 2, sha("x")), FileRow("/1.jpg", 1, 2, sha("x"))])
    put_files(gallery, [FileRow("/0.jpg", 1, 2, None, PhotoError("permission", "no"))])
    key = due(gallery, RECIPES, ORDER)[0].photo.id
    record(gallery, key, "embed", "e1", BAD)
    record(gallery, key, "detect", "d1", BAD)
    found = failures(gallery)
    assert [(f.path, f.kind, f.detail) for f in found] == [
        ("/0.jpg", "permission", "no"),
        ("/1.jpg", "unreadable", "broken JPEG"),
        ("/2.jpg", "unreadable", "broken JPEG"),
    ]
    assert found[0].stage == "read" and found[0].attempts == 1


@given(st.lists(st.tuples(st.sampled_from(ORDER), st.booleans()), max_size=12))
def test_due_is_a_tail_of_the_order_and_recorded_work_ends(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, bool]]
) -> None:
    with Gallery.write(tmp_path_factory.mktemp("ledger"), "test") as gallery:
        key = add_photo(gallery, "a")
        for stage, fine in events:
            record(gallery, key, stage, RECIPES[stage], None if fine else BAD)
        for _ in range(3 * MAX_ATTEMPTS):
            wanted = stages(gallery).get(key, ())
            assert wanted == ORDER[len(ORDER) - len(wanted) :]
            if not wanted:
                break
            record(gallery, key, wanted[0], RECIPES[wanted[0]], BAD)
        assert stages(gallery) == {}
