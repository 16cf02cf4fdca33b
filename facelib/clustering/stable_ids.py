"""Ids that stay: a cluster of the new run that is mostly an old one keeps its id."""

from __future__ import annotations

import numpy as np


def keep_ids(old: np.ndarray, new: np.ndarray, next_id: int, protected: np.ndarray | None = None) -> tuple[np.ndarray, int]:
    """Give each new cluster an id for life.

    A new cluster keeps an old id where both share more than half of the rows of either, counted over rows that have a cluster
    before and after. A protected id (a named cluster) is kept before all others by the new cluster that holds more than half
    of its rows, so it is lost only if two protected ones went into one cluster, which keeps that of the larger part.

    Parameters
    ----------
    old, new : ndarray of shape (n,), int64
        Old ids and new labels of the same rows, -1 for none.
    next_id : int
        The lowest id never used; must be above every old id.
    protected : ndarray of shape (k,), int64, optional

    Returns
    -------
    ids : ndarray of shape (n,), int64, -1 for none
    next_id : int

    Raises
    ------
    ValueError
        If the shapes differ, or ``next_id`` was used already.
    """
    old, new = np.asarray(old, dtype=np.int64), np.asarray(new, dtype=np.int64)
    if old.shape != new.shape or old.ndim != 1:
        raise ValueError(f"old {old.shape} and new {new.shape} must be two lists of one length")
    if len(old) and next_id <= old.max():
        raise ValueError(f"next id {next_id} was used already, {int(old.max())} occurs")
    both = (old >= 0) & (new >= 0)
    old_ids, o = np.unique(old[both], return_inverse=True)
    new_labels, k = np.unique(new[both], return_inverse=True)
    cells, shared = np.unique(o * (len(new_labels) or 1) + k, return_counts=True)
    o_of, k_of = np.divmod(cells, len(new_labels) or 1)
    most_of_old = 2 * shared > np.bincount(o)[o_of] if len(cells) else np.empty(0, dtype=bool)
    most_of_new = 2 * shared > np.bincount(k)[k_of] if len(cells) else np.empty(0, dtype=bool)
    guarded = np.isin(old_ids[o_of], protected if protected is not None else [])
    kept: dict[int, int] = {}
    used: set[int] = set()
    for eligible in (guarded & most_of_old, most_of_old & most_of_new):
        spots = np.flatnonzero(eligible)
        for spot in spots[np.lexsort((o_of[spots], -shared[spots]))]:
            label, old_id = int(new_labels[k_of[spot]]), int(old_ids[o_of[spot]])
            if label not in kept and old_id not in used:
                kept[label] = old_id
                used.add(old_id)
    labels, index = np.unique(new, return_inverse=True)
    ids = np.empty(len(labels), dtype=np.int64)
    for place, label in enumerate(labels.tolist()):
        if label < 0:
            ids[place] = -1
        elif label in kept:
            ids[place] = kept[label]
        else:
            ids[place] = next_id
            next_id += 1
    return ids[index].reshape(new.shape), next_id
