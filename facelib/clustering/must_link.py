"""Must-link constraints: rows that users tied together become one node, unless their verdicts contradict each other."""

from __future__ import annotations

import dataclasses

import numpy as np

from facelib.clustering.constraints import Constraints, unique_pairs
from facelib.clustering.observations import Observations
from facelib.records import NO_ANCHOR, NO_PERSON


def resolve_labels(observations: Observations) -> tuple[Observations, np.ndarray]:
    """Resolve contradictions between verdicts, and give the person of an anchor to all its rows.

    A rejection of the person a row was given to is dropped. A row that was given to another person than most rows of its anchor,
    or rejected for that person, leaves the anchor.

    Returns
    -------
    Observations
        With anchors and rejections that do not contradict each other.
    ndarray of shape (n,), int64
        The person of each row, its own or its anchor's; ``NO_PERSON`` for none.
    """
    o = observations
    rejected = o.rejected[o.person[o.rejected[:, 0]] != o.rejected[:, 1]]
    anchor, person = o.anchor.copy(), o.person.copy()
    given = np.flatnonzero((anchor >= 0) & (person >= 0))
    if len(given):
        votes, count = np.unique(np.stack([anchor[given], person[given]], axis=1), axis=0, return_counts=True)
        votes = votes[np.lexsort((votes[:, 1], -count, votes[:, 0]))]
        anchors, first = np.unique(votes[:, 0], return_index=True)
        index = np.minimum(np.searchsorted(anchors, anchor), len(anchors) - 1)
        of_anchor = np.where((anchors[index] == anchor) & (anchor >= 0), votes[first, 1][index], NO_PERSON)
        leaving = (of_anchor >= 0) & (person >= 0) & (person != of_anchor)
        leaving[rejected[of_anchor[rejected[:, 0]] == rejected[:, 1], 0]] = True
        anchor[leaving] = NO_ANCHOR
        person = np.where((person < 0) & ~leaving, of_anchor, person)
    return dataclasses.replace(o, anchor=anchor, rejected=rejected), person


def must_link_nodes(observations: Observations, groups: np.ndarray, cannot_link: np.ndarray) -> np.ndarray:
    """Join groups that share an anchor: connected components of the must-link graph.

    Where that would join rows that must stay apart, only the anchor's own rows are joined, and the rows that pass 1 had grouped
    with them remain as groups of their own.

    Parameters
    ----------
    observations : Observations
    groups : ndarray of shape (n,), int64
        Of pass 1.
    cannot_link : ndarray of shape (k, 2), int64
        Pairs of rows.

    Returns
    -------
    ndarray of shape (n,), int64
        The node of each row, from 0.
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
    divided = np.isin(component, conflicting_labels(observations, component, cannot_link))
    # Keys of three kinds that cannot meet: components, groups without their anchored rows, anchors.
    keys = component.astype(np.int64)
    loose = divided & (anchor < 0)
    keys[loose] = g + len(anchors) + groups[loose]
    fixed = np.flatnonzero(divided & (anchor >= 0))
    keys[fixed] = 2 * g + len(anchors) + np.searchsorted(anchors, anchor[fixed])
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def conflicting_labels(observations: Observations, label: np.ndarray, cannot_link: np.ndarray) -> np.ndarray:
    """Labels that hold rows which must stay apart, unless one anchor ties these: ndarray of shape (k,), int64, ascending.

    Parameters
    ----------
    observations : Observations
    label : ndarray of shape (n,), int64
        Negative labels are ignored.
    cannot_link : ndarray of shape (k, 2), int64
        Pairs of rows.
    """
    o = observations
    given = np.flatnonzero((o.person >= 0) & (label >= 0))
    owned = unique_pairs(np.stack([label[given], o.person[given]], axis=1))
    several, count = np.unique(owned[:, 0], return_counts=True)
    several = several[count > 1]
    row, not_this = o.rejected.T
    contradicted = np.empty(0, dtype=np.int64)
    if len(owned) and len(row):
        width = int(max(owned[:, 1].max(), not_this.max())) + 1
        refused = label[row] * width + not_this
        contradicted = label[row][np.isin(refused, owned[:, 0] * width + owned[:, 1]) & (label[row] >= 0)]
    a, b = cannot_link.T
    together = (label[a] == label[b]) & (label[a] >= 0) & ~((o.anchor[a] >= 0) & (o.anchor[a] == o.anchor[b]))
    return np.unique(np.concatenate([several, contradicted, label[a][together]]))


def node_constraints(observations: Observations, nodes: np.ndarray, cannot_link: np.ndarray, m: int) -> Constraints:
    """The constraints of rows as constraints of their ``m`` nodes.

    Parameters
    ----------
    observations : Observations
    nodes : ndarray of shape (n,), int64
        The node of each row.
    cannot_link : ndarray of shape (k, 2), int64
        Pairs of rows.
    m : int
    """
    o = observations
    return Constraints(o.person, cannot_link, o.rejected).joined(nodes, m)
