"""The weights of clothes in pass 1, inside moments; used by ``calibrate.py``.

* ``alpha``: two people in the same clothes (T = 0) are joined where F < group_threshold / alpha; there :data:`SAME_CLOTHES` of the
  pairs of strangers are nearer.
* ``beta``: clothes bring two faces nearer where beta T < (1 - alpha) F. Of the pairs of different people in simulated moments
  (``bench_moments.py``) only :data:`HELPED` are to be brought below group_threshold from there, so beta is (1 - alpha) group_threshold / T
  with T the distance of bodies that this part of the pairs lies below. What that gives in the moments stands beside it.
* ``body_threshold``, of the body embedder's card: at most :data:`OTHERS` of the pairs of different people in simulated moments are
  nearer, and no more than :data:`NEEDED` of the views of one person in the same clothes. People of one real moment share light
  and background, those of the simulated ones do not, so a strong embedder is not given all that the first would allow.
* ``gamma`` only has a meaning together with ``body_threshold`` (a body without a face joins where gamma T < body_threshold), so it stays 1.

``group_threshold`` itself is set before.
"""

from __future__ import annotations

import numpy as np
from bench_moments import Views, albums_of, pass_one, without_bodies

from facelib.evaluation.pairs import all_pairs, pair_distances
from facelib.thresholds import Thresholds

SAME_CLOTHES, HELPED, OTHERS, NEEDED = 1e-3, 0.25, 0.01, 0.5
LENGTHS, REPEATS = (2, 5), 2


def fit(far: float, made: Views, truth: np.ndarray, base: Thresholds) -> tuple[dict[str, float], str]:
    """``alpha`` and ``beta`` of a face embedder, and what they give.

    Parameters
    ----------
    far : float
        The distance below which :data:`SAME_CLOTHES` of the pairs of strangers lie.
    made, truth
        Views of photos, whose bodies are of the body embedder the thresholds ``base`` hold the ``body_threshold`` of.
    """
    alpha = round(base.group_threshold / far, 3)
    bodies = _bodies(made, truth)[1]
    found = {"alpha": alpha, "beta": round((1 - alpha) * base.group_threshold / float(np.quantile(bodies, HELPED)), 3)}
    albums = [album for length in LENGTHS for album in albums_of(made, truth, length, REPEATS)]
    precision, recall, _ = pass_one(albums, base.override(found))
    without = pass_one([(without_bodies(rows), people) for rows, people in albums], base)[1]
    return found, f"in simulated moments precision {precision:.4f}, recall {recall:.3f}, without clothes {without:.3f}"


def fit_bodies(made: Views, truth: np.ndarray) -> tuple[dict[str, float], str]:
    """``body_threshold`` of a body embedder, and which parts of the pairs in the same clothes and of those of two people it joins."""
    same, other = _bodies(made, truth)
    cut = round(float(min(np.quantile(other, OTHERS), np.quantile(same, NEEDED))), 3)
    return {"body_threshold": cut}, f"{float((same < cut).mean()):.0%} and {float((other < cut).mean()):.2%} of the pairs are nearer"


def _bodies(made: Views, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances of bodies: of the views of one photo, and of those of different people."""
    distances = pair_distances(made.bodies)
    first, second = (made.source[rows] for rows in all_pairs(len(made.bodies)))
    return distances[first == second], distances[truth[first] != truth[second]]
