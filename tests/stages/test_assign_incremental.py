"""Answering only what was added to a large library: the same answers as for the whole, at a cost of what is new."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facelib.stages import assign, assign_checkpoint, assign_incremental, cluster, index, worker_pool
from facelib.stages.index import Options, Report
from facelib.stages.setup import Setup
from facelib.store import people
from facelib.store.cluster_state import ClusterStates, member_keys
from facelib.store.gallery import Gallery
from tests import fakes

SETUP = Setup(fakes.SETUP.models, fakes.THRESHOLDS.override({"shortlist": 4}))
"""With a shortlist that does not hold all exemplars of so small a library."""
FAMILY = [(0, 1), (0,), (1, 2), (2,), (0, 2), (1,), (0, 1, 2), (2, 0), (1,), (3,), (0,), (1, 2)]
MORE = [(0, 4), (1,), (2, 0), (5,), (1, 6)]


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every library counts as a large one, photos need no networks."""
    monkeypatch.setattr(worker_pool, "work", fakes.work_here())
    monkeypatch.setattr(assign_incremental, "SMALL_LIBRARY", 1)
    monkeypatch.setattr(assign_incremental, "MAX_CHANGED", 0.8)
    monkeypatch.setattr(cluster, "SMALL_LIBRARY", 1)
    monkeypatch.setattr(cluster, "MAX_NEW", 5.0)


def run(path: Path, album: Path) -> None:
    with Gallery.write(path, "test") as gallery:
        for _ in index.run(gallery, SETUP, [album], Options(), Report()):
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


def test_what_is_new_is_answered_as_in_a_whole_pass(library: tuple[Path, Path]) -> None:
    path, album = library
    before = answers(path)
    run(path, album)
    new = sum(len(shown) for shown in MORE)
    after = answers(path)
    assert {key: after[key] for key in before} == before and len(after) == len(before) + new
    named = [after[key] for key in sorted(after)[-new:]]
    assert sum(person is not None for person, _ in named) == 5
    with Gallery.write(path, "test") as gallery:
        gallery.set_note(assign_checkpoint.NOTE, "")
        list(assign.run(gallery, SETUP))
    assert {key: person for key, (person, _) in answers(path).items()} == {key: person for key, (person, _) in after.items()}


def test_nothing_new_is_nothing_done(library: tuple[Path, Path]) -> None:
    path, album = library
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        assert list(assign.run(gallery, SETUP)) == []


def test_a_name_is_answered_as_in_a_whole_pass(library: tuple[Path, Path]) -> None:
    path, album = library
    run(path, album)
    with Gallery.write(path, "test") as gallery:
        person = people.people_rows(gallery, all=True)[-1]
        people.name_cluster(gallery, person.clusters[0], "Another Name")
        assert (last := assign_checkpoint.AssignCheckpoint.read(gallery)) is not None
        assert not last.inputs.same(assign.current_inputs(gallery, SETUP))
    run(path, album)
    after = answers(path)
    with Gallery.write(path, "test") as gallery:
        gallery.set_note(assign_checkpoint.NOTE, "")
        list(assign.run(gallery, SETUP))
    assert answers(path) == after


def states(clusters: dict[int, list[int]], owner: dict[int, int] | None = None) -> ClusterStates:
    ids = np.array(sorted(clusters))
    keys = np.array([member_keys(np.array(clusters[c])).sum() for c in ids.tolist()])
    person = np.array([(owner or {}).get(c, -1) for c in ids.tolist()])
    return ClusterStates(ids, np.array([len(clusters[c]) for c in ids.tolist()]), keys, person)


def test_what_became_of_clusters() -> None:
    many = list(range(20, 26))
    before = states({1: [1, 2, 3, 12, 13], 2: [4, 5], 3: [6, 7], 4: [8], 7: many, 8: [30]}, {3: 9})
    now = states({1: [1, 2, 3, 12, 13, 10], 2: [4, 6], 3: [6, 7], 4: [8], 5: [11], 6: [5, 7], 7: [*many, 30]}, {3: 8})
    changes = assign_incremental.ClusterChanges.between(before, now, before.size, np.array([10, 11]), np.array([1, 5]))
    # 1 got a new member, 7 one of another cluster; 5 and 6 are new, 2 exchanged a member, 3 has another owner, 8 is gone.
    assert changes.grown.tolist() == [1, 2, 7]
    assert changes.needs_exemplars.tolist() == [3, 5, 6]
    assert changes.new_owner.tolist() == [3]
    assert sorted(changes.membership_changed.tolist()) == [2, 6, 7, 8]


def test_small_steps_add_up_until_exemplars_are_chosen_anew() -> None:
    before, now = states({1: [*range(11)]}), states({1: [*range(12)]})
    grown = assign_incremental.ClusterChanges.between(before, now, np.array([10]), np.array([11]), np.array([1]))
    assert grown.grown.tolist() == [1]
    chosen = assign_incremental.ClusterChanges.between(before, now, np.array([9]), np.array([11]), np.array([1]))
    assert chosen.needs_exemplars.tolist() == [1]
    inputs = assign_checkpoint.AssignInputs("r", "v", before)
    last = assign_checkpoint.AssignCheckpoint(inputs, np.array([9]), np.empty((0, 3), dtype=np.int64))
    assert assign_incremental.sizes_at_choice(last, now, np.array([])).tolist() == [9]
    assert assign_incremental.sizes_at_choice(last, now, np.array([1])).tolist() == [12]


def test_states_come_back_from_their_bytes() -> None:
    made = states({1: [1, 2], 5: [3]}, {5: 2})
    back = ClusterStates.frombytes(made.tobytes())
    for column in ("id", "size", "key", "person"):
        assert (getattr(made, column) == getattr(back, column)).all()
