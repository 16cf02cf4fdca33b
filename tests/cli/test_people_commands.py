"""The commands that correct people, as a user types them: what they say, what they change, and what they refuse."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facelib.model_zoo import registry
from facelib.records import Face, Sighting
from facelib.review import thumbnails
from facelib.store import clusters, people, unlisted
from facelib.store.gallery import Gallery
from facelib.store.observations import put_embeddings, replace_observations
from facelib.store.people import name_cluster
from facelib.store.photos import FileRow, photo_by_sha, put_files
from tests.synthetic import around, unit

Run = Callable[..., object]
SEEN = {"a": [0, 1], "b": [0, 1], "c": [0], "d": [1, 2], "e": [2], "f": [2]}
"""Photos and who is on them: 0 is Ana (c1), 1 is Ben (c2), 2 waits for a name (c3)."""


def sha_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for name in SEEN:
        (folder / f"{name}.jpg").write_text(name)
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """A gallery of three people, two of them named; observations are numbered in the order of :data:`SEEN`."""
    path = tmp_path_factory.mktemp("template") / "gallery.sqlite"
    card = registry.card(registry.DEFAULTS[registry.FACE_EMBEDDER])
    rng = np.random.default_rng(0)
    centres = unit(rng.normal(size=(3, card.dimension)))
    with Gallery.write(path, "test") as gallery:
        for name, seen in SEEN.items():
            put_files(gallery, [FileRow(str(pictures / f"{name}.jpg"), 1, 1, sha_of(name))])
            photo = photo_by_sha(gallery, sha_of(name))
            assert photo is not None
            boxes = [(300.0 * k, 0.0, 300.0 * k + 100, 100.0) for k in range(len(seen))]
            sightings = [Sighting(Face(box, 0.99, np.zeros((5, 2), np.float32), 0.9), None) for box in boxes]
            ids = replace_observations(gallery, photo.id, sightings)
            put_embeddings(gallery, "face", card.digest, ids, around(rng, centres[seen], 0.3))
            clusters.put_clustering(gallery, ids, [k + 1 for k in seen], [k + 1 for k in seen])
        name_cluster(gallery, 1, "Ana")
        name_cluster(gallery, 2, "Ben")
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """A gallery of the test's own, as :func:`template` has it."""
    return Path(shutil.copy(template, tmp_path / "gallery.sqlite"))


@pytest.fixture
def run(path: Path, facelib: Run) -> Run:
    return lambda *arguments: facelib("--gallery", path, *arguments)


def names_on(run: Run, photo: str) -> list[str | None]:
    """Who is on a photo, as export tells it."""
    lines = [json.loads(line) for line in run("export", "json").out.splitlines()]
    (found,) = [line for line in lines if line["photo"].endswith(f"/{photo}.jpg")]
    return [one["person"]["name"] if one["person"] else None for one in found["observations"]]


def state(path: Path) -> list[list[tuple]]:
    with Gallery.read(path) as gallery:
        return [gallery.db.execute(f"SELECT * FROM {t} ORDER BY 1").fetchall() for t in ("people", "verdicts", "changes", "memberships")]


def test_merging_two_names_must_be_agreed_to(run: Run, path: Path) -> None:
    before = state(path)
    ended = run("merge", "ana", "Ben")
    assert (ended.code, state(path)) == (2, before)
    assert "--yes" in ended.err and "Ben (p2) part of Ana (p1)" in ended.err
    ended = run("merge", "ana", "Ben", "--yes")
    assert ended.code == 0 and ended.out == "ana, Ben are Ana (p1), 6 faces\n"
    assert names_on(run, "a") == ["Ana", "Ana"]


def test_merging_a_cluster_into_a_person_needs_no_question(run: Run) -> None:
    assert json.loads(run("merge", "Ana", "3", "--json").out) == {"schema": 1, "person": {"id": 1, "name": "Ana"}, "observations": 6}
    assert names_on(run, "f") == ["Ana"]


