"""The checks of a gallery find what is wrong in it, and nothing in a healthy one."""

from __future__ import annotations

from facelib.store import people
from facelib.store.gallery import Gallery
from facelib.store.integrity import ERROR, NOTE, WARNING, check
from facelib.store.observations import replace_observations
from tests.galleries import put_verdict

from .conftest import add_photo, sighting


def test_a_healthy_gallery(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [sighting(0)])
    put_verdict(gallery, key, people.add(gallery, "Ana"), "is", "confirm")
    assert check(gallery) == check(gallery, quick=True) == []
    with Gallery.read(gallery.path) as reader:
        assert check(reader) == []


def test_what_is_amiss_is_found(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [sighting(0)])
    put_verdict(gallery, key, people.add(gallery, "Ana"), "is", "confirm")
    gallery.path.chmod(0o644)
    gallery.db.execute("DELETE FROM answers")
    replaced = gallery.db.execute("UPDATE verdicts SET ended_by = 1")
    assert replaced.rowcount == 1
    gallery.db.execute("PRAGMA foreign_keys = OFF")
    gallery.db.execute("INSERT INTO ledger (photo_id, stage, recipe, at) VALUES (99, 'detect', 'r', 'now')")
    found = {(finding.level, finding.subject) for finding in check(gallery)}
    assert found == {(WARNING, "permissions"), (ERROR, "attachments"), (ERROR, "ledger")}
    levels = [finding.level for finding in check(gallery)]
    assert levels == sorted(levels, key=(ERROR, WARNING, NOTE).index)


def test_a_verdict_without_an_observation_is_only_a_note(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [sighting(0)])
    put_verdict(gallery, key, people.add(gallery, "Ana"), "is", "confirm")
    replace_observations(gallery, photo, [])
    assert [(finding.level, finding.subject) for finding in check(gallery)] == [(NOTE, "verdicts")]


def test_wrong_answers_are_errors(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [sighting(0)])
    put_verdict(gallery, key, people.add(gallery, "Ana"), "is", "confirm")
    gallery.db.execute("DELETE FROM answers")
    assert [(finding.level, finding.subject) for finding in check(gallery)] == [(ERROR, "answers")]
