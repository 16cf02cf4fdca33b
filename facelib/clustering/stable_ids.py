"""Stable ids: a new cluster that is mostly an old one keeps its id (matching by mutual majority)."""

from __future__ import annotations

import numpy as np

from facelib.records import NO_CLUSTER


def keep_ids(old: np.ndarray, new: np.ndarray, next_id: int, protected: np.ndarray | None = None) -> tuple[np.ndarray, int]:
    """Give each new cluster an id for life.

    A new cluster keeps an old id where both share more than half of the rows of either, counted over rows that have a cluster
    before and after. Protected ids (of named clusters) come first: the new cluster with more than half of the rows of a protected
    one keeps its id. So a protected id is lost only if two protected clusters became one: it keeps the id of the larger one.

    Parameters
    ----------
    old, new : ndarray of shape (n,), int64
        Old ids and new labels of the same rows, ``NO_CLUSTER`` for none.
    next_id : int
        The lowest id never used; must be above every old id.
    protected : ndarray of shape (k,), int64, optional

    Returns
    -------
    ids : ndarray of shape (n,), int64
        ``NO_CLUSTER`` where ``new`` is.
    next_id : int

    Raises
    ------
    ValueError
        If the shapes differ, or ``next_id`` was used already.

    Examples
    --------
    >>> ids, following = keep_ids(np.array([4, 4, 4, 5, -1]), np.array([0, 0, 1, 1, 2]), 6)
    >>> ids.tolist(), following
    ([4, 4, 6, 6, 7], 8)
    """
    old, new = np.asarray(old, dtype=np.int64), np.asarray(new, dtype=np.int64)
    if old.shape != new.shape or old.ndim != 1:
        raise ValueError(f"old {old.shape} and new {new.shape} must be two lists of one length")
    if len(old) and next_id <= old.max():
        raise ValueError(f"next id {next_id} was used already, {int(old.max())} occurs")
    id_of_label = _matched(old, new, protected)
    labels, index = np.unique(new, return_inverse=True)
    ids = np.empty(len(labels), dtype=np.int64)
    for k, label in enumerate(labels.tolist()):
        if label < 0:
            ids[k] = NO_CLUSTER
        elif label in id_of_label:
            ids[k] = id_of_label[label]
        else:
            ids[k] = next_id
            next_id += 1
    return ids[index].reshape(new.shape), next_id


def _matched(old: np.ndarray, new: np.ndarray, protected: np.ndarray | None) -> dict[int, int]:
    """The old id of each new label that keeps one."""
    both = (old >= 0) & (new >= 0)
    old_ids, o = np.unique(old[both], return_inverse=True)
    new_labels, k = np.unique(new[both], return_inverse=True)
    cells, shared = np.unique(o * (len(new_labels) or 1) + k, return_counts=True)
    o_of, k_of = np.divmod(cells, len(new_labels) or 1)
    most_of_old = 2 * shared > np.bincount(o)[o_of] if len(cells) else np.empty(0, dtype=bool)
    most_of_new = 2 * shared > np.bincount(k)[k_of] if len(cells) else np.empty(0, dtype=bool)
    guarded = np.isin(old_ids[o_of], protected if protected is not None else [])
    id_of_label: dict[int, int] = {}
    used: set[int] = set()
    for eligible in (guarded & most_of_old, most_of_old & most_of_new):
        candidates = np.flatnonzero(eligible)
        for cell in candidates[np.lexsort((o_of[candidates], -shared[candidates]))]:
            label, old_id = int(new_labels[k_of[cell]]), int(old_ids[o_of[cell]])
            if label not in id_of_label and old_id not in used:
                id_of_label[label] = old_id
                used.add(old_id)
    return id_of_label
