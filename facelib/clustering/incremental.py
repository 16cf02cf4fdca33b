"""The incremental run: what is new joins the clusters there are, or starts new ones, at a cost of new times all."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from facelib.clustering.cluster import attach, crowding, cut_for_one_more, link_looks, settled, sum_by, tie
from facelib.clustering.constraints import Constraints, pairs_within, rows_apart, unique_pairs
from facelib.clustering.observations import Observations
from facelib.clustering.within_moments import first_pass
from facelib.thresholds import Thresholds


@dataclass(frozen=True, eq=False)
class ClusterSums:
    """The clusters there are, as far as linkage and constraints need them.

    Attributes
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the reliable faces of each cluster.
    counts : ndarray of shape (m,), int64
        How many they are; 0 is allowed.
    person : ndarray of shape (m,), int64
        The person who owns the cluster, or -1.
    photos : ndarray of shape (r, 2), int64
        Pairs (cluster, photo): one for each observation a cluster holds. Clusters that share a photo are never joined.
    rejected : ndarray of shape (k, 2), int64
        Pairs (cluster, person): a member was said not to be that person.
    """

    sums: np.ndarray
    counts: np.ndarray
    person: np.ndarray
    photos: np.ndarray
    rejected: np.ndarray

    def __len__(self) -> int:
        return len(self.counts)

    @staticmethod
    def of(observations: Observations, clusters: np.ndarray, m: int, thresholds: Thresholds) -> ClusterSums:
        """From the rows of ``m`` clusters; rows of cluster -1 are left out."""
        observations, person = settled(observations)
        held = np.flatnonzero(np.asarray(clusters) >= 0)
        trusted = held[observations.reliable(thresholds.min_reliability)[held]]
        sums, counts = sum_by(observations.faces[trusted], clusters[trusted], m)
        owner = np.full(m, -1, dtype=np.int64)
        np.maximum.at(owner, clusters[held], person[held])
        row, not_this = observations.rejected.T
        refused = np.stack([clusters[row], not_this], axis=1)
        photos = np.stack([clusters[held], observations.photo[held]], axis=1)
        return ClusterSums(sums, counts, owner, photos, unique_pairs(refused[refused[:, 0] >= 0]))


@dataclass(frozen=True, eq=False)
class Extension:
    """What became of the new observations and of the clusters there were.

    Attributes
    ----------
    groups : ndarray of shape (n,), int64
        Groups of pass 1 among the rows given.
    clusters : ndarray of shape (n,), int64
        An index below m is a cluster there was; m and above are new ones; -1 the pool.
    became : ndarray of shape (m,), int64
        The cluster each old one is part of now: itself, or the one it was joined to (named before unnamed, then the larger,
        then the lower index).
    """

    groups: np.ndarray
    clusters: np.ndarray
    became: np.ndarray


def extend(observations: Observations, current: np.ndarray, clusters: ClusterSums, thresholds: Thresholds) -> Extension:
    """Cluster new observations into what there is.

    Parameters
    ----------
    observations : Observations
        The new rows, and for context the old ones of the same moments, photos and anchors. Pool rows may be given again as new.
    current : ndarray of shape (n,), int64
        The cluster of an old row, an index into ``clusters``; -1 for a new row. Old rows keep their cluster.
    clusters : ClusterSums
        All clusters; those of context rows included.
    thresholds : Thresholds
        Read: those of :func:`facelib.clustering.cluster.cluster`.

    Returns
    -------
    Extension
        Old clusters are never split. Two are joined only where new rows came near them, and never if they have different
        persons or share a photo. Few looks beyond their cut wait for the next :func:`facelib.clustering.cluster.cluster`.
    """
    m = len(clusters)
    current = np.asarray(current, dtype=np.int64)
    observations, person = settled(observations)
    person = np.where((person < 0) & (current >= 0), clusters.person[current] if m else -1, person)
    rows = dataclasses.replace(observations, person=person, rejected=_rejected(observations.rejected, person, current, clusters))
    groups = first_pass(rows, thresholds, owner=current)
    apart = rows_apart(rows, thresholds.same_photo_cut)
    nodes, count = _nodes(rows, groups, current, m, apart)
    new = (current < 0) & rows.reliable(thresholds.min_reliability)
    sums, counts = sum_by(rows.faces[new], nodes[new], count)
    touched = counts > 0
    sums[:m] += clusters.sums
    counts[:m] += clusters.counts
    touched |= _beside(sums, counts, touched, thresholds.second_cut)
    constraints = _constraints(rows, nodes, count, clusters, apart)
    # Nothing is absorbed here: who is still to come cannot speak against it, and what has joined stays.
    joined = link_looks(sums, counts, crowding(sums, counts, thresholds), thresholds, constraints, touched)
    names = _names(joined, counts, np.concatenate([clusters.person, np.full(count - m, -1)]), m)
    result = names[nodes]
    # What has no reliable face and no tie waits, and may join what is near.
    led = np.zeros(count + 1, dtype=bool)
    led[:m] = True
    led[result[new | (rows.anchor >= 0)]] = True
    result = np.where(led[result], result, -1)
    result = _attach_new(rows, result, names, sums, counts, clusters, apart, thresholds)
    fresh = np.unique(result[result >= m])
    result = np.where(result >= m, m + np.searchsorted(fresh, result), result)
    return Extension(groups, result, names[:m])


def _rejected(own: np.ndarray, person: np.ndarray, current: np.ndarray, clusters: ClusterSums) -> np.ndarray:
    """What was said of rows, and of the clusters that hold them, whoever else in these it was said of: (row, not this person)."""
    order = np.argsort(current, kind="stable")
    cluster, not_this = clusters.rejected[clusters.person[clusters.rejected[:, 0]] != clusters.rejected[:, 1]].T
    first, last = (np.searchsorted(current[order], cluster, side) for side in ("left", "right"))
    count = last - first
    row = order[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]
    inherited = np.stack([row, np.repeat(not_this, count)], axis=1)
    return unique_pairs(np.concatenate([own, inherited[person[row] != inherited[:, 1]]]))


def _nodes(rows: Observations, groups: np.ndarray, current: np.ndarray, m: int, apart: np.ndarray) -> tuple[np.ndarray, int]:
    """Nodes of shape (n,): old clusters 0..m-1, then ties of new rows. New rows grouped or anchored with old ones are in theirs."""
    # An old cluster ties its rows as an anchor does; anchors that hold an old row tie to it.
    anchor = np.where(rows.anchor >= 0, m + rows.anchor, -1)
    held = np.flatnonzero((current >= 0) & (rows.anchor >= 0))
    if len(held):
        anchors, first = np.unique(rows.anchor[held], return_index=True)
        spot = np.minimum(np.searchsorted(anchors, rows.anchor), len(anchors) - 1)
        anchor = np.where(anchors[spot] == rows.anchor, current[held[first]][spot], anchor)
    anchor = np.where(current >= 0, current, anchor)
    tied = tie(dataclasses.replace(rows, anchor=anchor), groups, apart)
    ties = int(tied.max(initial=-1)) + 1
    old = np.full(ties, -1, dtype=np.int64)
    np.maximum.at(old, tied, current)
    place = np.where(old >= 0, old, m + np.cumsum(old < 0) - 1)
    return place[tied], m + int((old < 0).sum())


def _beside(sums: np.ndarray, counts: np.ndarray, touched: np.ndarray, cut: float) -> np.ndarray:
    """Nodes nearer than the cut to a touched one: what is new may bring them together. ndarray of shape (nodes,), bool."""
    means = sums / np.maximum(counts, 1)[:, None].astype(np.float32)
    found = np.zeros(len(sums), dtype=bool)
    rows = np.flatnonzero(touched)
    for start in range(0, len(rows), 1024):
        part = means[rows[start : start + 1024]]
        for left in range(0, len(means), 65536):
            found[left : left + 65536] |= (part @ means[left : left + 65536].T > 1 - cut).any(axis=0)
    return found


def _constraints(rows: Observations, nodes: np.ndarray, count: int, clusters: ClusterSums, apart: np.ndarray) -> Constraints:
    own = Constraints(rows.person, apart, rows.rejected).joined(nodes, count)
    person = own.person.copy()
    person[: len(clusters)] = np.maximum(person[: len(clusters)], clusters.person)
    shared = pairs_within(clusters.photos[:, 1], clusters.photos[:, 0])
    return Constraints(
        person,
        unique_pairs(np.concatenate([own.apart, shared])),
        unique_pairs(np.concatenate([own.rejected, clusters.rejected])),
    )


def _names(joined: np.ndarray, counts: np.ndarray, person: np.ndarray, m: int) -> np.ndarray:
    """For each node the node its cluster is called after: an old one before new ones, named, larger, lower."""
    nodes = np.arange(len(joined))
    order = np.lexsort((nodes, -counts, person < 0, nodes >= m, joined))
    first = np.unique(joined[order], return_index=True)[1]
    names: np.ndarray = nodes[order][first][joined]
    return names


def _attach_new(
    rows: Observations,
    result: np.ndarray,
    names: np.ndarray,
    sums: np.ndarray,
    counts: np.ndarray,
    clusters: ClusterSums,
    apart: np.ndarray,
    thresholds: Thresholds,
) -> np.ndarray:
    """Let unreliable new rows join the clusters as they are now, all of which are measured, not only those of the rows given."""
    total, number = np.zeros_like(sums), np.zeros_like(counts)
    np.add.at(total, names, sums)
    np.add.at(number, names, counts)
    person = np.full(len(names), -1, dtype=np.int64)
    np.maximum.at(person, names[: len(clusters)], clusters.person)
    held = result >= 0
    np.maximum.at(person, result[held], rows.person[held])
    rejected = clusters.rejected.copy()
    rejected[:, 0] = names[rejected[:, 0]]
    constraints = Constraints(person, np.empty((0, 2), dtype=np.int64), rejected)
    return attach(rows, result, (total, number), constraints, apart, cut_for_one_more(total, number, thresholds))