def test_rejecting_by_photo_and_by_id(run: Run, pictures: Path) -> None:
    assert run("reject", "Ana", pictures / "a.jpg").out == "1 face: not Ana (p1)\n"
    assert names_on(run, "a") == [None, "Ben"]
    assert run("reject", "ben", "2", "4").out == "2 faces: not Ben (p2)\n"
    assert names_on(run, "a") == [None, None]
    assert run("confirm", "Ana", "1").out == "1 face: Ana (p1)\n"
    assert names_on(run, "a") == ["Ana", None]


@pytest.mark.parametrize("what", ["99", "999999999999999999999999", "-1", "x.jpg", "", "."])
def test_faces_that_are_not_there(run: Run, path: Path, what: str) -> None:
    before = state(path)
    for command in ("confirm", "reject"):
        ended = run(command, "Ana", "--", what)
        assert ended.code == 2 and "Traceback" not in ended.err, ended.err
    assert state(path) == before


def test_a_photo_with_several_people_is_not_guessed_at(run: Run, pictures: Path) -> None:
    ended = run("confirm", "c3", pictures / "a.jpg")
    assert ended.code == 2 and "2 people are seen" in ended.err


def test_splitting(run: Run) -> None:
    ended = run("split", "Ana", "--faces", "1,5")
    assert ended.out == "Ana keeps 1 face\np3 has 2 faces; name it with: facelib name p3 NAME\n"
    assert run("name", "p3", "Cem").code == 0
    assert names_on(run, "a") == ["Cem", "Ben"]
    assert run("split", "Ana", "--faces", "2").code == 2
    assert run("split", "Ana", "--faces", "x").code == 2
    assert run("split", "Ana", "--faces", "1", "--into", "2").code == 2


def test_splitting_by_looks(run: Run) -> None:
    run("merge", "Ana", "Ben", "--yes")
    ended = run("split", "Ana", "--into", "2")
    assert ended.code == 0, ended.err
    assert names_on(run, "a")[0] != names_on(run, "a")[1]
    ended = run("split", "c3", "--into", "50")
    assert ended.code == 2 and "does not come apart into 50 parts" in ended.err


def test_a_person_of_several_clusters_falls_into_these(run: Run) -> None:
    run("merge", "Ana", "c3")
    assert run("split", "Ana", "--dry-run").code == 0
    assert names_on(run, "f") == ["Ana"]
    assert run("split", "Ana").out.startswith("Ana keeps 3 faces\np3 has 3 faces")
    assert run("undo").out == "undone: split 3 faces from p1\n"
    assert names_on(run, "f") == ["Ana"]


def test_hiding_and_unhiding(run: Run) -> None:
    assert run("hide", "c3", "Ben").out == "p3 is hidden\nBen (p2) is hidden\n"
    assert [line.split()[0] for line in run("people").out.splitlines()[1:]] == ["p1"]
    assert len(run("people", "--all").out.splitlines()) == 4
    assert run("unhide", "p3", "ben").code == 0
    assert len(run("people", "--json").out.splitlines()) == 3


def test_undo_walks_back_and_lists(run: Run, path: Path) -> None:
    before = state(path)[:2]
    run("merge", "Ana", "Ben", "--yes")
    run("reject", "Ana", "1")
    ended = run("undo", "2")
    assert ended.code == 2 and "said that 1 face is not Ana" in ended.err and "--yes" in ended.err
    assert run("undo", "2", "--yes").out == "undone: said that 1 face is not Ana\nundone: merged p1, p2 into Ana\n"
    assert state(path)[:2] == before
    told = [json.loads(line) for line in run("undo", "--list", "--json").out.splitlines()]
    assert [(one["command"], one["undone"]) for one in told] == [("reject", True), ("merge", True), ("name", False), ("name", False)]
    assert run("undo", "3", "--yes").code == 2
    assert run("undo", "0").code == 2
    assert run("undo", "2", "--yes").code == 0
    ended = run("undo")
    assert ended.code == 2 and "nothing to undo" in ended.err


DRY = [
    ["merge", "Ana", "Ben"],
    ["merge", "Ana", "c3"],
    ["split", "Ana", "--faces", "1"],
    ["confirm", "Ana", "2"],
    ["reject", "Ana", "1"],
    ["hide", "Ana"],
    ["unhide", "c3"],
    ["undo"],
    ["undo", "2"],
    ["name", "c3", "Cem"],
    ["forget", "Ana"],
    ["forget", "--all"],
]


