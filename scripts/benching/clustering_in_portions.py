"""A source added in portions, as nightly runs would add it, compared with one run on the whole."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from benching.single_faces import card_thresholds, cluster_faces, single_faces
from benching.timing import measure
from benching.vectors import read_labelled
from facelib.clustering.incremental import ExistingClusters, cluster_new
from facelib.evaluation.groups import b_cubed


def compare_portions(source: Path, embedder: str, portions: int) -> None:
    """Print the B-cubed scores and the seconds of both."""
    labelled, thresholds = read_labelled(source), card_thresholds(embedder)
    order = np.random.default_rng(0).permutation(len(labelled.person))
    vectors, truth = labelled.vectors[order], labelled.person[order]
    whole, whole_cost = measure(lambda: cluster_faces(vectors, thresholds))
    current, count, seconds = np.full(len(truth), -1), 0, []
    for rows in np.array_split(np.arange(len(truth)), portions):
        seen = np.arange(rows[-1] + 1)
        sums = ExistingClusters.of(single_faces(vectors[seen]), current[seen], count, thresholds)
        result, cost = measure(partial(cluster_new, single_faces(vectors[rows]), current[rows], sums, thresholds))
        seconds.append(cost.wall)
        current = np.where(current >= 0, np.append(result.merged_into, -1)[current], -1)
        current[rows] = result.clusters
        count = max(count, int(current.max()) + 1)
    for title, labels in (("one run", whole), (f"{portions} portions", current)):
        score = b_cubed(labels, truth)
        print(f"{title:<14} P {score.precision:.4f}  R {score.recall:.4f}  F {score.f:.4f}")
    print(f"one run {whole_cost.wall:.2f} s; a portion {np.mean(seconds):.3f} s, the last {seconds[-1]:.3f} s")
