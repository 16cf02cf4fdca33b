"""From observations to clusters: pass 1, what people tied together, pass 2, then what is too weak to lead joins."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from facelib.clustering.adaptive_threshold import allowance, cut_at, looks, spread
from facelib.clustering.cohort_normalization import penalties
from facelib.clustering.constraints import Constraints, rows_apart, unique_pairs
from facelib.clustering.hdbscan import dense_regions
from facelib.clustering.linkage import link
from facelib.clustering.observations import Observations
from facelib.clustering.singletons import absorb
from facelib.clustering.within_moments import first_pass
from facelib.thresholds import Thresholds

READS = (
    "alpha",
    "beta",
    "gamma",
    "first_cut",
    "body_cut",
    "second_cut",
    "pair_cut",
    "absorb_margin",
    "stranger_distance",
    "crowding",
    "same_photo_cut",
    "min_reliability",
)
"""The thresholds that :func:`cluster` and :func:`facelib.clustering.incremental.extend` read."""
CAUTIOUS = 1.2
"""Of first_cut: below this mean distance clusters are one person for the counting of a crowd."""
AVERAGE, HDBSCAN = "average", "hdbscan"
CLUSTERERS = (AVERAGE, HDBSCAN)
"""Average linkage cut by evidence, calibrated for each model; or scikit-learn's HDBSCAN, which needs no distance."""


@dataclass(frozen=True, eq=False)
class Grouping:
    """Groups of pass 1 and clusters of pass 2, numbered in the order of their first rows.

    Attributes
    ----------
    groups : ndarray of shape (n,), int64
    clusters : ndarray of shape (n,), int64
        -1 for the pool: unreliable faces near nothing, and bodies whose group has no cluster.
    """

    groups: np.ndarray
    clusters: np.ndarray


def cluster(observations: Observations, thresholds: Thresholds, clusterer: str = AVERAGE) -> Grouping:
    """Cluster a whole library.

    Parameters
    ----------
    observations : Observations
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    clusterer : str
        What joins groups across moments, one of :data:`CLUSTERERS`.

    Returns
    -------
    Grouping
        Every reliable face has a cluster, perhaps alone. An unreliable face joins a cluster that is near without moving it,
        so it never leads one to another. A row that a user gave to a person joins that person's nearest cluster if it would
        be left over otherwise.
    """
    observations, person = settled(observations)
    labelled = dataclasses.replace(observations, person=person)
    groups = first_pass(labelled, thresholds)
    apart = rows_apart(labelled, thresholds.same_photo_cut)
    nodes = tie(labelled, groups, apart)
    reliable = labelled.reliable(thresholds.min_reliability)
    sums, counts = sum_by(labelled.faces[reliable], nodes[reliable], int(nodes.max(initial=-1)) + 1)
    constraints = node_constraints(labelled, nodes, apart, len(sums))
    if clusterer == HDBSCAN:
        joined = dense_regions(sums, counts, constraints)
    else:
        penalty = crowding(sums, counts, thresholds)
        joined = link_looks(sums, counts, penalty, thresholds, constraints)
        joined = absorbed(sums, counts, joined, penalty, constraints, thresholds)
    clusters = joined[nodes]
    led = np.zeros(int(joined.max(initial=-1)) + 1, dtype=bool)
    led[clusters[reliable]] = True
    led[clusters[labelled.anchor >= 0]] = True
    clusters = np.where(led[clusters] if len(led) else False, clusters, -1)
    m = len(led)
    held = np.where(clusters < 0, m, clusters)
    lead = reliable & (clusters >= 0)
    led_by = sum_by(labelled.faces[lead], clusters[lead], m)
    cuts = cut_for_one_more(*led_by, thresholds)
    clusters = attach(labelled, clusters, led_by, node_constraints(labelled, held, apart[:0], m + 1), apart, cuts)
    return Grouping(groups, dense(clusters))


def near_cut(thresholds: Thresholds) -> float:
    """The cut for two single looks; never above that for many."""
    return min(thresholds.pair_cut, thresholds.second_cut)


def link_looks(
    sums: np.ndarray,
    counts: np.ndarray,
    penalty: np.ndarray,
    thresholds: Thresholds,
    constraints: Constraints,
    touched: np.ndarray | None = None,
) -> np.ndarray:
    """:func:`facelib.clustering.linkage.link` with the thresholds in force, cut by evidence, corrected for crowding."""
    return link(sums, counts, thresholds.second_cut, constraints, touched, near_cut(thresholds), thresholds.first_cut, penalty)


