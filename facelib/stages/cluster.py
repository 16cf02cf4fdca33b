"""The whole-library stage that groups observations into clusters and keeps their ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from facelib.clustering import cluster
from facelib.clustering.incremental import ExistingClusters
from facelib.clustering.stable_ids import keep_ids
from facelib.model_zoo import registry
from facelib.records import NO_CLUSTER
from facelib.stages import cluster_incremental, embed
from facelib.stages.rows import arrays
from facelib.stages.setup import Setup
from facelib.stages.stage import SMALL_LIBRARY, Progress
from facelib.stages.stage import recipe as make_recipe
from facelib.store import clusters
from facelib.store.digests import observations_digest, verdicts_digest
from facelib.store.gallery import Gallery
from facelib.store.incremental_queries import commands_since, last_change, sizes
from facelib.store.observation_table import table

NAME = "cluster"
VERSION = 2
READS = (*cluster.READS, "moment_gap", "moment_jump")
MAX_NEW = 0.2
"""A whole clustering is due if the library has grown by more than this fraction since the last one."""
ONLY_NAMES = frozenset({"name", "rename", "add", "hide", "unhide"})
"""Commands that make no whole clustering due: they only give or change names, which corrects no cluster."""


@dataclass(frozen=True)
class ClusterInputs:
    """What a clustering was made from; equal inputs need no new one."""

    recipe: str
    observations: str
    verdicts: str


@dataclass(frozen=True)
class ClusterCheckpoint:
    """What a run stores for the next one, as a note of the gallery.

    Attributes
    ----------
    inputs : ClusterInputs
    members : int
        Observations that were clustered then; fewer now means that some are gone.
    size_at_whole : int
        Observations at the last whole clustering.
    last_change : int
        The last entry of the log of changes.
    """

    inputs: ClusterInputs
    members: int
    size_at_whole: int
    last_change: int

    def write(self, gallery: Gallery) -> None:
        """Store it beside the clusters."""
        facts = {"state": asdict(self.inputs), "seen": self.members, "whole": self.size_at_whole, "change": self.last_change}
        gallery.set_note(NAME, json.dumps(facts, sort_keys=True))

    @staticmethod
    def read(gallery: Gallery) -> ClusterCheckpoint | None:
        """That of the last run; None if there was none, or the note is of another version."""
        try:
            facts = json.loads(gallery.note(NAME) or "")
            return ClusterCheckpoint(ClusterInputs(**facts["state"]), int(facts["seen"]), int(facts["whole"]), int(facts["change"]))
        except (ValueError, KeyError, TypeError):
            return None


def current_inputs(gallery: Gallery, setup: Setup) -> ClusterInputs:
    """The inputs as they are now."""
    cards = [setup.card(task) for task in (registry.FACE_EMBEDDER, registry.BODY_EMBEDDER)]
    after = f"{embed.recipe(setup.models, setup.thresholds)} {setup.clusterer}"
    recipe = make_recipe(NAME, VERSION, cards, setup.thresholds, READS, after=after)
    return ClusterInputs(recipe, observations_digest(gallery), verdicts_digest(gallery))


def run(gallery: Gallery, setup: Setup, full: bool = False) -> Iterator[Progress]:
    """Cluster what is new, or the whole library where that is due, unless nothing it depends on has changed.

    No run takes a name away: observations that a user gave to a person stay that person's, however the others are clustered,
    and a cluster keeps its id where most of it stays together.
    """
    now, last = current_inputs(gallery, setup), ClusterCheckpoint.read(gallery)
    if not full and last is not None and last.inputs == now:
        return
    yield Progress(NAME, 0, 1)
    whole = full or last is None or is_due(gallery, last, now, setup.clusterer)
    with gallery.transaction():
        count = run_whole(gallery, setup) if whole else cluster_incremental.run(gallery, setup)
        size, members = sizes(gallery)
        size_at_whole = size if whole or last is None else last.size_at_whole
        ClusterCheckpoint(now, members, size_at_whole, last_change(gallery)).write(gallery)
    yield Progress(NAME, 1, 1, f"{count} clusters")


def is_due(gallery: Gallery, last: ClusterCheckpoint, now: ClusterInputs, clusterer: str) -> bool:
    """Whether to cluster the whole library: more has changed than photos and names, or much is new."""
    size, members = sizes(gallery)
    return (
        clusterer != cluster.AVERAGE
        or last.inputs.recipe != now.recipe
        or size < SMALL_LIBRARY
        or members != last.members
        or size > (1 + MAX_NEW) * last.size_at_whole
        or not commands_since(gallery, last.last_change) <= ONLY_NAMES
    )


def run_whole(gallery: Gallery, setup: Setup) -> int:
    """Cluster the whole library, in a transaction of the caller; returns the number of clusters afterwards."""
    rows = table(gallery)
    observations = arrays(gallery, setup, rows)
    result = cluster.cluster(observations, setup.thresholds, setup.clusterer)
    named = np.array(sorted(clusters.owners(gallery)), dtype=np.int64)
    ids, _ = keep_ids(rows.cluster, result.clusters, clusters.next_cluster_id(gallery), named)
    clusters.put_clustering(gallery, rows.id, result.groups, ids, whole=True)
    clusters.set_owners(gallery)
    present = np.unique(ids[ids >= 0])
    index = np.where(ids >= 0, np.searchsorted(present, ids), NO_CLUSTER)
    existing = ExistingClusters.of(observations, index, len(present), setup.thresholds)
    clusters.put_sums(gallery, present, existing.sums, existing.counts)
    return len(present)
