"""Incremental clustering: new observations join the existing clusters, or start new ones, at a cost of new rows times all rows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from facelib.clustering.across_moments import link_nodes, penalties, thresholds_for_one_more
from facelib.clustering.constraints import Constraints, pairs_within, same_photo_pairs, unique_pairs
from facelib.clustering.leftovers import assign_leftovers
from facelib.clustering.must_link import must_link_nodes, resolve_labels
from facelib.clustering.observations import Observations
from facelib.clustering.sums import mean_vectors, merge_sums, sum_by_label
from facelib.clustering.within_moments import group_within_moments
from facelib.records import NO_ANCHOR, NO_CLUSTER, NO_PERSON
from facelib.thresholds import Thresholds


@dataclass(frozen=True, eq=False)
class ExistingClusters:
    """The existing clusters: what linkage and constraints need of them.

    Attributes
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the reliable faces of each cluster.
    counts : ndarray of shape (m,), int64
        How many they are; 0 is allowed.
    person : ndarray of shape (m,), int64
        The person who owns the cluster; ``NO_PERSON`` for none.
    photos : ndarray of shape (r, 2), int64
        Pairs (cluster, photo), one for each member. Clusters that share a photo are never joined.
    rejected : ndarray of shape (k, 2), int64
        Pairs (cluster, person): a member was rejected for that person.
    """

    sums: np.ndarray
    counts: np.ndarray
    person: np.ndarray
    photos: np.ndarray
    rejected: np.ndarray

    def __len__(self) -> int:
        return len(self.counts)

    @staticmethod
    def of(observations: Observations, clusters: np.ndarray, m: int, thresholds: Thresholds) -> ExistingClusters:
        """From the members of ``m`` clusters.

        Parameters
        ----------
        observations : Observations
        clusters : ndarray of shape (n,), int64
            The cluster of each row; rows of ``NO_CLUSTER`` are left out.
        m : int
        thresholds : Thresholds
            Read: min_reliability.
        """
        observations, person = resolve_labels(observations)
        members = np.flatnonzero(np.asarray(clusters) >= 0)
        reliable = members[observations.reliable(thresholds.min_reliability)[members]]
        sums, counts = sum_by_label(observations.faces[reliable], clusters[reliable], m)
        owner = np.full(m, NO_PERSON, dtype=np.int64)
        np.maximum.at(owner, clusters[members], person[members])
        row, not_this = observations.rejected.T
        refused = np.stack([clusters[row], not_this], axis=1)
        photos = np.stack([clusters[members], observations.photo[members]], axis=1)
        return ExistingClusters(sums, counts, owner, photos, unique_pairs(refused[refused[:, 0] >= 0]))


@dataclass(frozen=True, eq=False)
class IncrementalClustering:
    """The clusters of the new observations, and what became of the existing clusters.

    Attributes
    ----------
    groups : ndarray of shape (n,), int64
        Groups of pass 1 among the rows given.
    clusters : ndarray of shape (n,), int64
        An index below m is an existing cluster; m and above are new ones; ``NO_CLUSTER`` the pool.
    merged_into : ndarray of shape (m,), int64
        The cluster that each existing one is part of now: itself, or the one it was joined to (named before unnamed, then the
        larger, then the lower index).
    """

    groups: np.ndarray
    clusters: np.ndarray
    merged_into: np.ndarray


def cluster_new(
    observations: Observations, current: np.ndarray, clusters: ExistingClusters, thresholds: Thresholds
) -> IncrementalClustering:
    """Cluster new observations into the existing clusters.

    Parameters
    ----------
    observations : Observations
        The new rows, and for context the old ones of the same moments, photos and anchors. Pool rows may be given again as new.
    current : ndarray of shape (n,), int64
        The cluster of an old row, an index into ``clusters``; ``NO_CLUSTER`` for a new row. Old rows keep their cluster.
    clusters : ExistingClusters
        All clusters; those of context rows included.
    thresholds : Thresholds
        Read: those of :func:`facelib.clustering.cluster.cluster`.

    Returns
    -------
    IncrementalClustering
        Existing clusters are never split. Two are joined only where new rows came near them, and never if they have different
        persons or share a photo. Singletons are attached by the next :func:`facelib.clustering.cluster.cluster` only.
    """
    m = len(clusters)
    current = np.asarray(current, dtype=np.int64)
    observations, person = resolve_labels(observations)
    person = np.where((person < 0) & (current >= 0), clusters.person[current] if m else NO_PERSON, person)
    rejected = _with_inherited_rejections(observations.rejected, person, current, clusters)
    rows = dataclasses.replace(observations, person=person, rejected=rejected)
    groups = group_within_moments(rows, thresholds, cluster=current)
    cannot_link = same_photo_pairs(rows, thresholds.same_photo_threshold)
    nodes, count = _nodes(rows, groups, current, m, cannot_link)
    new = (current < 0) & rows.reliable(thresholds.min_reliability)
    sums, counts = sum_by_label(rows.faces[new], nodes[new], count)
    touched = counts > 0
    sums[:m] += clusters.sums
    counts[:m] += clusters.counts
    touched |= _neighbours(sums, counts, touched, thresholds.neighbour_reach)
    constraints = _constraints(rows, nodes, count, clusters, cannot_link)
    # Singletons are not attached here: a join is final, and the person nearest to a singleton may be among later photos.
    joined = link_nodes(sums, counts, penalties(sums, counts, thresholds), thresholds, constraints, touched)
    leader = _leading_nodes(joined, counts, np.concatenate([clusters.person, np.full(count - m, NO_PERSON)]), m)
    result = leader[nodes]
    # A row without a reliable face and without an anchor is a leftover; it may join a cluster that is near.
    has_core = np.zeros(count + 1, dtype=bool)
    has_core[:m] = True
    has_core[result[new | (rows.anchor >= 0)]] = True
    result = np.where(has_core[result], result, NO_CLUSTER)
    result = _with_leftovers(rows, result, leader, sums, counts, clusters, cannot_link, thresholds)
    started = np.unique(result[result >= m])
    result = np.where(result >= m, m + np.searchsorted(started, result), result)
    return IncrementalClustering(groups, result, leader[:m])


def _with_inherited_rejections(own: np.ndarray, person: np.ndarray, current: np.ndarray, clusters: ExistingClusters) -> np.ndarray:
    """The rejections of rows and of the clusters they are in: (row, not this person)."""
    order = np.argsort(current, kind="stable")
    cluster, not_this = clusters.rejected[clusters.person[clusters.rejected[:, 0]] != clusters.rejected[:, 1]].T
    first, last = (np.searchsorted(current[order], cluster, side) for side in ("left", "right"))
    count = last - first
    row = order[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]
    inherited = np.stack([row, np.repeat(not_this, count)], axis=1)
    return unique_pairs(np.concatenate([own, inherited[person[row] != inherited[:, 1]]]))


def _nodes(rows: Observations, groups: np.ndarray, current: np.ndarray, m: int, cannot_link: np.ndarray) -> tuple[np.ndarray, int]:
    """The node of each row, shape (n,), and the number of nodes: existing clusters 0..m-1, then must-link nodes of new rows.

    A new row that is grouped or anchored with an old one is in the cluster of the old one.
    """
    # An existing cluster is an anchor of its rows. An anchor with an old row is the cluster of that row.
    anchor = np.where(rows.anchor >= 0, m + rows.anchor, NO_ANCHOR)
    anchored = np.flatnonzero((current >= 0) & (rows.anchor >= 0))
    if len(anchored):
        anchors, first = np.unique(rows.anchor[anchored], return_index=True)
        index = np.minimum(np.searchsorted(anchors, rows.anchor), len(anchors) - 1)
        anchor = np.where(anchors[index] == rows.anchor, current[anchored[first]][index], anchor)
    anchor = np.where(current >= 0, current, anchor)
    tied = must_link_nodes(dataclasses.replace(rows, anchor=anchor), groups, cannot_link)
    existing = np.full(int(tied.max(initial=-1)) + 1, NO_CLUSTER, dtype=np.int64)
    np.maximum.at(existing, tied, current)
    number = np.where(existing >= 0, existing, m + np.cumsum(existing < 0) - 1)
    return number[tied], m + int((existing < 0).sum())


def _neighbours(sums: np.ndarray, counts: np.ndarray, touched: np.ndarray, reach: float) -> np.ndarray:
    """Nodes nearer than ``reach`` to a touched one, which new rows may bring together: ndarray of shape (nodes,), bool."""
    means = mean_vectors(sums, counts)
    near = np.zeros(len(sums), dtype=bool)
    rows = np.flatnonzero(touched)
    for start in range(0, len(rows), 1024):
        block = means[rows[start : start + 1024]]
        for left in range(0, len(means), 65536):
            near[left : left + 65536] |= (block @ means[left : left + 65536].T > 1 - reach).any(axis=0)
    return near


def _constraints(rows: Observations, nodes: np.ndarray, count: int, clusters: ExistingClusters, cannot_link: np.ndarray) -> Constraints:
    own = Constraints(rows.person, cannot_link, rows.rejected).joined(nodes, count)
    person = own.person.copy()
    person[: len(clusters)] = np.maximum(person[: len(clusters)], clusters.person)
    shared = pairs_within(clusters.photos[:, 1], clusters.photos[:, 0])
    return Constraints(person, np.concatenate([own.cannot_link, shared]), np.concatenate([own.rejected, clusters.rejected]))


def _leading_nodes(joined: np.ndarray, counts: np.ndarray, person: np.ndarray, m: int) -> np.ndarray:
    """The node whose index each node's cluster gets, shape (nodes,): existing before new, named before unnamed, then larger, then lower."""
    nodes = np.arange(len(joined))
    order = np.lexsort((nodes, -counts, person < 0, nodes >= m, joined))
    first = np.unique(joined[order], return_index=True)[1]
    leader: np.ndarray = nodes[order][first][joined]
    return leader


def _with_leftovers(
    rows: Observations,
    result: np.ndarray,
    leader: np.ndarray,
    sums: np.ndarray,
    counts: np.ndarray,
    clusters: ExistingClusters,
    cannot_link: np.ndarray,
    thresholds: Thresholds,
) -> np.ndarray:
    """Assign unreliable new rows to the nearest of all clusters, also of those without a member among the rows given."""
    total, number = merge_sums(sums, counts, leader, len(leader))
    person = np.full(len(leader), NO_PERSON, dtype=np.int64)
    np.maximum.at(person, leader[: len(clusters)], clusters.person)
    placed = result >= 0
    np.maximum.at(person, result[placed], rows.person[placed])
    rejected = np.stack([leader[clusters.rejected[:, 0]], clusters.rejected[:, 1]], axis=1)
    constraints = Constraints(person, np.empty((0, 2), dtype=np.int64), rejected)
    return assign_leftovers(rows, result, (total, number), constraints, cannot_link, thresholds_for_one_more(total, number, thresholds))
