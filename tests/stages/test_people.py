"""Strangers of one moment and posters are left out of the lists, people and what has a name stay, run after run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facelib.look import Look
from facelib.records import Capture, Sighting
from facelib.stages import assign, assign_checkpoint, assign_incremental, cluster, index, worker_pool
from facelib.stages.index import Options, Report
from facelib.stages.worker import Job
from facelib.store import people, unlisted
from facelib.store.gallery import Gallery
from tests import fakes
from tests.synthetic import around

HOUR = 3600.0
POSTER = 50
"""From here on people are pictures: they look the same on every photo."""
HOURS = [(0, 1), (0,), (1,), (0, POSTER), (1, POSTER), (0,), (1, POSTER), *[(0,)] * 6]
PEOPLE = [(hour, who) for hour, shown in enumerate(HOURS) for who in shown]
GUEST = [(20, 3)] * 5
BRIDE = [(20, 4)] * 14


def look(job: Job) -> Look:
    """As the file says; photos of one hour are of one moment, and before the first hour undated."""
    facts, seen = json.loads(Path(job.path).read_text()), fakes.look(job)
    hour = facts["number"] // 1000
    sightings = tuple(
        pictured(s, facts["number"]) if who >= POSTER else s for who, s in zip(facts["people"], seen.sightings, strict=True)
    )
    capture = Capture(f"2020-01-01T{hour:02}:00:00", 2 * hour * HOUR, None, None, "exif") if hour else Capture()
    return replace(seen, capture=capture, sightings=sightings)


def pictured(sighting: Sighting, number: int) -> Sighting:
    poster = np.ones((1, fakes.FACE_SIZE)) / np.sqrt(fakes.FACE_SIZE)
    return replace(sighting, face_embedding=around(np.random.default_rng(number), poster, 0.03)[0])


@pytest.fixture(autouse=True)
def no_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "work", fakes.work_here(look))


def write(album: Path, seen: Iterable[tuple[int, int]], dated: bool = True) -> None:
    for number, (hour, who) in enumerate(seen):
        fakes.write_photo(album / f"{hour}-{who}-{number}.jpg", [who], 1000 * (hour + 1 if dated else 0) + 50 * who + number)


def run(path: Path, album: Path) -> None:
    with Gallery.write(path, "test") as gallery:
        list(index.run(gallery, fakes.SETUP, [album], Options(), Report()))


def listed(path: Path, all: bool = False) -> list[tuple[int, str]]:
    with Gallery.read(path) as gallery:
        return sorted((row.faces, row.reason) for row in people.people_rows(gallery, all))


def test_a_guest_and_a_poster_are_left_out_but_not_somebody_seen_very_often(tmp_path: Path) -> None:
    write(tmp_path / "album", [*PEOPLE, *GUEST, *BRIDE, (21, 9)])
    run(tmp_path / "g.sqlite", tmp_path / "album")
    assert listed(tmp_path / "g.sqlite") == [(4, ""), (10, ""), (14, "")]
    left_out = [(1, "few"), (3, "one picture"), (5, "one moment")]
    assert listed(tmp_path / "g.sqlite", all=True) == sorted([(4, ""), (10, ""), (14, ""), *left_out])


def test_without_times_nobody_is_a_guest(tmp_path: Path) -> None:
    write(tmp_path / "album", [*PEOPLE, *GUEST], dated=False)
    run(tmp_path / "g.sqlite", tmp_path / "album")
    assert listed(tmp_path / "g.sqlite") == [(4, ""), (5, ""), (10, "")]


def test_one_evening_is_no_library_to_be_a_guest_in(tmp_path: Path) -> None:
    write(tmp_path / "album", [*GUEST, *BRIDE])
    run(tmp_path / "g.sqlite", tmp_path / "album")
    assert listed(tmp_path / "g.sqlite") == [(5, ""), (14, "")]


def test_a_guest_who_comes_again_is_listed_and_portions_end_as_one_run_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = ((assign_incremental, "SMALL_LIBRARY", 1), (assign_incremental, "MAX_CHANGED", 0.8), (cluster, "SMALL_LIBRARY", 1))
    for module, name, value in limits:
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(cluster, "MAX_NEW", 5.0)
    path, album = tmp_path / "g.sqlite", tmp_path / "album"
    seen = [*PEOPLE, *GUEST]
    write(album, seen)
    run(path, album)
    assert (5, "one moment") in listed(path, all=True)
    again = [(20, 3), (22, 7), (22, 7), (22, 7)]
    write(album / "more", again)
    run(path, album)
    assert (6, "one moment") in listed(path, all=True) and (3, "one moment") in listed(path, all=True)
    write(album / "later", [(23, 3)])
    run(path, album)
    assert (7, "") in listed(path)
    with Gallery.write(path, "test") as gallery:
        held = unlisted.unlisted(gallery)
        gallery.set_note(assign_checkpoint.NOTE, "")
        gallery.set_note(unlisted.NOTE, "")
        list(assign.run(gallery, fakes.SETUP))
        assert unlisted.unlisted(gallery) == held and len(held) == 2


def test_a_name_taken_back_leaves_the_guest_unlisted(tmp_path: Path) -> None:
    path, album = tmp_path / "g.sqlite", tmp_path / "album"
    write(album, [*PEOPLE, *GUEST])
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        (guest,) = [row.clusters[0] for row in people.people_rows(gallery, all=True) if row.reason == "one moment"]
        people.name_cluster(gallery, guest, "Gus")
    run(path, album)
    with Gallery.read(path) as gallery:
        assert people.people_rows(gallery)[0].name == "Gus"
        assert unlisted.unlisted(gallery)[guest] == "one moment"
