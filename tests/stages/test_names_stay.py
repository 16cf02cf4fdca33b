"""No run takes a name away: random sequences of what users and runs do, against a plain record of what was said.

More sequences than usual: ``FACELIB_SEQUENCES=500 python -m pytest tests/stages/test_names_stay.py``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from facelib.errors import InputError
from facelib.model_zoo import registry
from facelib.records import Body, Capture, Face, Sighting
from facelib.stages import assign, assign_incremental, cluster
from facelib.stages.setup import Setup
from facelib.store import clusters, corrections, people, undo
from facelib.store.gallery import Gallery
from facelib.store.observations import of_photo, put_embeddings, replace_observations
from facelib.store.people import Target
from facelib.store.photos import FileRow, photo_by_sha, put_files, set_picture
from facelib.store.verdicts import labels
from facelib.thresholds import Thresholds
from tests.galleries import drop_derived
from tests.synthetic import around, unit

PEOPLE = 4
NAMES = ("Ana", "Ben", "Zoë")
EMBEDDERS = ("dlib-resnet", "face-reid-0095")
WIDTH = 300.0
GIVEN = ("people", "verdicts", "drawn", "enrolled", "changes")

Key = tuple[int, int]
"""Photo and place in it: what an observation is, whatever its id."""


class NamesStay(RuleBasedStateMachine):
    """A gallery of synthetic people, and ``said``: who each observation is by the user's own words, ``refused``: who it is not."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.gallery = Gallery.write(self.folder / "gallery.sqlite", "test")
        self.model = EMBEDDERS[0]
        self.photos: list[list[int]] = []
        self.said: dict[Key, int] = {}
        self.refused: set[tuple[Key, int]] = set()
        self.before: list[tuple[dict[Key, int], set[tuple[Key, int]], dict[int, str | None]]] = []

        self.bounds = (cluster.SMALL_LIBRARY, assign_incremental.SMALL_LIBRARY, assign_incremental.MAX_CHANGED)
        self.shortlist = Thresholds().shortlist

    def teardown(self) -> None:
        cluster.SMALL_LIBRARY, assign_incremental.SMALL_LIBRARY, assign_incremental.MAX_CHANGED = self.bounds
        self.gallery.close()
        shutil.rmtree(self.folder)

    # What the machine does

    @property
    def setup_in_force(self) -> Setup:
        return Setup({**registry.DEFAULTS, registry.FACE_EMBEDDER: self.model}, Thresholds(shortlist=self.shortlist))

    @initialize(
        grows=st.booleans(),
        crowd=st.lists(st.lists(st.integers(0, PEOPLE - 1), min_size=1, max_size=3, unique=True), min_size=6, max_size=10),
    )
    def first_photos(self, grows: bool, crowd: list[list[int]]) -> None:
        if grows:
            # New photos join the clusters there are, and only what changed is answered, as in a large library.
            cluster.SMALL_LIBRARY, assign_incremental.SMALL_LIBRARY, assign_incremental.MAX_CHANGED, self.shortlist = 0, 0, 1e9, 3
        for truths in crowd:
            self._take(truths)
        self.index()
        for (number,), name in zip(self.gallery.db.execute("SELECT id FROM clusters ORDER BY id LIMIT 2").fetchall(), NAMES):
            self._name(number, name)

    @rule(truths=st.lists(st.integers(0, PEOPLE - 1), min_size=1, max_size=3, unique=True))
    def add_photo(self, truths: list[int]) -> None:
        self._take(truths)

    def _take(self, truths: list[int]) -> None:
        self.photos.append(truths)
        self._observe(len(self.photos) - 1)

    def _observe(self, number: int, shift: float = 0.0) -> None:
        """What detectors and the embedder in use make of a photo; ``shift`` moves every box by some pixels."""
        sha = hashlib.sha256(str(number).encode()).hexdigest()
        put_files(self.gallery, [FileRow(f"/{number}.jpg", 1, 1, sha)])
        photo = photo_by_sha(self.gallery, sha)
        assert photo is not None
        seconds = 86400.0 * (number // 3) + number
        set_picture(self.gallery, photo.id, 2000, 1000, Capture(None, seconds, None, None, "exif"))
        card = registry.card(self.model)
        centres = unit(np.random.default_rng(EMBEDDERS.index(self.model)).normal(size=(PEOPLE, card.dimension)))
        truths = self.photos[number]
        # Some faces look like nobody, or like somebody else: what a user corrects.
        odd = (number * 7) % 5 == 0
        looks = [(t + 1) % PEOPLE if odd and k == 0 and (t + 1) % PEOPLE not in truths else t for k, t in enumerate(truths)]
        vectors = around(np.random.default_rng(1000 * EMBEDDERS.index(self.model) + number), centres[looks], 0.5)
        boxes = [(WIDTH * k + shift, 100.0, WIDTH * k + 100 + shift, 200.0) for k in range(len(truths))]
        sightings = [
            Sighting(Face(box, 0.99, np.zeros((5, 2), np.float32), 0.9), Body((box[0] - 50, 200, box[2] + 50, 500), 0.5)) for box in boxes
        ]
        ids = replace_observations(self.gallery, photo.id, sightings)
        put_embeddings(self.gallery, "face", card.digest, ids, vectors)

    @rule(full=st.booleans())
    def index(self, full: bool = False) -> None:
        before = self._given()
        list(cluster.run(self.gallery, self.setup_in_force, full=full))
        list(assign.run(self.gallery, self.setup_in_force))
        assert self._given() == before

    @rule(order=st.randoms(use_true_random=False), shift=st.floats(-15, 15))
    def lose_all_that_was_derived(self, order, shift: float) -> None:
        before = self._given()
        drop_derived(self.gallery)
        numbers = list(range(len(self.photos)))
        order.shuffle(numbers)
        for number in numbers:
            self._observe(number, shift)
        assert self._given() == before
        self.index()

    @rule(model=st.sampled_from(EMBEDDERS), shift=st.floats(-15, 15))
    def change_the_model(self, model: str, shift: float) -> None:
        self.model = model
        for number in range(len(self.photos)):
            self._observe(number, shift)
        self.index()

    # What the user does

    def _acts(self) -> None:
        self.before.append((dict(self.said), set(self.refused), people.names(self.gallery)))

    def _say(self, keys: Iterable[Key], person: int) -> None:
        for key in keys:
            self.said[key] = person
            self.refused.discard((key, person))

    def _gather(self, gone: int, stays: int) -> None:
        """What merging says: all that was said of the one is said of the other, and 'is' wins over 'not'."""
        self.refused = {(key, stays if p == gone else p) for key, p in self.refused}
        self._say([key for key, p in self.said.items() if p in (gone, stays)], stays)

    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def name(self, data: st.DataObject, name: str) -> None:
        ids = [row[0] for row in self.gallery.db.execute("SELECT id FROM clusters ORDER BY id")]
        if ids:
            self._name(data.draw(st.sampled_from(ids)), name)

    def _name(self, number: int, name: str) -> None:
        owner = clusters.owners(self.gallery).get(number)
        unnamed = owner is not None and people.names(self.gallery)[owner] is None
        present = people.find(self.gallery, name)
        rows = self._rows()
        self._acts()
        made = people.name_cluster(self.gallery, number, name).id
        if unnamed and present is None:
            assert made == owner, "an unnamed person is given the name, and nothing is said of faces"
            return
        assert present is None or made == present.id
        if unnamed and owner is not None:
            self._gather(owner, made)
        for key, row in rows.items():
            if row.cluster == number and (key, made) not in self.refused and self.said.get(key) in (None, made, owner):
                self._say([key], made)

    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        known = list(people.people(self.gallery))
        if not known:
            return
        key = data.draw(st.sampled_from(sorted(self._rows())))
        person = data.draw(st.sampled_from(known))
        self._acts()
        corrections.confirm(self.gallery, person, [self._rows()[key].id])
        self._say([key], person)

    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        known = list(people.people(self.gallery))
        if not known:
            return
        key = data.draw(st.sampled_from(sorted(self._rows())))
        person = data.draw(st.sampled_from(known))
        self._acts()
        corrections.reject(self.gallery, person, None, [self._rows()[key].id])
        if self.said.get(key) == person:
            del self.said[key]
        self.refused.add((key, person))

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        known = list(people.people(self.gallery))
        if len(known) < 2:
            return
        pair = data.draw(st.lists(st.sampled_from(known), min_size=2, max_size=2, unique=True))
        names = people.names(self.gallery)
        self._acts()
        stays = corrections.merge(self.gallery, [Target("person", p) for p in pair]).id
        named = [p for p in pair if names[p] is not None]
        assert stays == (named or pair)[0]
        self._gather(pair[1] if stays == pair[0] else pair[0], stays)

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        known = list(people.people(self.gallery))
        if not known:
            return
        target = Target("person", data.draw(st.sampled_from(known)))
        members = people.members(self.gallery, [target])
        if len(members) < 2:
            return
        taken = data.draw(st.lists(st.sampled_from(members), min_size=1, max_size=len(members) - 1, unique=True))
        key_of = {row.id: key for key, row in self._rows().items()}
        self._acts()
        made = corrections.split(self.gallery, target, taken)
        self._say([key_of[i] for i in taken], made.id)

    @precondition(lambda self: self.before)
    @rule()
    def undo(self) -> None:
        undo.undo(self.gallery)
        self.said, self.refused, names = self.before.pop()
        assert people.names(self.gallery) == names

    @precondition(lambda self: not self.before)
    @rule()
    def undo_nothing(self) -> None:
        try:
            undo.undo(self.gallery)
        except InputError:
            return
        raise AssertionError("there was something to undo that the user never did")

    # What always holds

    def _rows(self) -> dict[Key, object]:
        found = {}
        for number in range(len(self.photos)):
            photo = photo_by_sha(self.gallery, hashlib.sha256(str(number).encode()).hexdigest())
            assert photo is not None
            for row in of_photo(self.gallery, photo.id):
                found[number, round(row.face.box[0] / WIDTH)] = row
        return found

    def _given(self) -> list[list[tuple]]:
        return [self.gallery.db.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in GIVEN]

    @invariant()
    def who_was_confirmed_stays_so(self) -> None:
        rows = self._rows()
        assert {key: rows[key].person_id for key in self.said} == self.said
        assert all(rows[key].standing == "certain" and rows[key].assigned == "user" for key in self.said)

    @invariant()
    def who_was_refused_never_comes_back(self) -> None:
        rows = self._rows()
        assert not [(key, person) for key, person in self.refused if rows[key].person_id == person]
        key_of = {row.id: key for key, row in rows.items()}
        said = zip(*(column.tolist() for column in labels(self.gallery, "not")), strict=True)
        assert {(key_of[observation], person) for observation, person in said} == self.refused

    @invariant()
    def nobody_else_is_said_to_be_confirmed(self) -> None:
        assert {key for key, row in self._rows().items() if row.assigned == "user"} == set(self.said)

    @invariant()
    def the_gallery_is_whole(self) -> None:
        assert self.gallery.db.execute("PRAGMA foreign_key_check").fetchall() == []


NamesStay.TestCase.settings = settings(
    max_examples=int(os.environ.get("FACELIB_SEQUENCES", "15")),
    stateful_step_count=16,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestNamesStay = pytest.mark.slow(NamesStay.TestCase)
