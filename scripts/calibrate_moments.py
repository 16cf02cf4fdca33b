"""The thresholds of pass 1, inside moments; used by ``calibrate.py``.

* ``first_cut``: pass 1 is permanent, and those who share a moment are often kin. So it is the lesser of the distances at which
  :data:`STRANGERS` of the pairs of strangers (LFW DevTest) and :data:`KIN` of the pairs of kin (families-dev) are nearer.
* ``alpha``: two people in the same clothes (T = 0) are joined where F < first_cut / alpha; there :data:`SAME_CLOTHES` of the
  pairs of strangers are nearer.
* ``beta``: of :data:`BETAS` that with the highest recall in simulated moments (``bench_moments.py``) with a precision of at
  least 0.995 over pairs.
* ``body_cut``, of the body embedder's card: :data:`OTHERS` of the pairs of different people in simulated moments are nearer.
* ``gamma`` only has a meaning together with ``body_cut`` (a body without a face joins where gamma T < body_cut), so it stays 1.
"""

from __future__ import annotations

import numpy as np
from bench_moments import LEAST_PRECISION, Views, albums_of, pass_one
from labelled_sets import Labelled

from facelib.evaluation.pairs import all_pairs, pair_distances
from facelib.thresholds import Thresholds

STRANGERS, KIN, SAME_CLOTHES, OTHERS = 1e-5, 0.02, 1e-3, 0.01
BETAS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 1.6)
LENGTHS, REPEATS = (2, 5), 2


def fit(strangers: Labelled, families: Labelled, made: Views, truth: np.ndarray, base: Thresholds) -> tuple[dict[str, float], str]:
    """``first_cut``, ``alpha`` and ``beta`` of a face embedder, and what they give.

    Parameters
    ----------
    made, truth
        Views of photos, whose bodies are of the body embedder the thresholds ``base`` hold the ``body_cut`` of.
    """
    distances, other, _ = _pairs(strangers)
    near = np.quantile(distances[other], [STRANGERS, SAME_CLOTHES])
    of_families, _, kin = _pairs(families)
    first_cut = round(float(min(near[0], np.quantile(of_families[kin], KIN))), 3)
    found = {"alpha": round(first_cut / float(near[1]), 3), "first_cut": first_cut}
    albums = [album for length in LENGTHS for album in albums_of(made, truth, length, REPEATS)]
    tried = [(beta, *pass_one(albums, base.override({**found, "beta": beta}))) for beta in BETAS]
    pure = [row for row in tried if row[1] >= LEAST_PRECISION]
    # A large beta leaves clothes without a say, which is always safe.
    beta, precision, recall, _ = max(pure or tried[-1:], key=lambda row: (row[2], row[0]))
    return {"alpha": found["alpha"], "beta": beta, "first_cut": first_cut}, f"precision {precision:.4f}, recall {recall:.3f}"


def fit_bodies(made: Views, truth: np.ndarray) -> tuple[dict[str, float], str]:
    """``body_cut`` of a body embedder, and what part of the views of one person in one photo's clothes it joins."""
    distances = pair_distances(made.bodies)
    first, second = all_pairs(len(made.bodies))
    same = made.source[first] == made.source[second]
    other = truth[made.source[first]] != truth[made.source[second]]
    cut = round(float(np.quantile(distances[other], OTHERS)), 3)
    return {"body_cut": cut}, f"{float((distances[same] < cut).mean()):.1%} of the pairs in the same clothes are nearer"


def _pairs(faces: Labelled) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance of each pair, whether it is two people, and whether it is two of one family."""
    first, second = all_pairs(len(faces.files))
    other = faces.person[first] != faces.person[second]
    return pair_distances(faces.vectors), other, other & (faces.family[first] == faces.family[second])
