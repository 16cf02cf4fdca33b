from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.identity import sparse_code
from facelib.identity.sparse_code import code
from tests.synthetic import album, around, unit


def objective(y: np.ndarray, dictionary: np.ndarray, x: np.ndarray, sparsity: float) -> np.ndarray:
    return 0.5 * ((y - x @ dictionary) ** 2).sum(axis=1) + sparsity * x.sum(axis=1)


def full(indices: np.ndarray, coefficients: np.ndarray, m: int) -> np.ndarray:
    x = np.zeros((len(indices), m))
    np.put_along_axis(x, indices, coefficients.astype(np.float64), axis=1)
    return x


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 80), st.sampled_from([0.01, 0.05, 0.1, 0.3]), st.floats(0.05, 2.0))
def test_same_objective_as_scikit_learn(seed: int, m: int, sparsity: float, spread: float) -> None:
    from sklearn.decomposition import sparse_encode

    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(5, 24)))
    dictionary = around(rng, centres[rng.integers(0, 5, m)], spread)
    y = around(rng, centres[rng.integers(0, 5, 12)], spread)
    before = y.copy()
    indices, coefficients, residual = code(y, dictionary, sparsity, m)
    assert (y == before).all() and (coefficients >= 0).all()
    x = full(indices, coefficients, m)
    reference = sparse_encode(
        y.astype(float), dictionary.astype(float), algorithm="lasso_cd", alpha=sparsity, positive=True, max_iter=20000
    )
    assert np.abs(objective(y, dictionary, x, sparsity) - objective(y, dictionary, reference, sparsity)).max() < 1e-4
    assert np.allclose(residual, np.linalg.norm(y - x @ dictionary, axis=1), atol=1e-4)


def test_shortlist_holds_the_nearest_in_order() -> None:
    made = album(people=10, photos=60)
    faces = made.observations.faces
    indices, coefficients, _ = code(faces[:7], faces[7:], 0.1, 5)
    for row, found in enumerate(indices):
        assert found.tolist() == np.argsort(-(faces[7:] @ faces[row]), kind="stable")[:5].tolist()
    assert indices.shape == coefficients.shape == (7, 5)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = album(people=10, photos=60, spread=0.9)
    faces = made.observations.faces
    whole = code(faces[:40], faces[40:], 0.05, 30)
    monkeypatch.setattr(sparse_code, "BLOCK", 7)
    for a, b in zip(whole, code(faces[:40], faces[40:], 0.05, 30), strict=True):
        assert np.allclose(a, b, atol=1e-5)


def test_equal_exemplars_and_nothing_near() -> None:
    y = unit(np.eye(4))[:2]
    _, coefficients, residual = code(y, np.repeat(y[:1], 6, axis=0), 0.1, 64)
    assert coefficients[0].sum() == pytest.approx(0.9, abs=1e-4) and residual[0] == pytest.approx(0.1, abs=1e-4)
    assert not coefficients[1].any() and residual[1] == pytest.approx(1)


def test_what_cannot_be_coded_is_refused() -> None:
    with pytest.raises(ValueError):
        code(np.eye(3), np.empty((0, 3)), 0.1, 4)
    with pytest.raises(ValueError):
        code(np.eye(3), np.eye(4), 0.1, 4)
