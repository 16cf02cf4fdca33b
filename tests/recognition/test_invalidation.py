"""No answer that a changed dictionary changes is missed, also by vectors rounded to eight bits."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from facelib.recognition.identify import identify
from facelib.recognition.invalidation import QuantizedVectors, least_other_cosine, may_be_stale
from facelib.thresholds import Thresholds
from tests.synthetic import around, unit

CLOSE = 1e-3


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(0, 12), st.floats(0.01, 1.0))
def test_no_product_is_above_the_bound_of_quantized_vectors(seed: int, n: int, length: float) -> None:
    rng = np.random.default_rng(seed)
    vectors, others = length * unit(rng.normal(size=(n, 24))), unit(rng.normal(size=(5, 24)))
    bound = QuantizedVectors.of(vectors).greatest_product(others)
    exact = (vectors @ others.T).max(axis=1)
    assert (exact <= bound + 1e-6).all() and (bound <= exact + 0.05 * length).all()


def test_nothing_is_kept_of_no_face() -> None:
    quantized = QuantizedVectors.of(np.zeros((2, 8), dtype=np.float32))
    assert quantized.greatest_product(unit(np.eye(8))).max() < 1e-6


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10**6),
    st.integers(4, 40),
    st.integers(0, 4),
    st.integers(0, 4),
    st.sampled_from([3, 8]),
    st.floats(0.3, 1.5),
    st.sampled_from([0.1, 0.4]),
)
def test_an_answer_that_differs_was_told_of(
    seed: int, m: int, gone: int, come: int, shortlist: int, spread: float, sparsity: float
) -> None:
    """Exemplars go, come, and get another owner: only rows that were named have another code, nearest or standing."""
    rng = np.random.default_rng(seed)
    thresholds = Thresholds().override({"shortlist": shortlist, "sparsity": sparsity, "score_centre": -13.0})
    centres = unit(rng.normal(size=(5, 24)))
    who = rng.integers(0, 5, m + come)
    atoms, faces = around(rng, centres[who], spread), around(rng, centres[rng.integers(0, 5, 60)], spread)
    person = np.where(np.arange(5) < 3, np.arange(5), -1)
    # Where all exemplars are on the shortlist, as after a smaller dictionary, everything is answered anew.
    assume(m - gone > shortlist)
    before, after, moved = np.arange(m), np.arange(gone, m + come), int(rng.integers(gone, m))
    owner_after = who.copy()
    owner_after[moved] = (who[moved] + 1) % 5
    old = identify(faces, atoms[before], who[before], person, thresholds)
    new = identify(faces, atoms[after], owner_after[after], person, thresholds)
    changed = np.unique([*range(gone), moved, *range(m, m + come)])
    owners = np.union1d(who[changed], owner_after[changed])
    face, residual = QuantizedVectors.of(faces), QuantizedVectors.of(old.residual_vector)
    first_changed = np.isin(old.cluster, owners)
    stale = may_be_stale(face, residual, least_other_cosine(old, thresholds), first_changed, atoms[changed], thresholds)
    for name in ("cluster", "standing"):
        differs = getattr(old, name) != getattr(new, name)
        # Within the tolerance of the code, of two the first may be either.
        sure = (np.abs(new.score - thresholds.certain_score) > 0.02) & (np.abs(new.score - thresholds.likely_score) > 0.02)
        sure &= (new.margin > CLOSE) & (np.abs(new.margin - 0.5) > CLOSE) & (np.abs(new.margin - 0.2) > CLOSE)
        assert not (differs & sure & ~stale).any(), name
    still = ~stale & (old.cluster >= 0)
    assert np.allclose(old.share[still], new.share[still], atol=CLOSE)
    assert np.allclose(
        np.minimum(old.other_distance, thresholds.other_distance)[still],
        np.minimum(new.other_distance, thresholds.other_distance)[still],
        atol=CLOSE,
    )