@pytest.mark.parametrize("command", DRY, ids="-".join)
def test_a_dry_run_changes_nothing(run: Run, path: Path, command: list[str]) -> None:
    before = state(path)
    ended = run(*command, "--dry-run")
    assert ended.code == 0, ended.err
    assert state(path) == before


def test_find_and_together(run: Run, pictures: Path, tmp_path: Path) -> None:
    paths = [str(pictures / f"{name}.jpg") for name in SEEN]
    assert run("find", "ana").out.splitlines() == paths[:3]
    assert run("find", "Ana", "BEN", "-0").out == "\0".join(paths[:2]) + "\0"
    assert run("find", "Ana", "--without", "Ben").out.splitlines() == [paths[2]]
    assert run("find", "Ben", "c3", "--only", "--count").out == "1\n"
    assert run("find", "Ana", "Ben", "--any", "--count", "--json").out == '{"schema": 1, "photos": 4}\n'
    assert json.loads(run("find", "c3", "--json").out.splitlines()[1])["people"] == []
    assert run("people", "--together", "Ana").out.splitlines()[0] == "3 photos together, also with:"
    assert run("people", "ben").out.splitlines()[1].split()[:2] == ["p2", "Ben"]
    ended = run("find", "Ana", "--since", "2020")
    assert (ended.code, ended.out) == (0, "") and "no photos" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [[], ["--only", "--without", "Ana"], ["Ana", "--since", "today"], ["Ana", "--until", "2020-13"], ["Ana", "--min-standing", "sure"]],
)
def test_find_refuses(run: Run, arguments: list[str]) -> None:
    assert run("find", *arguments).code == 2


def test_links_never_replace_anything(run: Run, pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "a.jpg").write_text("mine")
    assert "3 links made" in run("find", "Ana", "--link-to", folder).err
    assert (folder / "a.jpg").read_text() == "mine"
    assert {link.name: link.read_text() for link in folder.iterdir() if link.is_symlink()} == {"a-2.jpg": "a", "b.jpg": "b", "c.jpg": "c"}
    assert "0 links made" in run("find", "Ana", "--link-to", folder).err
    assert len(list(folder.iterdir())) == 4
    assert run("find", "Ana", "--link-to", pictures / "a.jpg").code == 2


def test_forgetting(run: Run, path: Path) -> None:
    place = thumbnails.folder() / sha_of("a")[:2] / sha_of("a")
    place.mkdir(parents=True)
    (place / "crop.jpg").write_text("Ana's face")
    backup = path.with_name("gallery-copy.sqlite")
    backup.write_bytes(path.read_bytes())
    ended = run("forget", "Ana")
    assert ended.code == 2 and "cannot be undone" in ended.err and place.exists()
    ended = run("forget", "Ana", "--yes")
    assert ended.code == 0 and str(backup) in ended.err
    assert not place.exists()
    assert run("find", "Ana").code == 2 and names_on(run, "a") == ["Ben"]
    assert b"Ana" not in path.read_bytes()
    assert run("forget").code == 2
    assert run("forget", "Ben", "--all").code == 2
    assert run("forget", "c3").code == 2
    assert run("forget", "--scrub").code == 0
    assert json.loads(run("forget", "--all", "--yes", "--json").out)["forgotten"]["observations"] == 6
    assert run("people", "--all").out == ""


# Names nobody may have, and names that look dangerous and are only names.

BAD = {
    "empty": "",
    "blank": " \t ",
    "very-long": "x" * 201,
    "control": "A\x1b[31mna",
    "newline": "A\nna",
    "nul-like": "A\x00na",
    "override": "A\u202ena",
    "cluster-id": "c7",
    "person-id": "P3",
    "number": "12",
    "invisible": "\u200b",
}
ODD = {
    "hebrew": "שרה",
    "arabic": "ليلى",
    "path-like": "../../etc/passwd",
    "absolute": "/etc/passwd",
    "option-like": "-rf",
    "long-option": "--yes",
    "sql": "Robert'); DROP TABLE people;--",
    "html": "<img src=x onerror=alert(1)>",
    "wildcard": "%_*",
    "quotes": "O\"Hara 'n' `x`",
    "percent": "%s%n{0}",
    "emoji": "👩‍👧 Ana",
    "longest": "ä" * 200,
    "qualifier": "Ana (school)",
}
NAMING = [["name", "c3"], ["name", "Ana"], ["enroll"]]
ASKING = [
    ["find"],
    ["people"],
    ["people", "--together"],
    ["merge", "c3"],
    ["split"],
    ["hide"],
    ["unhide"],
    ["forget", "--yes"],
    ["find", "Ana", "--without"],
    ["verify"],
    ["confirm"],
    ["reject"],
]


