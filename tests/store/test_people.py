"""Names own clusters, verdicts of the user are kept, and people are listed in order."""

from __future__ import annotations

import json

import pytest

from facelib.errors import InputError
from facelib.records import Capture
from facelib.store import clusters, people
from facelib.store.gallery import Gallery
from facelib.store.observations import of_photo, replace_observations
from facelib.store.people import PeopleRow, Target, name_cluster, name_person, people_rows, resolve
from facelib.store.photos import set_picture
from facelib.store.verdicts import labels, put_verdicts
from tests.galleries import put_verdict

from .conftest import add_photo, sighting


@pytest.fixture
def filled(gallery: Gallery) -> Gallery:
    """Three photos with three people each; cluster k holds the k-th of every photo."""
    ids: list[int] = []
    for name in "abc":
        photo = add_photo(gallery, name)
        day = "abc".index(name) + 1
        set_picture(gallery, photo, 1000, 1000, Capture(f"2020-01-0{day}T10:00:00", 1577872800.0 + 86400 * day, None, None, "exif"))
        ids += replace_observations(gallery, photo, [sighting(300.0 * k) for k in range(3)])
    clusters.put_clustering(gallery, ids, [1] * 9, [1, 2, 3] * 3)
    return gallery


def held(gallery: Gallery, cluster: int) -> list[int | None]:
    rows = [row for photo in (1, 2, 3) for row in of_photo(gallery, photo)]
    return [row.person_id for row in rows if row.cluster == cluster]


def test_naming_a_cluster_says_it_of_every_member(filled: Gallery) -> None:
    ana = name_cluster(filled, 1, "  Ana ")
    assert (ana.id, ana.name, ana.hidden) == (1, "Ana", False)
    assert held(filled, 1) == [1, 1, 1] and held(filled, 2) == [None] * 3
    assert clusters.owners(filled) == {1: 1}
    assert filled.db.value("SELECT count(*) FROM verdicts WHERE says = 'is' AND how = 'name'") == 3


def test_a_name_that_is_there_already_takes_the_cluster_too(filled: Gallery) -> None:
    name_cluster(filled, 1, "Zoë")
    assert name_cluster(filled, 2, "ZOE\u0308").id == 1
    assert clusters.owners(filled) == {1: 1, 2: 1}
    assert people_rows(filled)[0] == PeopleRow(1, "Zoë", (1, 2), 3, 6, 6, "2020-01-01T10:00:00", "2020-01-03T10:00:00", False)


def test_naming_again_moves_the_cluster_and_leaves_the_person(filled: Gallery) -> None:
    name_cluster(filled, 1, "Ana")
    ben = name_cluster(filled, 1, "Ben")
    assert held(filled, 1) == [ben.id] * 3
    assert [(row.name, row.observations) for row in people_rows(filled)][:2] == [("Ben", 3), ("Ana", 0)]
    assert filled.db.value("SELECT count(*) FROM verdicts WHERE ended_by = (SELECT max(id) FROM changes)") == 3


def test_naming_keeps_what_was_said_of_single_faces(filled: Gallery) -> None:
    first, second, third = [row[0] for row in filled.db.execute("SELECT observation_id FROM memberships WHERE cluster_id = 1 ORDER BY 1")]
    ana, ben = people.add(filled, "Ana"), people.add(filled, "Ben")
    put_verdict(filled, first, ana, "not", "reject")
    put_verdict(filled, second, ben, "is", "confirm")
    put_verdict(filled, third, ana, "is", "confirm")
    clusters.put_clustering(filled, [second], [1], [1])
    name_cluster(filled, 1, "Ana")
    assert labels(filled)[1].tolist() == ([ben, ana] if clusters.owners(filled)[1] == ana else [ana, ana])
    assert first not in labels(filled)[0].tolist()


def test_an_unnamed_person_is_named_with_all_its_clusters(filled: Gallery) -> None:
    nobody = people.add(filled, None)
    change = filled.db.value("SELECT max(id) FROM changes")
    members = [row[0] for row in filled.db.execute("SELECT observation_id FROM memberships WHERE cluster_id < 3")]
    put_verdicts(filled, members, nobody, "is", "merge", change)
    clusters.set_owners(filled)
    assert [(row.person_id, row.name, row.clusters) for row in people_rows(filled)] == [(nobody, None, (1, 2)), (None, None, (3,))]
    ana = name_cluster(filled, 3, "Ana")
    assert name_cluster(filled, 1, "ana") == ana
    assert clusters.owners(filled) == {1: ana.id, 2: ana.id, 3: ana.id}
    assert held(filled, 2) == [ana.id] * 3
    assert list(people.people(filled)) == [ana.id]


