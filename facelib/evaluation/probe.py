"""A linear probe on embeddings: estimates a trait such as gender for photos without that label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.log_odds import probability


@dataclass(frozen=True, eq=False)
class Probe:
    """A logistic regression that gives the probability of a trait.

    Attributes
    ----------
    weights : ndarray of shape (d,), float64
    base : float
    """

    weights: np.ndarray
    base: float

    def probability(self, vectors: np.ndarray) -> np.ndarray:
        """For rows of shape (n, d): ndarray of shape (n,), 0..1."""
        return probability(vectors @ self.weights + self.base)


def fit(vectors: np.ndarray, trait: np.ndarray) -> Probe:
    """The probe that fits labelled rows (n, d) best; ``trait`` of shape (n,), bool, both values occurring."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10.0, max_iter=2000).fit(vectors, trait)
    return Probe(model.coef_[0].astype(np.float64), float(model.intercept_[0]))


def cross_validated(vectors: np.ndarray, trait: np.ndarray, folds: int = 5) -> np.ndarray:
    """The probability of each row by a probe fitted without it: ndarray of shape (n,)."""
    predicted = np.empty(len(trait))
    for k in range(folds):
        test = np.arange(len(trait)) % folds == k
        predicted[test] = fit(vectors[~test], trait[~test]).probability(vectors[test])
    return predicted
