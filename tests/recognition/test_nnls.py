"""Block pivoting and the active set method reach the same minimum as SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.recognition import nnls
from facelib.recognition.nnls import solve_nnls, solve_one


def problem(seed: int, n: int, k: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    atoms = rng.normal(size=(n, k, d)) + rng.normal(size=(n, 1, d))
    atoms /= np.linalg.norm(atoms, axis=2, keepdims=True)
    y = rng.normal(size=(n, d, 1)) + 2 * atoms[:, :1].transpose(0, 2, 1)
    return atoms @ atoms.transpose(0, 2, 1), (atoms @ y)[:, :, 0] - 0.05


def objective(square: np.ndarray, target: np.ndarray, x: np.ndarray) -> np.ndarray:
    return 0.5 * np.einsum("ni,nij,nj->n", x, square, x) - (target * x).sum(axis=1)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 50), st.sampled_from([3, 12, 60]))
def test_both_ways_reach_the_least_value(seed: int, k: int, d: int) -> None:
    from scipy.optimize import nnls as scipy_nnls

    square, target = problem(seed, 4, k, d)
    found = solve_nnls(square, target, np.zeros_like(target))
    single = np.stack([solve_one(g, t) for g, t in zip(square, target, strict=True)])
    # 1/2 x'Gx - t'x is least squares of the Cholesky factor.
    reference = []
    for g, t in zip(square, target, strict=True):
        factor = np.linalg.cholesky(g + 1e-6 * np.eye(k))
        reference.append(scipy_nnls(factor.T, np.linalg.solve(factor, t), maxiter=100 * k)[0])
    best = objective(square, target, np.stack(reference))
    assert (found >= 0).all() and (single >= 0).all()
    assert np.allclose(objective(square, target, found), best, atol=1e-4)
    assert np.allclose(objective(square, target, single), best, atol=1e-4)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_the_start_does_not_matter(seed: int) -> None:
    square, target = problem(seed, 5, 20, 40)
    start = np.random.default_rng(seed).random(target.shape) < 0.4
    assert np.allclose(solve_nnls(square, target, np.zeros_like(target)), solve_nnls(square, target, start.astype(float)), atol=1e-4)


def test_rows_that_go_round_are_solved_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    square, target = problem(1, 6, 30, 10)
    best = objective(square, target, solve_nnls(square, target, np.zeros_like(target)))
    monkeypatch.setattr(nnls, "MAX_EXCHANGES", 1)
    assert np.allclose(objective(square, target, solve_nnls(square, target, np.zeros_like(target))), best, atol=1e-5)
