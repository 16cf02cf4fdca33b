"""The whole-library stage that groups observations into clusters and keeps their ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from facelib.clustering import cluster
from facelib.clustering.incremental import ClusterSums
from facelib.clustering.stable_ids import keep_ids
from facelib.model_zoo import registry
from facelib.stages import cluster_incremental, embed
from facelib.stages.rows import arrays
from facelib.stages.setup import Setup
from facelib.stages.stage import Progress
from facelib.stages.stage import recipe as make_recipe
from facelib.store import clusters
from facelib.store.digests import observations_digest, verdicts_digest
from facelib.store.gallery import Gallery
from facelib.store.incremental_queries import commands_since, last_change, sizes
from facelib.store.observation_table import table

NAME = "cluster"
VERSION = 2
READS = (*cluster.READS, "moment_gap", "moment_jump")
LEAST_LIBRARY = 5000
"""Fewer observations than this are always clustered as a whole: it takes seconds, and is the better for it."""
MOST_NEW = 0.2
"""More new observations than this part of those of the last whole clustering make another one due."""
ONLY_NAMES = frozenset({"name", "rename", "add", "hide", "unhide"})
"""What people may do without a whole clustering being due: it gives or changes names, and says of no cluster that it is wrong."""


@dataclass(frozen=True)
class State:
    """What a clustering was made from; equal states need no new one."""

    recipe: str
    observations: str
    verdicts: str


@dataclass(frozen=True)
class Memory:
    """What the last run leaves for the next one.

    Attributes
    ----------
    state : State
    seen : int
        Observations it left with a membership; fewer now means that some are gone.
    whole : int
        Observations at the last whole clustering.
    change : int
        The last thing the user had done.
    """

    state: State
    seen: int
    whole: int
    change: int

    def text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def of(text: str | None) -> Memory | None:
        """What a note says; None for none, and for one of another version."""
        try:
            facts = json.loads(text or "")
            return Memory(State(**facts["state"]), int(facts["seen"]), int(facts["whole"]), int(facts["change"]))
        except (ValueError, KeyError, TypeError):
            return None


def state(gallery: Gallery, setup: Setup) -> State:
    """The inputs as they are now."""
    cards = [setup.card(task) for task in (registry.FACE_EMBEDDER, registry.BODY_EMBEDDER)]
    after = f"{embed.recipe(setup.models, setup.thresholds)} {setup.clusterer}"
    recipe = make_recipe(NAME, VERSION, cards, setup.thresholds, READS, after=after)
    return State(recipe, observations_digest(gallery), verdicts_digest(gallery))


def run(gallery: Gallery, setup: Setup, full: bool = False) -> Iterator[Progress]:
    """Cluster what is new, or the library anew where that is due, unless nothing it depends on has changed.

    Names are given, not found: observations that a person was given to stay theirs, whatever is clustered around them,
    and a cluster keeps its id where most of it stays together.
    """
    now, memory = state(gallery, setup), Memory.of(gallery.note(NAME))
    if not full and memory is not None and memory.state == now:
        return
    yield Progress(NAME, 0, 1)
    whole = full or memory is None or is_due(gallery, memory, now, setup.clusterer)
    with gallery.transaction():
        found = run_whole(gallery, setup) if whole else cluster_incremental.run(gallery, setup)
        every, seen = sizes(gallery)
        last = every if whole or memory is None else memory.whole
        gallery.set_note(NAME, Memory(now, seen, last, last_change(gallery)).text())
    yield Progress(NAME, 1, 1, f"{found} clusters")


def is_due(gallery: Gallery, memory: Memory, now: State, clusterer: str) -> bool:
    """Whether the library has to be clustered as a whole: something else than new photos and names is different, or much is new."""
    every, seen = sizes(gallery)
    return (
        clusterer != cluster.AVERAGE
        or memory.state.recipe != now.recipe
        or every < LEAST_LIBRARY
        or seen != memory.seen
        or every > (1 + MOST_NEW) * memory.whole
        or not commands_since(gallery, memory.change) <= ONLY_NAMES
    )


def run_whole(gallery: Gallery, setup: Setup) -> int:
    """Cluster all there is, in one transaction of the caller; returns how many clusters there are then."""
    rows = table(gallery)
    observations = arrays(gallery, setup, rows)
    found = cluster.cluster(observations, setup.thresholds, setup.clusterer)
    named = np.array(sorted(clusters.owners(gallery)), dtype=np.int64)
    ids, _ = keep_ids(rows.cluster, found.clusters, clusters.next_cluster_id(gallery), named)
    clusters.put_clustering(gallery, rows.id, found.groups, ids, whole=True)
    clusters.set_owners(gallery)
    held, place = np.unique(ids, return_inverse=True)
    skipped = int(len(held) > 0 and held[0] < 0)
    sums = ClusterSums.of(observations, place - skipped, len(held) - skipped, setup.thresholds)
    clusters.put_sums(gallery, held[skipped:], sums.sums, sums.counts)
    return len(held) - skipped
