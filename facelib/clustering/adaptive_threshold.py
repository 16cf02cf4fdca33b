"""Size-dependent threshold of a join: the fewer different faces two clusters hold, the nearer they must be.

One threshold for all is wrong at one end. Among thousands of strangers some two single faces are always alike, while the mean
distance of two clusters of many faces is hardly ever small by chance. So average linkage builds its tree up to the loosest
threshold, and each join then gets a threshold of its own, by two measures. The first is how many different faces it rests on. The
second is how varied the faces within the two clusters are: a person whose appearance varies much is as far from their own next
photo as two other people are from each other, and two clusters that are much narrower than the distance between them are two
people. This is the within-class covariance of probabilistic linear discriminant analysis (Prince, Elder 2007), reduced to the one
number that the sum of a cluster gives (:func:`facelib.clustering.sums.intra_distances`).
"""

from __future__ import annotations

import numpy as np

POWER = 0.85
"""Exponent by which the threshold rises with size. The noise of a mean falls with a power between 1/2 and 1 of what is averaged;
best on celebrities-dev and LFW DevTest."""
EXCESS_PRIOR = 3.0
"""Strength of the prior: so many faces of the expected variance are added, so that few faces say little about a person's variance."""
EXCESS_WEIGHT = 0.5
"""Share of the excess variance that moves the threshold."""
MAX_OFFSET = 0.15
"""Greatest rise of the threshold for varied people, as a fraction of the intra-person distance: a cluster of two people is varied too."""


def effective_size(within: np.ndarray, counts: np.ndarray, intra_distance: float) -> np.ndarray:
    """Effective sample size of each cluster: a burst of one smile counts as little more than one face.

    Parameters
    ----------
    within, counts : ndarray of shape (m,)
        Mean distance within each cluster, as from :func:`facelib.clustering.sums.intra_distances`, and its number of faces.
    intra_distance : float
        Expected mean distance of two faces of one person; from there on each face counts in full.

    Returns
    -------
    ndarray of shape (m,), float64
        0 for none, 1 for a single face, at most ``counts``; ``1 + (n - 1) min(1, within / intra_distance)``.

    Examples
    --------
    >>> effective_size(np.array([0.0, 0.1, 0.3]), np.array([1, 5, 5]), 0.2).tolist()
    [1.0, 3.0, 5.0]
    """
    counts = np.asarray(counts, dtype=np.float64)
    return np.where(counts > 0, 1 + np.maximum(counts - 1, 0) * np.minimum(1, within / intra_distance), 0.0)


def excess_variance(within: np.ndarray, sizes: np.ndarray, intra_distance: float) -> np.ndarray:
    """How much more the faces of clusters to be joined vary than expected; negative where they vary less.

    Parameters
    ----------
    within, sizes : ndarray of shape (parts, k)
        Mean distance within each part of k joins, and its :func:`effective_size`: a burst does not show how varied a person is.
    intra_distance : float
        Expected mean distance of two faces of one person.

    Returns
    -------
    ndarray of shape (k,), float64
        The pooled mean distance less the expected one, shrunk towards 0 where sizes are small; 0 for single faces.
    """
    freedom = np.maximum(sizes - 1, 0)
    pooled: np.ndarray = (freedom * (within - intra_distance)).sum(axis=0) / (freedom.sum(axis=0) + EXCESS_PRIOR)
    return pooled


def threshold_offset(within: np.ndarray, sizes: np.ndarray, intra_distance: float) -> np.ndarray:
    """What is added to the threshold of a join because its parts are varied; negative where they are narrow.

    ``EXCESS_WEIGHT`` times :func:`excess_variance`, at most ``MAX_OFFSET * intra_distance``; arguments as there.

    Returns
    -------
    ndarray of shape (k,), float64
    """
    return np.minimum(EXCESS_WEIGHT * excess_variance(within, sizes, intra_distance), MAX_OFFSET * intra_distance)


def threshold_for(size: np.ndarray, pair_threshold: float, linkage_threshold: float) -> np.ndarray:
    """Mean distance below which a join of so many faces is accepted.

    Parameters
    ----------
    size : ndarray of floats, any shape
        Effective sizes of the two clusters, added.
    pair_threshold, linkage_threshold : float
        The threshold for a size of 2 or less, and the limit for large sizes.

    Returns
    -------
    ndarray of the shape of ``size``, float64

    Examples
    --------
    >>> threshold_for(np.array([1, 2, 1e12]), 0.4, 0.6).round(3).tolist()
    [0.4, 0.4, 0.6]
    """
    together = np.maximum(np.asarray(size, dtype=np.float64), 2)
    return linkage_threshold - (linkage_threshold - pair_threshold) * (2 / together) ** POWER
