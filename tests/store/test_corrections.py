"""What a user does to people: at once, for good, and back again."""

from __future__ import annotations

from typing import Any

import pytest

from facelib.errors import InputError
from facelib.store import clusters, corrections, people, undo
from facelib.store.gallery import Gallery
from facelib.store.observations import of_photo, replace_observations
from facelib.store.ownership import update_owners
from facelib.store.people import Target, name_cluster, name_person, people_rows
from facelib.store.verdicts import labels

from .conftest import add_photo, sighting

GIVEN = ("people", "verdicts", "drawn")


@pytest.fixture
def filled(gallery: Gallery) -> Gallery:
    """Four photos with four people each; cluster k holds the k-th of every photo: observations k, k + 4, ..."""
    ids: list[int] = []
    for name in "abcd":
        ids += replace_observations(gallery, add_photo(gallery, name), [sighting(300.0 * k) for k in range(4)])
    clusters.put_clustering(gallery, ids, [1] * 16, [1, 2, 3, 4] * 4)
    return gallery


def cluster(number: int) -> Target:
    return Target("cluster", number)


def person(number: int) -> Target:
    return Target("person", number)


def held(gallery: Gallery) -> dict[int, tuple[int | None, int | None]]:
    """Person and cluster of each observation."""
    return {row.id: (row.person_id, row.cluster) for photo in (1, 2, 3, 4) for row in of_photo(gallery, photo)}


def given(gallery: Gallery) -> dict[str, Any]:
    """What was said and still holds, without ids of verdicts."""
    columns = {"people": "id, name, hidden", "verdicts": "sha256, part, x0, y0, x1, y1, person_id, says, how", "drawn": "sha256, x0"}
    return {t: sorted(gallery.db.execute(f"SELECT {c} FROM {t} WHERE ended_by IS NULL"), key=repr) for t, c in columns.items()}


def test_merging_clusters_makes_an_unnamed_person(filled: Gallery) -> None:
    nobody = corrections.merge(filled, [cluster(1), cluster(2), cluster(1)])
    assert nobody.name is None
    assert clusters.owners(filled) == {1: nobody.id, 2: nobody.id}
    assert [row.clusters for row in people_rows(filled, all=True)] == [(1, 2), (3,), (4,)]


def test_merging_gives_nobody_a_person_they_were_said_not_to_be(filled: Gallery) -> None:
    """The program held it to be Ben; it is not Ana, and Ben is Ana now."""
    ana, ben = name_cluster(filled, 1, "Ana"), people.add(filled, "Ben")
    clusters.put_answers(filled, [3, 7], [ben, ben], ["likely", "likely"], [0.5, 0.5])
    corrections.reject(filled, ana.id, None, [3])
    assert corrections.merge(filled, [person(ana.id), person(ben)]) == ana
    assert (held(filled)[3][0], held(filled)[7][0]) == (None, ana.id)
    undo.undo(filled)
    assert held(filled)[3][0] != ana.id and held(filled)[7][0] == ben


def test_merging_keeps_the_first_name(filled: Gallery) -> None:
    ana, ben = name_cluster(filled, 1, "Ana"), name_cluster(filled, 2, "Ben")
    assert corrections.merge(filled, [cluster(3), person(ben.id), person(ana.id)]) == ben
    assert set(clusters.owners(filled).items()) == {(1, ben.id), (2, ben.id), (3, ben.id)}
    assert list(people.people(filled)) == [ben.id]
    assert {p for p, c in held(filled).values() if c != 4} == {ben.id}


def test_a_cluster_of_a_named_person_comes_alone_and_one_of_an_unnamed_person_brings_all(filled: Gallery) -> None:
    ana = name_cluster(filled, 1, "Ana")
    name_cluster(filled, 2, "Ana")
    ben = name_cluster(filled, 3, "Ben")
    corrections.merge(filled, [person(ben.id), cluster(2)])
    assert clusters.owners(filled) == {1: ana.id, 2: ben.id, 3: ben.id}
    nobody = corrections.merge(filled, [cluster(4), cluster(1)])
    assert nobody == ana
    corrections.merge(filled, [cluster(2), cluster(4)])
    assert clusters.owners(filled)[4] == ben.id