def after(command: list[str], name: str) -> list[str]:
    """A command line with a name: behind ``--`` unless it is the value of an option."""
    rest = {"enroll": ["photo.jpg"], "verify": ["photo.jpg"], "confirm": ["1"], "reject": ["1"]}.get(command[0], [])
    return [*command, name] if command[-1] == "--without" else [*command, "--", name, *rest]


@pytest.mark.parametrize("command", NAMING, ids=" ".join)
@pytest.mark.parametrize("name", BAD.values(), ids=BAD)
def test_what_cannot_be_a_name(run: Run, path: Path, command: list[str], name: str) -> None:
    before = state(path)
    if command == ["enroll"] and name == "P3":
        name = "P9"
    line = after(command, name) if command == ["enroll"] else [*command[:1], "--", command[1], name]
    ended = run(*line)
    assert ended.code == 2, ended.err
    assert "Traceback" not in ended.err and "\x1b" not in ended.err and "\u202e" not in ended.err
    assert state(path) == before


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_nobody_is_called_that(run: Run, path: Path, command: list[str]) -> None:
    before = state(path)
    for name in [*BAD.values(), *(text for key, text in ODD.items() if key != "qualifier"), "Zoë"]:
        ended = run(*after(command, name))
        assert ended.code == 2, (name, ended.out, ended.err)
        assert "Traceback" not in ended.err and "\x1b" not in ended.err and "\u202e" not in ended.err
        assert len(ended.err.splitlines()) <= 2
    assert state(path) == before


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_odd_names_are_only_names(run: Run, path: Path, name: str) -> None:
    assert run("name", "--", "c3", name).code == 0
    with Gallery.read(path) as gallery:
        found = people.find(gallery, name)
        assert found is not None and found.name == name
    assert run("find", "--count", "--", name).out == "3\n"
    assert run("people", "--", name).out.count("\n") == 2
    assert json.loads(run("people", "--json", "--", name).out)["person"]["name"] == name
    assert run("hide", "--", name).code == 0
    assert run("undo").code == 0
    assert run("forget", "--yes", "--", name).code == 0
    assert run("find", "--", name).code == 2 and run("find", "Ana").code == 0


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_an_ambiguous_name_says_who_may_be_meant(run: Run, path: Path, command: list[str]) -> None:
    run("name", "Ana", "Kim (school)")
    run("name", "Ben", "Kim (work)")
    before = state(path)
    command = [word if word != "Ana" else "p1" for word in command]
    ended = run(*after(command, "kim"))
    assert ended.code == 2
    assert "may be any of 2 people" in ended.err and "'Kim (school)' (p1), 'Kim (work)' (p2)" in ended.err
    assert state(path) == before


def test_names_are_the_same_in_any_case_and_composition(run: Run) -> None:
    run("name", "c3", "Zoë")
    assert run("find", "ZOE\u0308", "--count").out == "3\n"
    assert run("name", "Ana", "zoE\u0308").code == 2


def test_people_leaves_out_who_is_none_and_says_why_with_all(run: Run, path: Path) -> None:
    with Gallery.write(path, "test") as gallery:
        unlisted.put_unlisted(gallery, [2, 3], {2: "mixed", 3: "one moment"}, [1, 2, 3])
    assert [json.loads(line)["clusters"] for line in run("people", "--json").out.splitlines()] == [[1], [2]]
    everybody = [json.loads(line) for line in run("people", "--all", "--json").out.splitlines()]
    assert [(row["clusters"], row["unlisted"]) for row in everybody] == [([1], None), ([2], None), ([3], "one moment")]
    assert "one moment only" in run("people", "--all").out and "one moment only" in run("people", "c3").out