def test_an_unnamed_person_keeps_its_id_under_a_new_name(filled: Gallery) -> None:
    nobody = people.add(filled, None)
    member = filled.db.value("SELECT observation_id FROM memberships WHERE cluster_id = 1")
    put_verdict(filled, member, nobody, "is", "merge")
    clusters.set_owners(filled)
    assert name_cluster(filled, 1, "Ana").id == nobody


def test_renaming(filled: Gallery) -> None:
    ana = name_cluster(filled, 1, "Ana")
    assert name_person(filled, ana.id, "ANA").name == "ANA"
    assert name_person(filled, ana.id, "Anna").id == ana.id
    name_cluster(filled, 2, "Ben")
    with pytest.raises(InputError, match="is the name of p2") as caught:
        name_person(filled, ana.id, "BEN")
    assert "merge" in str(caught.value.advice)
    with pytest.raises(InputError, match="no person p99"):
        name_person(filled, 99, "Cem")
    assert json.loads(filled.db.value("SELECT detail FROM changes WHERE command = 'rename' ORDER BY id DESC")) == {
        "person": 1,
        "from": "ANA",
        "to": "Anna",
    }


@pytest.mark.parametrize("name", ["", "7", "a\nb", "x" * 300])
def test_a_bad_name_changes_nothing(filled: Gallery, name: str) -> None:
    with pytest.raises(InputError):
        name_cluster(filled, 1, name)
    assert people.people(filled) == {} and filled.db.value("SELECT count(*) FROM changes") == 0


def test_naming_is_one_transaction(filled: Gallery) -> None:
    filled.db.execute("CREATE TRIGGER fail BEFORE INSERT ON attachments WHEN NEW.observation_id > 3 BEGIN SELECT raise(ABORT, 'no'); END")
    with pytest.raises(Exception, match="no"):
        name_cluster(filled, 1, "Ana")
    filled.db.execute("DROP TRIGGER fail")
    for table in ("people", "verdicts", "changes", "attachments", "answers"):
        assert filled.db.value(f"SELECT count(*) FROM {table}") == 0


def test_resolve(filled: Gallery) -> None:
    name_cluster(filled, 1, "Ana (school)")
    assert resolve(filled, "2") == resolve(filled, "c2") == resolve(filled, "C2") == Target("cluster", 2)
    assert resolve(filled, "p1") == resolve(filled, "ana (SCHOOL)") == resolve(filled, "Ana") == Target("person", 1)
    name_cluster(filled, 2, "Ana (work)")
    with pytest.raises(InputError, match="any of 2 people") as caught:
        resolve(filled, "ana")
    assert "'Ana (work)' (p2)" in str(caught.value.advice)
    assert people.add(filled, "Ana") == 3
    assert resolve(filled, "ana") == Target("person", 3)
    for text, message in (("c99", "no cluster c99"), ("p99", "no person p99"), ("Anab", "nobody"), ("", "empty"), ("9" * 30, "id")):
        with pytest.raises(InputError, match=message):
            resolve(filled, text)
    with pytest.raises(InputError) as caught:
        resolve(filled, "Anab")
    assert "did you mean 'Ana' (p3)" in str(caught.value.advice)


def test_the_table_of_people(filled: Gallery) -> None:
    name_cluster(filled, 2, "Ana")
    people.add(filled, "Cem")
    hidden = people.add(filled, "Dan")
    filled.db.execute("UPDATE people SET hidden = 1 WHERE id = ?", (hidden,))
    shown = [(row.name, row.clusters, row.faces) for row in people_rows(filled)]
    assert shown == [("Ana", (2,), 3), ("Cem", (), 0), (None, (1,), 3), (None, (3,), 3)]
    assert [row.name for row in people_rows(filled, min_size=4)] == ["Ana", "Cem"]
    everybody = people_rows(filled, all=True, min_size=4)
    assert [(row.name, row.hidden) for row in everybody] == [("Ana", False), ("Cem", False), ("Dan", True), (None, False), (None, False)]
    assert people.members(filled, [Target("person", 1), Target("cluster", 3)]) == [2, 3, 5, 6, 8, 9]
