"""The weights of clothes in pass 1, inside moments; used by ``calibrate.py``.

* ``alpha``: two people in the same clothes (T = 0) are joined where F < first_cut / alpha; there :data:`SAME_CLOTHES` of the
  pairs of strangers are nearer.
* ``beta``: of :data:`BETAS` that with the highest recall in simulated moments (``bench_moments.py``) with a precision of at
  least 0.995 over pairs.
* ``body_cut``, of the body embedder's card: :data:`OTHERS` of the pairs of different people in simulated moments are nearer.
* ``gamma`` only has a meaning together with ``body_cut`` (a body without a face joins where gamma T < body_cut), so it stays 1.

``first_cut`` itself is set with the cuts of pass 2 (``calibrate_clustering.py``).
"""

from __future__ import annotations

import numpy as np
from bench_moments import LEAST_PRECISION, Views, albums_of, pass_one

from facelib.evaluation.pairs import all_pairs, pair_distances
from facelib.thresholds import Thresholds

SAME_CLOTHES, OTHERS = 1e-3, 0.01
BETAS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 1.6)
LENGTHS, REPEATS = (2, 5), 2


def fit(far: float, made: Views, truth: np.ndarray, base: Thresholds) -> tuple[dict[str, float], str]:
    """``alpha`` and ``beta`` of a face embedder, and what they give.

    Parameters
    ----------
    far : float
        The distance below which :data:`SAME_CLOTHES` of the pairs of strangers lie.
    made, truth
        Views of photos, whose bodies are of the body embedder the thresholds ``base`` hold the ``body_cut`` of.
    """
    alpha = round(base.first_cut / far, 3)
    albums = [album for length in LENGTHS for album in albums_of(made, truth, length, REPEATS)]
    tried = [(beta, *pass_one(albums, base.override({"alpha": alpha, "beta": beta}))) for beta in BETAS]
    pure = [row for row in tried if row[1] >= LEAST_PRECISION]
    # A large beta leaves clothes without a say, which is always safe.
    beta, precision, recall, _ = max(pure or tried[-1:], key=lambda row: (row[2], row[0]))
    return {"alpha": alpha, "beta": beta}, f"precision {precision:.4f}, recall {recall:.3f}"


def fit_bodies(made: Views, truth: np.ndarray) -> tuple[dict[str, float], str]:
    """``body_cut`` of a body embedder, and what part of the views of one person in one photo's clothes it joins."""
    distances = pair_distances(made.bodies)
    first, second = all_pairs(len(made.bodies))
    same = made.source[first] == made.source[second]
    other = truth[made.source[first]] != truth[made.source[second]]
    cut = round(float(np.quantile(distances[other], OTHERS)), 3)
    return {"body_cut": cut}, f"{float((distances[same] < cut).mean()):.1%} of the pairs in the same clothes are nearer"
