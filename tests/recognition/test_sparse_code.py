"""Sparse codes are optimal over the whole dictionary, whatever the shortlist, the batch and the order of exemplars."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from facelib.recognition import sparse_code
from facelib.recognition.sparse_code import SparseCodes, sparse_encode
from tests.synthetic import album, around, unit


def objective(y: np.ndarray, dictionary: np.ndarray, x: np.ndarray, sparsity: float) -> np.ndarray:
    return 0.5 * ((y - x @ dictionary) ** 2).sum(axis=1) + sparsity * x.sum(axis=1)


def full(codes: SparseCodes, m: int) -> np.ndarray:
    x = np.zeros((len(codes.indices), m))
    np.add.at(x, (np.arange(len(x))[:, None], codes.indices), codes.coefficients.astype(np.float64))
    return x


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10**6),
    st.integers(1, 80),
    st.sampled_from([1, 3, 10, 80]),
    st.sampled_from([0.01, 0.05, 0.1, 0.3]),
    st.floats(0.05, 2.0),
)
@example(2045, 9, 1, 0.01, 1.0)
def test_same_objective_as_scikit_learn_from_any_shortlist(seed: int, m: int, shortlist: int, sparsity: float, spread: float) -> None:
    from sklearn.decomposition import sparse_encode as reference_encode

    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(5, 24)))
    dictionary = around(rng, centres[rng.integers(0, 5, m)], spread)
    y = around(rng, centres[rng.integers(0, 5, 12)], spread)
    before = y.copy()
    codes = sparse_encode(y, dictionary, sparsity, shortlist)
    assert (y == before).all() and (codes.coefficients >= 0).all()
    x = full(codes, m)
    reference = reference_encode(
        y.astype(float), dictionary.astype(float), algorithm="lasso_cd", alpha=sparsity, positive=True, max_iter=20000
    )
    assert np.abs(objective(y, dictionary, x, sparsity) - objective(y, dictionary, reference, sparsity)).max() < 1e-4
    assert np.allclose(codes.residual, np.linalg.norm(y - x @ dictionary, axis=1), atol=1e-4)


def test_the_nearest_are_told_in_order() -> None:
    made = album(people=10, photos=60)
    faces = made.observations.faces
    codes = sparse_encode(faces[:7], faces[7:], 0.1, 5)
    for row, found in enumerate(codes.nearest):
        assert found.tolist() == np.argsort(-(faces[7:] @ faces[row]), kind="stable")[:5].tolist()
        assert np.allclose(codes.nearest_cosine[row], (faces[7:] @ faces[row])[found])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 400), st.integers(1, 20), st.integers(1, 9), st.sampled_from([50, 700, 10**6]))
def test_the_nearest_of_many_are_those_of_a_full_sort(seed: int, m: int, s: int, n: int, stripe: int) -> None:
    """Also among equals, which whole numbers make many of."""
    rng = np.random.default_rng(seed)
    faces, dictionary = (rng.integers(-2, 3, (k, 3)).astype(np.float32) for k in (n, m))
    before, sparse_code.STRIPE = sparse_code.STRIPE, stripe
    try:
        near, similar = sparse_code.nearest_exemplars(faces, dictionary, min(s, m))
    finally:
        sparse_code.STRIPE = before
    products = faces @ dictionary.T
    assert near.tolist() == np.argsort(-products, axis=1, kind="stable")[:, :s].tolist()
    assert (similar == np.take_along_axis(products, near, axis=1)).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([2, 8, 64]), st.sampled_from([0.02, 0.1, 0.2]))
def test_the_conditions_of_the_optimum_hold_over_the_whole_dictionary(seed: int, shortlist: int, sparsity: float) -> None:
    """Karush, Kuhn and Tucker: no exemplar would lower the objective, and those in use are at their best."""
    made = album(seed, people=30, photos=150, dimension=32, spread=0.8)
    y, dictionary = made.observations.faces[:20], made.observations.faces[20:]
    x = full(sparse_encode(y, dictionary, sparsity, shortlist), len(dictionary))
    slope = (y - x @ dictionary) @ dictionary.T - sparsity
    assert slope.max() < 2e-5
    assert np.abs(slope[x > 0]).max(initial=0) < 2e-5


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 40))
def test_the_order_of_exemplars_only_orders(seed: int, shortlist: int) -> None:
    made = album(seed, people=10, photos=60, dimension=32, spread=0.8)
    y, dictionary = made.observations.faces[:20], made.observations.faces[20:]
    order = np.random.default_rng(seed).permutation(len(dictionary))
    straight, shuffled = sparse_encode(y, dictionary, 0.1, shortlist), sparse_encode(y, dictionary[order], 0.1, shortlist)
    assert np.allclose(full(straight, len(dictionary))[:, order], full(shuffled, len(dictionary)), atol=2e-3)
    assert np.allclose(straight.residual, shuffled.residual, atol=1e-4)


def test_rows_do_not_hang_on_their_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    made = album(people=10, photos=60, spread=0.9)
    y, dictionary = made.observations.faces[:40], made.observations.faces[40:]
    whole = full(sparse_encode(y, dictionary, 0.05, 30), len(dictionary))
    monkeypatch.setattr(sparse_code, "BLOCK", 7)
    assert np.allclose(whole, full(sparse_encode(y, dictionary, 0.05, 30), len(dictionary)), atol=1e-3)
    alone = np.concatenate([full(sparse_encode(row[None], dictionary, 0.05, 30), len(dictionary)) for row in y])
    assert np.allclose(whole, alone, atol=1e-3)


def test_equal_exemplars_and_nothing_near() -> None:
    y = unit(np.eye(4))[:2]
    codes = sparse_encode(y, np.repeat(y[:1], 6, axis=0), 0.1, 64)
    assert codes.coefficients[0].sum() == pytest.approx(0.9, abs=1e-4) and codes.residual[0] == pytest.approx(0.1, abs=1e-4)
    assert not codes.coefficients[1].any() and codes.residual[1] == pytest.approx(1)


def test_no_rows_no_codes() -> None:
    codes = sparse_encode(np.empty((0, 4)), np.eye(4), 0.1, 3)
    assert codes.indices.shape == (0, 1) and codes.nearest.shape == (0, 3) and len(codes.residual) == 0


def test_what_cannot_be_coded_is_refused() -> None:
    with pytest.raises(ValueError):
        sparse_encode(np.eye(3), np.empty((0, 3)), 0.1, 4)
    with pytest.raises(ValueError):
        sparse_encode(np.eye(3), np.eye(4), 0.1, 4)
