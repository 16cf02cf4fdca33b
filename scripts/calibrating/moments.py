"""The weights of clothes in pass 1, within moments.

* ``alpha``: two people in the same clothes (T = 0) are joined where F < group_threshold / alpha; there :data:`SAME_CLOTHES` of the
  pairs of strangers are nearer.
* ``beta``: clothes make two faces more similar where beta T < (1 - alpha) F. Of the pairs of different people in simulated moments
  at most :data:`HELPED` may come below group_threshold in this way. So beta is (1 - alpha) group_threshold / T, where T is the
  distance of bodies that this share of the pairs is below.
* ``body_threshold``, of the body embedder's card: at most :data:`OTHERS` of the pairs of different people in simulated moments are
  nearer, and at most :data:`NEEDED` of the views of one person in the same clothes. People of a real moment share light and
  background, those of simulated moments do not; the second limit keeps the value of a strong embedder low for that reason.
* ``gamma`` only has a meaning together with ``body_threshold`` (a body without a face joins where gamma T < body_threshold), so it stays 1.

``group_threshold`` itself is set before.
"""

from __future__ import annotations

import numpy as np
from benching.moment_views import Views
from benching.simulated_moments import score_first_pass, simulated_libraries, without_bodies

from facelib.evaluation.pairs import all_pairs, pair_distances
from facelib.thresholds import Thresholds

SAME_CLOTHES, HELPED, OTHERS, NEEDED = 1e-3, 0.25, 0.01, 0.5
LENGTHS, LIBRARIES = (2, 5), 2
"""Photos in a simulated moment, and libraries of each such length."""


def fit(same_clothes_distance: float, views: Views, truth: np.ndarray, base: Thresholds) -> tuple[dict[str, float], str]:
    """``alpha`` and ``beta`` of a face embedder, and a sentence on the precision and recall they give.

    Parameters
    ----------
    same_clothes_distance : float
        The distance that :data:`SAME_CLOTHES` of the pairs of strangers are below.
    views, truth
        Of :func:`benching.moment_views.moment_views`.
    base : Thresholds
        All others; ``body_threshold`` is that of the body embedder of the views.
    """
    alpha = round(base.group_threshold / same_clothes_distance, 3)
    bodies = _body_distances(views, truth)[1]
    found = {"alpha": alpha, "beta": round((1 - alpha) * base.group_threshold / float(np.quantile(bodies, HELPED)), 3)}
    libraries = [library for length in LENGTHS for library in simulated_libraries(views, truth, length, LIBRARIES)]
    precision, recall, _ = score_first_pass(libraries, base.override(found))
    without = score_first_pass([(without_bodies(rows), people) for rows, people in libraries], base)[1]
    return found, f"in simulated moments precision {precision:.4f}, recall {recall:.3f}, without clothes {without:.3f}"


def fit_bodies(views: Views, truth: np.ndarray) -> tuple[dict[str, float], str]:
    """``body_threshold`` of a body embedder, and a sentence on the shares of the pairs in the same clothes and of two people it joins."""
    same, other = _body_distances(views, truth)
    cut = round(float(min(np.quantile(other, OTHERS), np.quantile(same, NEEDED))), 3)
    return {"body_threshold": cut}, f"{float((same < cut).mean()):.0%} and {float((other < cut).mean()):.2%} of the pairs are nearer"


def _body_distances(views: Views, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances of bodies: of views of one photo, and of views of different people."""
    distances = pair_distances(views.bodies)
    first, second = (views.photo[rows] for rows in all_pairs(len(views.bodies)))
    return distances[first == second], distances[truth[first] != truth[second]]
