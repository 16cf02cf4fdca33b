"""Answering only what was added to a large library: the same answers as for the whole, at a cost of what is new."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facelib.stages import addition, assign, cluster, crew, index
from facelib.stages.index import Options, Report
from facelib.store import people
from facelib.store.gallery import Gallery
from facelib.store.standing import ClusterStates, member_keys
from tests import fakes

FAMILY = [(0, 1), (0,), (1, 2), (2,), (0, 2), (1,), (0, 1, 2), (2, 0), (1,), (3,), (0,), (1, 2)]
MORE = [(0, 4), (1,), (2, 0), (5,), (1, 6)]


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every library counts as a large one, photos need no networks."""
    monkeypatch.setattr(crew, "work", fakes.work_here())
    monkeypatch.setattr(addition, "LEAST_LIBRARY", 1)
    monkeypatch.setattr(addition, "MOST_CHANGED", 0.8)
    monkeypatch.setattr(cluster, "LEAST_LIBRARY", 1)
    monkeypatch.setattr(cluster, "MOST_NEW", 5.0)


def run(path: Path, album: Path) -> None:
    with Gallery.write(path, "test") as gallery:
        for _ in index.run(gallery, fakes.SETUP, [album], Options(), Report()):
            pass


def answers(path: Path) -> dict[int, tuple[int | None, str]]:
    with Gallery.read(path) as gallery:
        rows = gallery.db.execute("SELECT observation_id, person_id, standing FROM answers ORDER BY 1").fetchall()
    return {key: (person, standing) for key, person, standing in rows}


@pytest.fixture
def library(tmp_path: Path) -> tuple[Path, Path]:
    album = tmp_path / "album"
    for number, shown in enumerate(FAMILY):
        fakes.write_photo(album / f"{number:02}.jpg", shown, number)
    path = tmp_path / "g.sqlite"
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        for row in people.people_rows(gallery):
            people.name_cluster(gallery, row.clusters[0], f"Person {row.clusters[0]}")
    run(path, album)
    for number, shown in enumerate(MORE):
        fakes.write_photo(album / "more" / f"{number}.jpg", shown, 100 + number)
    return path, album


def test_only_what_is_new_is_coded_and_answered_as_in_a_whole_pass(library: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path, album = library
    before = answers(path)
    asked: list[int] = []
    original = assign.assign

    def spy(faces, *rest):  # type: ignore[no-untyped-def]
        asked.append(len(faces))
        return original(faces, *rest)

    monkeypatch.setattr(assign, "assign", spy)
    run(path, album)
    new = sum(len(shown) for shown in MORE)
    assert asked == [new]
    after = answers(path)
    assert {key: after[key] for key in before} == before and len(after) == len(before) + new
    named = [after[key] for key in sorted(after)[-new:]]
    assert sum(person is not None for person, _ in named) == 5
    with Gallery.write(path, "test") as gallery:
        gallery.set_note(addition.NOTE, "")
        for _ in assign.run(gallery, fakes.SETUP):
            pass
    assert asked[-1] == len(after)
    assert {key: person for key, (person, _) in answers(path).items()} == {key: person for key, (person, _) in after.items()}


def test_nothing_new_is_nothing_done(library: tuple[Path, Path]) -> None:
    path, album = library
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        assert list(assign.run(gallery, fakes.SETUP)) == []


def test_a_name_is_a_reason_for_a_whole_pass(library: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path, album = library
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        before = addition.Inputs.read(gallery)
        people.name_cluster(gallery, people.people_rows(gallery)[0].clusters[0], "Another Name")
        now = assign.inputs(gallery, fakes.SETUP)
        assert before is not None and not before.same(now)
        assert addition.find(gallery, before, now) is None


def test_a_note_that_is_damaged_or_of_another_version_is_none(library: tuple[Path, Path]) -> None:
    with Gallery.write(library[0], "test") as gallery:
        assert addition.Inputs.read(gallery) is not None
        gallery.set_note(addition.CLUSTERS_NOTE, "AAAA")
        assert addition.Inputs.read(gallery) is None
        gallery.set_note(addition.NOTE, "old")
        assert addition.Inputs.read(gallery) is None


def states(clusters: dict[int, list[int]], owner: dict[int, int] | None = None) -> ClusterStates:
    ids = np.array(sorted(clusters))
    keys = np.array([member_keys(np.array(clusters[c])).sum() for c in ids.tolist()])
    person = np.array([(owner or {}).get(c, -1) for c in ids.tolist()])
    return ClusterStates(ids, np.array([len(clusters[c]) for c in ids.tolist()]), keys, person)


def test_grown_and_disturbed_clusters_are_told_apart() -> None:
    before = states({1: [1, 2, 3], 2: [4, 5], 3: [6, 7], 4: [8], 7: [20, 21, 22, 23, 24, 25]}, {3: 9})
    now = states({1: [1, 2, 3, 10], 2: [4, 6], 3: [6, 7], 4: [8], 5: [11], 6: [5, 7], 7: [20, 21, 22, 23, 24, 25, 8]}, {3: 8})
    grown, disturbed = addition._sorted_out(before, now, np.array([10, 11]), np.array([1, 5]))
    # 1 got a new member, 5 is new, 7 took in one that had waited; 2 and 6 exchanged members, 3 has another owner.
    assert grown.tolist() == [1, 5, 7] and disturbed.tolist() == [2, 3, 6]


def test_states_come_back_from_their_bytes() -> None:
    made = states({1: [1, 2], 5: [3]}, {5: 2})
    back = ClusterStates.frombytes(made.tobytes())
    for column in ("id", "size", "key", "person"):
        assert (getattr(made, column) == getattr(back, column)).all()
