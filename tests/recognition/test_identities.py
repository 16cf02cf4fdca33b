"""A person is one identity through all its clusters, a cluster without a person another, and no number stands for two."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.recognition.identities import Identities, identity_keys
from facelib.records import NO_CLUSTER, NO_IDENTITY, NO_PERSON
from tests.synthetic import unit


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), max_size=40))
def test_keys_are_equal_where_the_identity_is(pairs: list[tuple[int, int]]) -> None:
    person, cluster = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    keys = identity_keys(person, cluster)
    identity = [("person", p) if p != NO_PERSON else ("cluster", c) if c != NO_CLUSTER else None for p, c in pairs]
    for key, mine in zip(keys.tolist(), identity, strict=True):
        assert (key == NO_IDENTITY) == (mine is None)
        assert [key == other for other in keys.tolist()] == [mine == other for other in identity]


def test_exemplars_and_means_of_an_identity() -> None:
    rng = np.random.default_rng(0)
    dictionary, cluster = unit(rng.normal(size=(30, 8))).astype(np.float32), rng.integers(0, 4, 30)
    identities = Identities.of(cluster, np.array([7, NO_PERSON, 7, NO_PERSON]))
    keys, means = identities.means(dictionary)
    assert keys.tolist() == [3, 7, 14]
    for key, mean in zip(keys.tolist(), means, strict=True):
        rows = identities.exemplars_of(key)
        assert rows.tolist() == np.flatnonzero(identities.of_exemplar == key).tolist()
        assert np.allclose(mean, unit(dictionary[rows].mean(axis=0)), atol=1e-6)
    assert np.isin(cluster[identities.exemplars_of(14)], [0, 2]).all() and len(identities.exemplars_of(8)) == 0
