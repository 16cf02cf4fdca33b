"""Coefficients are summed up by identity, and candidates come in the order of their shares."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.recognition.candidates import Candidates
from facelib.recognition.identities import Identities
from facelib.records import NO_PERSON


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 60))
def test_shares_are_sums_over_identities(seed: int, clusters: int, coefficients: int) -> None:
    rng = np.random.default_rng(seed)
    person = rng.integers(NO_PERSON, 3, clusters)
    identities = Identities.of(rng.integers(0, clusters, 20), person)
    row, exemplar = np.sort(rng.integers(0, 5, coefficients)), rng.integers(0, 20, coefficients)
    weight = rng.uniform(0.1, 1, coefficients)
    candidates = Candidates.of(row, exemplar, weight, identities)
    assert candidates.first_rows.tolist() == np.unique(row).tolist()
    for one in np.unique(row).tolist():
        mine, here = np.flatnonzero(candidates.row == one), row == one
        assert candidates.rank[mine].tolist() == list(range(len(mine)))
        assert (np.diff(candidates.share[mine]) <= 0).all()
        for k in mine.tolist():
            key = identities.of_cluster[candidates.cluster[k]]
            taking_part = here & (identities.of_exemplar[exemplar] == key)
            assert np.isclose(candidates.share[k], weight[taking_part].sum() / weight[here].sum())
            assert candidates.person[k] == person[candidates.cluster[k]]
            largest = np.bincount(identities.cluster_of_exemplar[exemplar[taking_part]], weight[taking_part]).argmax()
            assert candidates.cluster[k] == largest


def test_parts_are_put_together() -> None:
    identities = Identities.of(np.array([0, 1]), np.array([NO_PERSON, NO_PERSON]))
    parts = [Candidates.none(identities)] + [Candidates.of(np.array([k]), np.array([k]), np.ones(1), identities) for k in range(2)]
    both = Candidates.concatenate(parts)
    assert both.row.tolist() == both.cluster.tolist() == [0, 1] and both.first_identity(identities).tolist() == [1, 3]