def test_merging_takes_the_answers_of_the_program_along(filled: Gallery) -> None:
    ana, ben = name_cluster(filled, 1, "Ana"), name_cluster(filled, 2, "Ben")
    clusters.put_answers(filled, [4], [ben.id], ["certain"], [0.9])
    corrections.merge(filled, [person(ana.id), person(ben.id)])
    assert held(filled)[4][0] == ana.id
    undo.undo(filled)
    assert held(filled)[4][0] == ben.id


def test_merging_overrules_an_older_no_about_the_other(filled: Gallery) -> None:
    ana, ben = name_cluster(filled, 1, "Ana"), name_cluster(filled, 2, "Ben")
    corrections.reject(filled, ana.id, None, [2])
    corrections.merge(filled, [person(ana.id), person(ben.id)])
    assert held(filled)[2] == (ana.id, 2)
    assert labels(filled, "not")[0].tolist() == []


@pytest.mark.parametrize("targets", [[], [cluster(1)], [cluster(1), cluster(1)], [cluster(1), person(1)], [cluster(99), cluster(1)]])
def test_nothing_to_merge(filled: Gallery, targets: list[Target]) -> None:
    name_cluster(filled, 1, "Ana")
    before = given(filled)
    with pytest.raises(InputError):
        corrections.merge(filled, targets)
    assert given(filled) == before


def test_a_rejected_face_leaves_the_person_and_the_cluster_at_once(filled: Gallery) -> None:
    ana = name_cluster(filled, 1, "Ana")
    corrections.reject(filled, ana.id, None, [5])
    assert held(filled)[5] == (None, None)
    assert [held(filled)[i] for i in (1, 9, 13)] == [(ana.id, 1)] * 3
    update_owners(filled, [1])
    name_cluster(filled, 1, "Ben")
    assert held(filled)[5] == (None, None)


def test_rejecting_from_a_cluster_without_a_person(filled: Gallery) -> None:
    nobody = corrections.reject(filled, None, 1, [5, 9])
    assert nobody.name is None
    assert held(filled)[5] == (None, None)
    assert held(filled)[1] == (nobody.id, 1)
    with pytest.raises(InputError, match="no face in c2"):
        corrections.reject(filled, None, 2, [2, 6, 10, 14])


def test_confirming_gives_a_face_to_a_person(filled: Gallery) -> None:
    ana, ben = name_cluster(filled, 1, "Ana"), name_cluster(filled, 2, "Ben")
    corrections.reject(filled, ana.id, None, [6])
    corrections.confirm(filled, ana.id, [6])
    assert held(filled)[6] == (ana.id, None)
    assert held(filled)[2] == (ben.id, 2)
    assert corrections.confirm(filled, None, [3], cluster_id=1) == ana


@pytest.mark.parametrize("observations", [[], [99], [1, 99]])
def test_observations_that_are_not_there(filled: Gallery, observations: list[int]) -> None:
    ana = name_cluster(filled, 1, "Ana")
    for call in (
        lambda: corrections.confirm(filled, ana.id, observations),
        lambda: corrections.reject(filled, ana.id, None, observations),
        lambda: corrections.split(filled, cluster(1), observations),
    ):
        with pytest.raises(InputError, match="no observation"):
            call()


def test_splitting_makes_a_new_cluster_and_person(filled: Gallery) -> None:
    ana = name_cluster(filled, 1, "Ana")
    other = corrections.split(filled, person(ana.id), [5, 9])
    assert other.name is None and other.id != ana.id
    assert held(filled)[5] == held(filled)[9] == (other.id, 5)
    assert held(filled)[1] == (ana.id, 1)
    third = corrections.split(filled, cluster(2), [6])
    assert held(filled)[6] == (third.id, 6)
    assert held(filled)[2][1] == 2 and held(filled)[2][0] not in (None, third.id)


