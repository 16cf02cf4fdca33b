"""A linear probe finds a trait that the vectors hold, and no other."""

from __future__ import annotations

import numpy as np

from facelib.evaluation.probe import cross_validated, fit


def test_a_probe_tells_what_the_vectors_hold_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    trait = rng.random(600) < 0.4
    vectors = rng.normal(size=(600, 16))
    assert 0.4 < ((cross_validated(vectors, trait) > 0.5) == trait).mean() < 0.68
    vectors[:, 0] += 6 * trait
    told = cross_validated(vectors, trait)
    assert ((told > 0.5) == trait).mean() > 0.98
    assert ((fit(vectors, trait).probability(vectors) > 0.5) == trait).mean() > 0.98
