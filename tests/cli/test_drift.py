"""``facelib people --drift``: what it suggests, and that it changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facelib.model_zoo import registry
from facelib.records import Capture, Face, Sighting
from facelib.store import clusters, corrections, people
from facelib.store.gallery import Gallery
from facelib.store.observations import put_embeddings, replace_observations
from facelib.store.people import Target, name_cluster
from facelib.store.photos import FileRow, photo_by_sha, put_files, set_picture
from tests.synthetic import growing

Run = Callable[..., object]
YEAR = 365.25 * 86400
SIZE = registry.card(registry.DEFAULTS[registry.FACE_EMBEDDER]).dimension


def fill(path: Path) -> dict[str, list[int]]:
    """Ana (c1), of whom 2012 is Ben (c2); a child seen to 2005 (c3) and, as it seems, another from 2006 on (c4)."""
    rng = np.random.default_rng(0)
    ana, ben, child = (growing(rng, years, 6, step, 0.3, SIZE) for years, step in ((3, 0.1), (4, 0.1), (8, 0.25)))
    seen = [
        *[(vector, time + 38 * YEAR, 1) for vector, time in zip(*ana, strict=True)],
        *[(vector, time + 38 * YEAR, 2 if time < 3 * YEAR else 1) for vector, time in zip(*ben, strict=True)],
        *[(vector, time + 32 * YEAR, 3 if time < 4 * YEAR else 4) for vector, time in zip(*child, strict=True)],
    ]
    told: dict[str, list[int]] = {"ben": []}
    with Gallery.write(path, "test") as gallery, gallery.transaction():
        for number, (vector, seconds, cluster) in enumerate(seen):
            sha = hashlib.sha256(str(number).encode()).hexdigest()
            put_files(gallery, [FileRow(f"/pictures/{number}.jpg", 1, 1, sha)])
            photo = photo_by_sha(gallery, sha)
            assert photo is not None
            taken = str(np.datetime64(int(seconds), "s"))
            set_picture(gallery, photo.id, 100, 100, Capture(taken, seconds, None, None, "exif"))
            face = Face((0.0, 0.0, 90.0, 90.0), 0.99, np.zeros((5, 2), np.float32), 0.9)
            ids = replace_observations(gallery, photo.id, [Sighting(face, None)])
            put_embeddings(gallery, "face", registry.card(registry.DEFAULTS[registry.FACE_EMBEDDER]).digest, ids, vector[None])
            clusters.put_clustering(gallery, ids, [cluster], [cluster])
            told["ben"] += ids if len(ana[0]) <= number < len(ana[0]) + len(ben[0]) and cluster == 1 else []
    with Gallery.write(path, "test") as gallery:
        name_cluster(gallery, 1, "Ana")
        name_cluster(gallery, 2, "Ben")
    return told


@pytest.fixture
def told(tmp_path: Path) -> dict[str, list[int]]:
    return fill(tmp_path / "gallery.sqlite")


@pytest.fixture
def run(tmp_path: Path, facelib: Run) -> Run:
    return lambda *arguments: facelib("--gallery", tmp_path / "gallery.sqlite", *arguments)


def test_a_year_that_is_somebody_elses_and_a_child_that_was_two(run: Run, told: dict[str, list[int]], tmp_path: Path) -> None:
    before = run("export", "json").out
    lines = run("people", "--drift").out.splitlines()
    assert lines[0].startswith(f"Ana (p1): {len(told['ben'])} faces of 2011 may be Ben (p2): distance 0.")
    assert lines[1] == f"  facelib split p1 --faces {','.join(map(str, told['ben']))}"
    assert lines[2].startswith("c3, last seen in 2005, and c4, first seen in 2006, may be one person: distance 0.")
    assert lines[3:] == ["  facelib merge c3 c4"]
    assert run("export", "json").out == before
    # Done as told, what is left is that Ben and whom Ana lost are one.
    assert run(*lines[1].split()[1:]).code == 0 and run(*lines[3].split()[1:]).code == 0
    first, then = run("people", "--drift").out.splitlines()
    assert first.startswith("Ben (p2), last seen in 2010, and p3, first seen in 2011, may be one person")
    assert run(*then.split()[1:]).code == 0
    after = run("people", "--drift")
    assert after.out == "" and "suggest" in after.err


def test_as_json(run: Run, told: dict[str, list[int]]) -> None:
    apart, growing_up = (json.loads(line) for line in run("people", "--drift", "--json").out.splitlines())
    assert apart["suggestion"] == "two people" and apart["person"] == {"id": 1, "name": "Ana"}
    assert (apart["years"], apart["faces"]) == ([2011], told["ben"])
    assert apart["nearer_to"]["person"] == {"id": 2, "name": "Ben"} and apart["nearer_distance"] < apart["distance"]
    assert growing_up["suggestion"] == "one person"
    assert growing_up["before"] == {"person": None, "clusters": [3], "last_year": 2005}
    assert growing_up["after"] == {"person": None, "clusters": [4], "first_year": 2006}


def test_of_these_people_only(run: Run, told: dict[str, list[int]]) -> None:
    assert len(run("people", "--drift", "--json", "Ben").out.splitlines()) == 1
    assert "c3" in run("people", "--drift", "c4").out and "Ana" not in run("people", "--drift", "c4").out
    assert run("people", "--drift", "--together", "Ana").code == 2


def test_what_the_user_said_is_not_asked_again(run: Run, told: dict[str, list[int]], tmp_path: Path) -> None:
    with Gallery.write(tmp_path / "gallery.sqlite", "test") as gallery:
        name_cluster(gallery, 3, "Cem")
        corrections.reject(gallery, 3, None, people.members(gallery, [Target("cluster", 4)]))
    assert "c4" not in run("people", "--drift").out


def test_faces_that_are_not_the_other_are_not_asked_about_again(run: Run, told: dict[str, list[int]]) -> None:
    *some, last = (str(face) for face in told["ben"])
    assert run("reject", "Ben", *some).code == 0
    assert run("people", "--drift", "Ana").out.startswith("Ana (p1): 6 faces of 2011 may be Ben (p2)")
    assert run("reject", "Ben", last).code == 0
    assert run("people", "--drift", "Ana").out == ""


def test_a_gallery_without_faces_or_times(run: Run, tmp_path: Path) -> None:
    with Gallery.write(tmp_path / "gallery.sqlite", "test"):
        pass
    assert run("people", "--drift").code == 0
    fill(tmp_path / "gallery.sqlite")
    with Gallery.write(tmp_path / "gallery.sqlite", "test") as gallery:
        gallery.db.execute("UPDATE photos SET seconds = NULL, taken_at = NULL")
    ended = run("people", "--drift")
    assert (ended.code, ended.out) == (0, "") and "suggest" in ended.err
