"""No run takes a name away: verdicts find their observations again, whatever detectors and models do."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from facelib.errors import InputError
from facelib.records import Sighting
from facelib.store import clusters, people, verdicts
from facelib.store.gallery import Gallery
from facelib.store.integrity import ERROR, check
from facelib.store.observations import of_photo, replace_observations
from facelib.store.photos import photos
from facelib.store.verdicts import attach, labels
from tests.galleries import drop_derived, put_verdict

from .conftest import add_photo, body, face, sighting


def _rows(gallery: Gallery) -> list[tuple[object, ...]]:
    return gallery.db.execute("SELECT person_id, says, how FROM verdicts WHERE ended_by IS NULL ORDER BY id").fetchall()


def test_the_last_word_counts_and_the_one_before_is_kept_for_undo(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [sighting(0)])
    ana, ben = people.add(gallery, "Ana"), people.add(gallery, "Ben")
    first = put_verdict(gallery, key, ana, "is", "confirm")
    assert put_verdict(gallery, key, ana, "is", "confirm") == first
    assert _rows(gallery) == [(ana, "is", "confirm")]
    put_verdict(gallery, key, ben, "is", "confirm")
    assert _rows(gallery) == [(ben, "is", "confirm")]
    put_verdict(gallery, key, ben, "not", "reject")
    put_verdict(gallery, key, ana, "not", "reject")
    assert _rows(gallery) == [(ben, "not", "reject"), (ana, "not", "reject")]
    row = of_photo(gallery, photo)[0]
    assert (row.person_id, row.assigned) == (None, None)
    put_verdict(gallery, key, ana, "is", "confirm")
    assert _rows(gallery) == [(ben, "not", "reject"), (ana, "is", "confirm")]
    row = of_photo(gallery, photo)[0]
    assert (row.person_id, row.assigned, row.standing) == (ana, "user", "certain")
    assert gallery.db.value("SELECT count(*) FROM verdicts WHERE ended_by IS NOT NULL") == 3
    assert gallery.db.value("SELECT count(*) FROM changes WHERE command = 'reject'") == 2


def test_unknown_ids_are_input_errors(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [sighting(0)])
    with pytest.raises(InputError, match="no person p9"):
        put_verdict(gallery, key, 9, "is", "confirm")
    with pytest.raises(InputError, match="no observation 99"):
        put_verdict(gallery, 99, people.add(gallery, "Ana"), "is", "confirm")


def test_the_best_overlap_takes_the_verdict(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [Sighting(face(100), None)])
    put_verdict(gallery, key, people.add(gallery, "Ana"), "is", "name")
    drop_derived(gallery)
    photo = add_photo(gallery, "a")
    far, near, _ = replace_observations(gallery, photo, [Sighting(face(x), None) for x in (70, 110, 600)])
    assert labels(gallery)[0].tolist() == [near] != [far]


def test_below_half_an_overlap_a_verdict_waits_and_comes_back(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [Sighting(face(100), None)])
    put_verdict(gallery, key, people.add(gallery, "Ana"), "is", "name")
    replace_observations(gallery, photo, [Sighting(face(160), None)])
    assert len(labels(gallery)[0]) == 0 and len(_rows(gallery)) == 1
    replace_observations(gallery, photo, [Sighting(face(100), None)])
    assert len(labels(gallery)[0]) == 1


def test_a_body_is_named_by_its_own_box(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [Sighting(None, body(0))])
    put_verdict(gallery, key, people.add(gallery, "Ana"), "is", "name")
    assert gallery.db.value("SELECT part FROM verdicts") == "body"
    drop_derived(gallery)
    photo = add_photo(gallery, "a")
    replace_observations(gallery, photo, [Sighting(face(1000), body(950)), Sighting(face(50), body(10))])
    assert [row.person_id for row in of_photo(gallery, photo)] == [None, 1]


def test_verdicts_of_one_content_reach_only_it(gallery: Gallery) -> None:
    one, two = add_photo(gallery, "a"), add_photo(gallery, "b")
    (key,) = replace_observations(gallery, one, [sighting(0)])
    replace_observations(gallery, two, [sighting(0)])
    put_verdict(gallery, key, people.add(gallery, "Ana"), "is", "name")
    assert attach(gallery) == 1
    assert [of_photo(gallery, photo)[0].person_id for photo in (one, two)] == [1, None]


def test_a_machine_never_overrules_a_verdict(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    yes, no = replace_observations(gallery, photo, [sighting(0), sighting(500)])
    ana, ben = people.add(gallery, "Ana"), people.add(gallery, "Ben")
    put_verdict(gallery, yes, ana, "is", "confirm")
    put_verdict(gallery, no, ben, "not", "reject")
    clusters.put_answers(gallery, [yes, no], [ben, ben], ["certain", "certain"], [0.9, 0.9])
    assert [row.person_id for row in of_photo(gallery, photo)] == [ana, None]
    clusters.put_answers(gallery, [yes, no], [None, ana], ["unknown", "likely"], [None, 0.6])
    assert [(row.person_id, row.assigned, row.share) for row in of_photo(gallery, photo)] == [(ana, "user", None), (ana, "auto", 0.6)]
    put_verdict(gallery, no, ana, "not", "reject")
    assert of_photo(gallery, photo)[1].person_id is None


NAMES = ("Ana", "Ben", "Çağla")
PHOTOS = ("a", "b", "c")
SPOTS = (0.0, 300.0, 600.0)


class NoRunTakesANameAway(RuleBasedStateMachine):
    """The user speaks, machines run: what the user said of a face stays for as long as the face is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[tuple[str, float], int] = {}
        self.denied: set[tuple[str, float, int]] = set()
        self.numbers: set[int] = set()
        self.used: set[int] = set()

    @initialize(where=st.uuids())
    def begin(self, where: object) -> None:
        self.folder = Path(_FOLDER) / str(where) / str(next(_COUNTER))
        self.gallery = Gallery.write(self.folder / "gallery.sqlite", "test")
        self.ids: dict[tuple[str, float], int] = {}
        for name in PHOTOS:
            self._detect(name, SPOTS, 0)
        self.people = [people.add(self.gallery, name) for name in NAMES]

    def _detect(self, name: str, spots: tuple[float, ...], jitter: float) -> None:
        photo = add_photo(self.gallery, name)
        ids = replace_observations(self.gallery, photo, [sighting(spot + jitter) for spot in spots])
        for spot in SPOTS:
            self.ids.pop((name, spot), None)
        self.ids |= {(name, spot): key for spot, key in zip(spots, ids, strict=True)}

    @rule(name=st.sampled_from(PHOTOS), spots=st.permutations(SPOTS), count=st.integers(0, 3), jitter=st.sampled_from([-15.0, 0.0, 15.0]))
    def detect_again(self, name: str, spots: list[float], count: int, jitter: float) -> None:
        self._detect(name, tuple(spots[:count]), jitter)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), says=st.sampled_from(["is", "not"]), who=st.integers(0, 2))
    def speak(self, data: st.DataObject, says: str, who: int) -> None:
        place = data.draw(st.sampled_from(sorted(self.ids)))
        person = self.people[who]
        put_verdict(self.gallery, self.ids[place], person, says, "confirm")
        if says == "is":
            self.said[place] = person
            self.denied.discard((*place, person))
        else:
            if self.said.get(place) == person:
                del self.said[place]
            self.denied.add((*place, person))

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), who=st.integers(0, 2))
    def name_a_cluster(self, data: st.DataObject, who: int) -> None:
        owners = clusters.owners(self.gallery)
        members: dict[int, list[tuple[str, float]]] = {}
        for place, key in self.ids.items():
            cluster = self.gallery.db.value("SELECT cluster_id FROM memberships WHERE observation_id = ?", (key,))
            if cluster is not None:
                members.setdefault(cluster, []).append(place)
        if not members:
            return
        cluster = data.draw(st.sampled_from(sorted(members)))
        person = people.name_cluster(self.gallery, cluster, NAMES[who].upper()).id
        assert person == self.people[who]
        for place in members[cluster]:
            if self.said.get(place, person) in (person, owners.get(cluster)) and (*place, person) not in self.denied:
                self.said[place] = person

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), seed=st.integers(0, 1000))
    def cluster_again(self, data: st.DataObject, seed: int) -> None:
        first = clusters.reserve_cluster_ids(self.gallery, 3)
        assert first > max(self.used, default=0)
        self.used |= {first, first + 1, first + 2}
        keys = sorted(self.ids.values())
        chosen = np.random.default_rng(seed).integers(-1, 3, len(keys))
        clusters.put_clustering(self.gallery, keys, chosen, np.where(chosen < 0, -1, first + chosen), whole=True)
        clusters.set_owners(self.gallery)
        guess = np.random.default_rng(seed + 1).choice([*self.people, -1], len(keys))
        clusters.put_answers(self.gallery, keys, guess.tolist(), ["likely"] * len(keys), [0.6] * len(keys))

    @rule()
    def drop_and_rebuild(self) -> None:
        before = sorted(self.ids)
        drop_derived(self.gallery)
        self.ids = {}
        for name, places in itertools.groupby(before, key=lambda place: place[0]):
            self._detect(name, tuple(spot for _, spot in places), 0)

    @rule()
    def close_and_open(self) -> None:
        self.gallery.close()
        self.gallery = Gallery.write(self.folder / "gallery.sqlite", "test")
        attach(self.gallery)

    @invariant()
    def what_was_said_holds(self) -> None:
        if not hasattr(self, "gallery"):
            return
        assert [p.name for p in people.people(self.gallery).values()] == list(NAMES)
        held = {row.id: row for photo in photos(self.gallery) for row in of_photo(self.gallery, photo.id)}
        spoken = dict(zip(*(column.tolist() for column in labels(self.gallery)), strict=True))
        for place, key in self.ids.items():
            assert spoken.get(key) == self.said.get(place), place
            if place in self.said:
                assert (held[key].person_id, held[key].assigned) == (self.said[place], "user")
        denied = set(zip(*(column.tolist() for column in labels(self.gallery, "not")), strict=True))
        assert denied == {(self.ids[name, spot], person) for name, spot, person in self.denied if (name, spot) in self.ids}
        for key, person in denied:
            assert held[key].person_id != person

    def teardown(self) -> None:
        if hasattr(self, "gallery"):
            assert not [finding for finding in check(self.gallery) if finding.level == ERROR]
            self.gallery.close()


_FOLDER = ""
_COUNTER = itertools.count()


def test_no_run_takes_a_name_away(tmp_path: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    global _FOLDER
    _FOLDER = str(tmp_path)
    run_state_machine_as_test(NoRunTakesANameAway, settings=settings(max_examples=25, stateful_step_count=20, deadline=None))


def test_end_verdicts(gallery: Gallery) -> None:
    photo = add_photo(gallery, "a")
    (key,) = replace_observations(gallery, photo, [sighting(0)])
    verdict = put_verdict(gallery, key, people.add(gallery, "Ana"), "is", "confirm")
    verdicts.end_verdicts(gallery, [verdict], gallery.db.value("SELECT max(id) FROM changes"))
    assert of_photo(gallery, photo)[0].person_id is None and _rows(gallery) == []
