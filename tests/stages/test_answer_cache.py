"""Answering only what a change may change gives the answers of the whole library, after any sequence of what users and runs do.

More sequences than usual: ``FACELIB_SEQUENCES=500 python -m pytest tests/stages/test_answer_cache.py``.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant

from facelib.model_zoo import registry
from facelib.recognition.answers import Answers
from facelib.records import Face, Sighting
from facelib.stages import assign, assign_incremental, cluster
from facelib.stages.answer_cache import changed_exemplars
from facelib.stages.setup import Setup
from facelib.store import clusters, people
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table
from facelib.store.observations import put_embeddings, replace_observations
from facelib.store.photos import FileRow, photo_by_sha, put_files
from facelib.thresholds import Thresholds
from tests.stages.test_names_stay import NamesStay
from tests.synthetic import around, unit

SETUP = Setup(dict(registry.DEFAULTS), Thresholds().override(registry.card("dlib-resnet").thresholds))
CLOSE = 2e-3
"""So near to a bound an answer may fall on either side of it."""


class AsInAWholePass(NamesStay):
    """Every library counts as a large one, and nothing is too much for an incremental run."""

    def __init__(self) -> None:
        super().__init__()
        self.held = (assign_incremental.MAX_GROWTH, cluster.MAX_NEW)
        assign_incremental.SMALL_LIBRARY, assign_incremental.MAX_CHANGED, cluster.MAX_NEW = 0, 1e9, 1e9

    def teardown(self) -> None:
        assign_incremental.MAX_GROWTH, cluster.MAX_NEW = self.held
        super().teardown()

    @property
    def setup_in_force(self) -> Setup:
        # A shortlist shorter than the dictionary, faces of one person half as similar as these networks see them.
        values = {"shortlist": 3, "score_centre": -13.0, "sparsity": 0.1, "pair_threshold": 0.3}
        return Setup({**registry.DEFAULTS, registry.FACE_EMBEDDER: self.model}, Thresholds().override(values))

    @initialize(grown=st.sampled_from([0.0, 0.2, 1.0]))
    def exemplars_stay(self, grown: float) -> None:
        assign_incremental.MAX_GROWTH = grown

    lose_all_that_was_derived = change_the_model = None
    """Of these nothing is left to go on from."""

    @invariant()
    def answers_are_those_of_a_whole_pass(self) -> None:
        if self.photos:
            self.index()
            self._compare()

    def _compare(self) -> None:
        mine, whole, unsure = self._answers(), {}, set()
        original = assign.identify

        def spy(faces, *rest):  # type: ignore[no-untyped-def]
            answers = original(faces, *rest)
            unsure.update(np.flatnonzero(close(answers, rest[-1])).tolist())
            return answers

        rows = table(self.gallery)
        self.gallery.db.execute("SAVEPOINT whole")
        assign.identify = spy
        try:
            probes = assign.Probes.of(self.gallery, self.setup_in_force, rows, subset=False, extra_clusters=np.empty(0, dtype=np.int64))
            assign.answer(self.gallery, self.setup_in_force, probes, assign.dictionary_of(self.gallery, self.setup_in_force))
            whole = self._answers()
        finally:
            assign.identify = original
            self.gallery.db.execute("ROLLBACK TO whole")
            self.gallery.db.execute("RELEASE whole")
        photos = set(rows.photo_id[sorted(unsure)].tolist())
        for key, photo in zip(rows.id.tolist(), rows.photo_id.tolist(), strict=True):
            if photo not in photos:
                assert mine.get(key, (None,))[:3] == whole.get(key, (None,))[:3], key
                if key in mine:
                    assert mine[key][3] == pytest.approx(whole[key][3], abs=CLOSE)

    def _answers(self) -> dict[int, tuple[object, ...]]:
        rows = self.gallery.db.execute("SELECT observation_id, person_id, standing, source, coalesce(share, 0) FROM answers")
        return {key: tuple(rest) for key, *rest in rows.fetchall()}


def close(answers: Answers, thresholds: Thresholds) -> np.ndarray:
    found = np.zeros(len(answers), dtype=bool)
    for word in ("likely", "certain"):
        for name in ("score", "margin", "distance"):
            found |= np.abs(getattr(answers, name) - getattr(thresholds, f"{word}_{name}")) < CLOSE * (10 if name == "score" else 1)
    # Nor is it settled which of two equal shares is the first.
    return found | (answers.margin < CLOSE) & (answers.cluster >= 0)


AsInAWholePass.TestCase.settings = settings(
    max_examples=int(os.environ.get("FACELIB_SEQUENCES", "15")),
    stateful_step_count=16,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAsInAWholePass = pytest.mark.slow(AsInAWholePass.TestCase)


def fill(gallery: Gallery, first: int, who: np.ndarray, rng: np.random.Generator) -> None:
    """A photo a face from number ``first`` on, a cluster a person, and the faces of person k around the k-th of 200 middles."""
    card = registry.card(SETUP.models[registry.FACE_EMBEDDER])
    middles = unit(np.random.default_rng(0).normal(size=(200, card.dimension)))
    ids = []
    with gallery.transaction():
        for number in range(first, first + len(who)):
            sha = hashlib.sha256(str(number).encode()).hexdigest()
            put_files(gallery, [FileRow(f"/{number}.jpg", 1, 1, sha)])
            photo = photo_by_sha(gallery, sha)
            assert photo is not None
            ids += replace_observations(gallery, photo.id, [Sighting(Face((0, 0, 90, 90), 0.99, np.zeros((5, 2), np.float32), 0.9), None)])
        put_embeddings(gallery, "face", card.digest, ids, around(rng, middles[who], 0.4))
        clusters.put_clustering(gallery, ids, np.full(len(ids), -1), who + 1)
        clusters.set_owners(gallery)


def test_what_is_answered_follows_what_changed_and_not_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,500 faces of 150 people; then ten more of them, one of somebody new, and a name."""
    monkeypatch.setattr(assign_incremental, "SMALL_LIBRARY", 1000)
    asked: list[int] = []
    original = assign.identify
    monkeypatch.setattr(assign, "identify", lambda faces, *rest: asked.append(len(faces)) or original(faces, *rest))
    rng = np.random.default_rng(1)
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        fill(gallery, 0, np.repeat(np.arange(150), 10), rng)
        people.name_cluster(gallery, 1, "Ana")
        list(assign.run(gallery, SETUP))
        assert asked == [1500]
        fill(gallery, 1500, np.arange(10), rng)
        list(assign.run(gallery, SETUP))
        assert asked[1:] == [10], "no cluster grew by so much that its exemplars had to be chosen anew"
        fill(gallery, 1510, np.array([170]), rng)
        list(assign.run(gallery, SETUP))
        people.name_cluster(gallery, 80, "Ben")
        list(assign.run(gallery, SETUP))
        assert 1 <= asked[2] <= 30 and 10 <= asked[3] <= 60
        list(assign.run(gallery, SETUP))
        assert len(asked) == 4


def test_exemplars_that_came_went_or_changed_hands() -> None:
    before, now = np.array([[1, 7, -1], [2, 7, -1], [3, 8, 4]]), np.array([[2, 7, -1], [3, 8, 5], [9, 8, 5]])
    assert changed_exemplars(before, now).tolist() == [[1, 7, -1], [3, 8, 4], [3, 8, 5], [9, 8, 5]]