def absorbed(
    sums: np.ndarray, counts: np.ndarray, joined: np.ndarray, penalty: np.ndarray, constraints: Constraints, thresholds: Thresholds
) -> np.ndarray:
    """The clusters ``joined`` of nodes after :func:`facelib.clustering.singletons.absorb` with the thresholds in force.

    It reaches as far as to where the nearest strangers usually are.
    """
    m = int(joined.max(initial=-1)) + 1
    total = np.bincount(joined, counts, m)
    mean_penalty = np.bincount(joined, counts * penalty, m) / np.maximum(total, 1)
    reach = max(thresholds.second_cut, thresholds.stranger_distance)
    held, usual = constraints.joined(joined, m), thresholds.first_cut
    target = absorb(sum_by(sums, joined, m)[0], total, mean_penalty, held, usual, reach, thresholds.absorb_margin)
    return dense(target[joined])


def crowding(sums: np.ndarray, counts: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Penalties of :mod:`facelib.clustering.cohort_normalization` with the thresholds in force: ndarray of shape (m,)."""
    cautious = CAUTIOUS * thresholds.first_cut
    return penalties(sums, counts, thresholds.stranger_distance, thresholds.crowding, lambda s, c: link(s, c, cautious))


def cut_for_one_more(sums: np.ndarray, counts: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Mean distance below which one more face belongs to each cluster: ndarray of shape (m,)."""
    spreads, usual = spread(sums, counts), thresholds.first_cut
    seen = looks(spreads, counts, usual)
    cuts = cut_at(1 + seen, near_cut(thresholds), thresholds.second_cut) + allowance(spreads[None], seen[None], usual)
    return np.asarray(cuts - crowding(sums, counts, thresholds))


def settled(observations: Observations) -> tuple[Observations, np.ndarray]:
    """Resolve what people said where it contradicts itself, and spread the person of an anchor to its rows.

    A rejection of the person a row was given to is dropped; a row given to another person than most rows of its anchor, or
    rejected for that person, leaves the anchor.

    Returns
    -------
    Observations
        With anchors and rejections that fit together.
    ndarray of shape (n,), int64
        The person of each row, its own or its anchor's; -1 for none.
    """
    o = observations
    rejected = o.rejected[o.person[o.rejected[:, 0]] != o.rejected[:, 1]]
    anchor, person = o.anchor.copy(), o.person.copy()
    given = np.flatnonzero((anchor >= 0) & (person >= 0))
    if len(given):
        votes, count = np.unique(np.stack([anchor[given], person[given]], axis=1), axis=0, return_counts=True)
        votes = votes[np.lexsort((votes[:, 1], -count, votes[:, 0]))]
        anchors, first = np.unique(votes[:, 0], return_index=True)
        spot = np.minimum(np.searchsorted(anchors, anchor), len(anchors) - 1)
        of_anchor = np.where((anchors[spot] == anchor) & (anchor >= 0), votes[first, 1][spot], -1)
        left = (of_anchor >= 0) & (person >= 0) & (person != of_anchor)
        left[rejected[of_anchor[rejected[:, 0]] == rejected[:, 1], 0]] = True
        anchor[left] = -1
        person = np.where((person < 0) & ~left, of_anchor, person)
    return dataclasses.replace(o, anchor=anchor, rejected=rejected), person


def tie(observations: Observations, groups: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Join groups that share an anchor: nodes of shape (n,), int64, numbered from 0.

    Where that would put together what must stay apart, only the anchor's own rows are joined, and what pass 1 had grouped
    with them is left as groups of their own.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, anchor = len(observations), observations.anchor
    if not n:
        return np.empty(0, dtype=np.int64)
    anchored = np.flatnonzero(anchor >= 0)
    anchors, anchor_index = np.unique(anchor[anchored], return_inverse=True)
    g = int(groups.max()) + 1
    links = coo_array((np.ones(len(anchored)), (groups[anchored], g + anchor_index)), shape=(g + len(anchors),) * 2)
    component = connected_components(links, directed=False)[1][groups]
    torn = np.isin(component, conflicts(observations, component, apart))
    # Keys of three kinds that cannot meet: components, groups without their anchored rows, anchors.
    keys = component.astype(np.int64)
    loose = torn & (anchor < 0)
    keys[loose] = g + len(anchors) + groups[loose]
    fixed = np.flatnonzero(torn & (anchor >= 0))
    keys[fixed] = 2 * g + len(anchors) + np.searchsorted(anchors, anchor[fixed])
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def conflicts(observations: Observations, label: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Labels under which rows lie that may not be together (what an anchor ties is allowed): ndarray of int64."""
    o = observations
    given = np.flatnonzero((o.person >= 0) & (label >= 0))
    owned = unique_pairs(np.stack([label[given], o.person[given]], axis=1))
    several, count = np.unique(owned[:, 0], return_counts=True)
    several = several[count > 1]
    row, not_this = o.rejected.T
    at_odds = np.empty(0, dtype=np.int64)
    if len(owned) and len(row):
        width = int(max(owned[:, 1].max(), not_this.max())) + 1
        refused = label[row] * width + not_this
        at_odds = label[row][np.isin(refused, owned[:, 0] * width + owned[:, 1]) & (label[row] >= 0)]
    a, b = apart.T
    together = (label[a] == label[b]) & (label[a] >= 0) & ~((o.anchor[a] >= 0) & (o.anchor[a] == o.anchor[b]))
    return np.unique(np.concatenate([several, at_odds, label[a][together]]))


def node_constraints(observations: Observations, nodes: np.ndarray, apart: np.ndarray, m: int) -> Constraints:
    """The constraints of rows as constraints of their nodes."""
    o = observations
    return Constraints(o.person, apart, o.rejected).joined(nodes, m)


def sum_by(vectors: np.ndarray, label: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the vectors under each of ``m`` labels, shape (m, d) float32, and how many they are, shape (m,) int64."""
    counts = np.bincount(label, minlength=m)
    order = np.argsort(label, kind="stable")
    sums = np.zeros((m, vectors.shape[1]), dtype=np.float32)
    if len(label):
        starts = np.concatenate([[0], np.cumsum(counts[counts > 0])[:-1]])
        sums[counts > 0] = np.add.reduceat(vectors[order], starts, axis=0)
    return sums, counts


def attach(
    observations: Observations,
    clusters: np.ndarray,
    led_by: tuple[np.ndarray, np.ndarray],
    constraints: Constraints,
    apart: np.ndarray,
    cuts: np.ndarray,
) -> np.ndarray:
    """Let rows without a cluster join the nearest one they may, below its cut; rows given to a person join theirs at any distance.

    Parameters
    ----------
    clusters : ndarray of shape (n,), int64, indices below m, -1 for none
    led_by : (ndarray of shape (m, d), ndarray of shape (m,))
        Sums and numbers of the faces the clusters are measured by. Rows that join are not added, so none changes a distance.
    constraints : Constraints
        Of the clusters; its ``apart`` is not read.
    apart : ndarray of shape (k, 2), int64
        Pairs of rows never in one cluster.
    cuts : ndarray of shape (m,)
        Mean distance to each cluster below which a row may join it.

    Returns
    -------
    ndarray of shape (n,), int64
        Rows given to a person who has no cluster start new ones, m and above.
    """
    sums, counts = led_by
    m = len(sums)
    result = clusters.copy()
    waiting = np.flatnonzero((clusters < 0) & (observations.has_face | (observations.person >= 0)))
    if not len(waiting):
        return result
    neighbours: dict[int, list[int]] = {}
    for a, b in apart[np.isin(apart, waiting).any(axis=1)].tolist():
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    offers: list[tuple[float, int, int]] = []
    for start in range(0, len(waiting) if m else 0, 256):
        offers.extend(_offers(observations, waiting[start : start + 256], sums, counts, constraints, cuts))
    for _, row, spot in sorted(offers):
        if result[row] < 0 and all(result[other] != spot for other in neighbours.get(row, ())):
            result[row] = spot
    left = np.flatnonzero((result < 0) & (observations.person >= 0))
    result[left] = m + np.arange(len(left))
    return result


def _offers(
    observations: Observations, rows: np.ndarray, sums: np.ndarray, counts: np.ndarray, constraints: Constraints, cuts: np.ndarray
) -> list[tuple[float, int, int]]:
    """(distance, row, cluster) for the nearest few clusters that each of the rows may join."""
    means = sums / np.maximum(counts, 1)[:, None].astype(np.float32)
    distances = 1 - observations.faces[rows] @ means.T
    # Without a leading face, or for a body, no distance can be taken: then only a given person decides.
    distances[:, counts == 0] = 2
    distances[~observations.has_face[rows]] = 2
    person = constraints.person[: len(sums)]
    given = observations.person[rows]
    near = np.where(given[:, None] >= 0, person[None] == given[:, None], distances < cuts[None])
    refused = observations.rejected[np.isin(observations.rejected[:, 0], rows)]
    offers: list[tuple[float, int, int]] = []
    for place, row in enumerate(rows.tolist()):
        spots = np.flatnonzero(near[place])
        not_these = refused[refused[:, 0] == row, 1]
        at_odds = constraints.rejected[constraints.rejected[:, 1] == given[place], 0] if given[place] >= 0 else not_these[:0]
        spots = spots[~np.isin(person[spots], not_these) & ~np.isin(spots, at_odds)]
        spots = spots[np.argsort(distances[place, spots], kind="stable")][:8]
        offers.extend((float(distances[place, spot]), row, int(spot)) for spot in spots)
    return offers


def dense(labels: np.ndarray) -> np.ndarray:
    """Renumber labels from 0 in the order of their first rows; -1 stays."""
    present = np.unique(labels[labels >= 0], return_index=True)
    order = np.argsort(np.flatnonzero(labels >= 0)[present[1]], kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    result = np.full(len(labels), -1, dtype=np.int64)
    result[labels >= 0] = rank[np.searchsorted(present[0], labels[labels >= 0])]
    return result