def test_what_cannot_be_split(filled: Gallery) -> None:
    with pytest.raises(InputError, match="does not belong to c1"):
        corrections.split(filled, cluster(1), [2])
    with pytest.raises(InputError, match="all observations of c1"):
        corrections.split(filled, cluster(1), [1, 5, 9, 13])
    with pytest.raises(InputError, match="one part only"):
        corrections.divide(filled, cluster(1), [[1], [1]])


def test_hiding(filled: Gallery) -> None:
    assert corrections.hide(filled, cluster(1), True).hidden
    assert [row.clusters for row in people_rows(filled)] == [(2,), (3,), (4,)]
    assert not corrections.hide(filled, cluster(1), False).hidden
    assert len(people_rows(filled)) == 4


STEPS = {
    "name": lambda g: name_cluster(g, 3, "Cem"),
    "name-present": lambda g: name_cluster(g, 3, "Ana"),
    "rename": lambda g: name_person(g, 1, "Anna"),
    "merge": lambda g: corrections.merge(g, [person(1), person(2), cluster(4)]),
    "merge-cluster": lambda g: corrections.merge(g, [person(1), cluster(2)]),
    "merge-unnamed": lambda g: corrections.merge(g, [cluster(3), cluster(4)]),
    "split": lambda g: corrections.split(g, person(1), [5, 9]),
    "split-unnamed": lambda g: corrections.split(g, cluster(3), [7]),
    "reject": lambda g: corrections.reject(g, 1, None, [5]),
    "reject-unnamed": lambda g: corrections.reject(g, None, 4, [8]),
    "confirm": lambda g: corrections.confirm(g, 1, [6]),
    "confirm-unnamed": lambda g: corrections.confirm(g, None, [6], 4),
    "hide": lambda g: corrections.hide(g, person(1), True),
    "hide-unnamed": lambda g: corrections.hide(g, cluster(3), True),
}


@pytest.mark.parametrize("step", STEPS)
def test_every_step_is_undone_exactly(filled: Gallery, step: str) -> None:
    name_cluster(filled, 1, "Ana")
    name_cluster(filled, 2, "Ben")
    before = given(filled), held(filled), people_rows(filled, all=True)
    STEPS[step](filled)
    assert (given(filled), held(filled), people_rows(filled, all=True)) != before
    (text,) = undo.undo(filled)
    assert (given(filled), held(filled), people_rows(filled, all=True)) == before
    assert text == undo.history(filled)[0].text and undo.history(filled)[0].undone
    assert filled.db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_all_steps_are_undone_in_turn(filled: Gallery) -> None:
    states = []
    for name in ("name", "merge-cluster", "split", "reject", "confirm", "rename", "hide", "merge-unnamed"):
        if name == "merge-cluster":
            name_cluster(filled, 2, "Ben")
        if name == "name":
            name_cluster(filled, 1, "Ana")
        states.append((given(filled), held(filled)))
        corrections.merge(filled, [cluster(4), person(1)]) if name == "merge-unnamed" else STEPS[name](filled)
    for state in reversed(states):
        undo.undo(filled, 1)
        while state != (given(filled), held(filled)):
            undo.undo(filled)
    undo.undo(filled, sum(not change.undone for change in undo.history(filled)))
    assert given(filled) == {"people": [], "verdicts": [], "drawn": []}
    with pytest.raises(InputError, match="nothing to undo"):
        undo.undo(filled)


def test_undo_refuses_more_than_there_is(filled: Gallery) -> None:
    name_cluster(filled, 1, "Ana")
    with pytest.raises(InputError, match="only 1"):
        undo.undo(filled, 2)
    assert people.find(filled, "Ana") is not None


def test_history_says_what_was_done(filled: Gallery) -> None:
    name_cluster(filled, 1, "Ana")
    corrections.reject(filled, 1, None, [5])
    corrections.merge(filled, [person(1), cluster(2)])
    corrections.hide(filled, cluster(3), True)
    assert [change.text for change in undo.history(filled)] == [
        "hid p2",
        "merged p1, c2 into Ana",
        "said that 1 face is not Ana",
        "named c1 Ana",
    ]
