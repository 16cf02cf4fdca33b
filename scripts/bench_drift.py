"""How much dates help: the suggestions of ``people --drift``, and linkage that uses the time between two faces.

    python scripts/bench_drift.py SOURCE.npz [--embedder dlib-resnet] [--people 200]

SOURCE holds ``vectors`` and ``labels`` as embed_folder.py writes them; a label has the family before a slash (``F0012/MID1``). There is
no set of dated faces of people who grow up, so dates are simulated in two ways: at random, so that faces do not change with time;
and along a path that starts at one of the two faces of a person that differ most and goes from each to its nearest, so that faces
change with time as much as possible. Real libraries lie between the two.

suggestions  People of six faces and more, each in two stretches of years. "Two people" is suggested for people who are one (false),
             and for the early years of one person with the later years of a relative (caught). "One person" is suggested for pairs of
             all stretches as clusters without names (right, wrong, and right ones that pass 2 does not join), and for pairs of the
             clusters that pass 2 makes of all faces, where mostly relatives are left.
linkage      Average linkage with size-dependent thresholds, and a penalty for the share of the pairs of two clusters that are within
             weeks of each other, in the threshold or in the distances of the pairs, or a bonus for years between them; families
             share eight events in twelve years. At several thresholds each: precision and recall, B-cubed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benching.vectors import read_labelled
from scipy.cluster.hierarchy import average
from scipy.spatial.distance import squareform

from facelib.clustering.across_moments import pair_threshold, penalties
from facelib.clustering.adaptive_threshold import effective_size, threshold_for
from facelib.clustering.cluster import cluster
from facelib.clustering.dendrogram import cut_tree
from facelib.clustering.drift import DriftMerge, find_merges, find_splits
from facelib.clustering.observations import Observations
from facelib.clustering.sums import intra_distances
from facelib.clustering.years import year_spans
from facelib.evaluation.groups import b_cubed
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds

DAY, YEAR = 86400.0, 365.25 * 86400
WEEKS = 45 * DAY
EVENTS, YEARS = 8, 12
SHIFTS = (-0.06, -0.03, 0.0, 0.03)


def path_through(faces: np.ndarray) -> np.ndarray:
    """The position of each face on a path from one of the two that differ most, each to its nearest: shape (n,), int64."""
    distance = 1 - faces @ faces.T
    path = [int(np.unravel_index(distance.argmax(), distance.shape)[0])]
    left = set(range(len(faces))) - set(path)
    while left:
        path.append(min(left, key=lambda k: distance[path[-1], k]))
        left.remove(path[-1])
    position = np.empty(len(faces), dtype=np.int64)
    position[path] = np.arange(len(faces))
    return position


def orders_in_time(faces: np.ndarray, who: np.ndarray, how: str, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The rows of each person and their order in time."""
    for person in np.unique(who):
        rows = np.flatnonzero(who == person)
        yield rows, path_through(faces[rows]) if how == "by similarity" else rng.permutation(len(rows))


def suggestions(faces: np.ndarray, who: np.ndarray, family: np.ndarray, thresholds: Thresholds, how: str) -> None:
    large = np.flatnonzero(np.bincount(who) >= 6)
    rows = np.flatnonzero(np.isin(who, large))
    faces, who, family = faces[rows], np.searchsorted(large, who[rows]), family[large]
    n, rng = len(large), np.random.default_rng(0)
    later, seconds = np.zeros(len(who), dtype=np.int64), np.zeros(len(who))
    for rows, order in orders_in_time(faces, who, how, rng):
        later[rows] = order >= len(rows) // 2
        seconds[rows] = (31 + 4 * later[rows]) * YEAR + 30 * DAY * order
    named = np.ones(n, dtype=bool)
    false = {each.person for each in find_splits(year_spans(faces, who, seconds, thresholds.drift_faces), named, thresholds)}
    caught, asked = 0, 0
    for person in range(n):
        kin = np.flatnonzero((family == family[person]) & (np.arange(n) != person))
        if len(kin):
            mixed = np.where((who == person) & (later == 1), -1, who)
            mixed[(who == rng.choice(kin)) & (later == 1)] = person
            splits = find_splits(year_spans(faces, mixed, seconds, thresholds.drift_faces), named, thresholds)
            caught, asked = caught + any(each.person == person for each in splits), asked + 1
    print(f"  two people: {len(false)} of {n} suggested wrongly; of {asked} mixed with relatives {caught} caught")
    right, wrong, cuts = suggested_pairs(faces, 2 * who + later, np.repeat(np.arange(n), 2), seconds, thresholds)
    new = int((np.array([each.distance for each in right]) >= cuts).sum())
    print(f"  one person: of {n} that are, {len(right)} suggested, {new} of them not joined by pass 2; {len(wrong)} suggested wrongly")
    none = np.full(len(who), -1)
    library = Observations(faces, np.zeros((len(who), 0)), np.arange(len(who)), none, np.ones(len(who)), none, none)
    clusters = cluster(library, thresholds).clusters
    large = np.flatnonzero(np.bincount(clusters) >= thresholds.min_cluster_size)
    label = np.where(np.isin(clusters, large), np.searchsorted(large, clusters), -1)
    mostly = np.array([np.bincount(who[label == k]).argmax() for k in range(len(large))])
    right, wrong, _ = suggested_pairs(faces, label, mostly, seconds, thresholds)
    kin = sum(family[mostly[each.before]] == family[mostly[each.after]] for each in wrong)
    print(f"  one person, of {len(large)} clusters of pass 2: {len(right)} right suggestions, {len(wrong)} wrong, {kin} of relatives")


def suggested_pairs(
    faces: np.ndarray, cluster_of: np.ndarray, who: np.ndarray, seconds: np.ndarray, thresholds: Thresholds
) -> tuple[list[DriftMerge], list[DriftMerge], np.ndarray]:
    """Suggestions that two clusters without names are one person: the right ones, the wrong ones, and for the right ones the distance below
    which pass 2 joins them."""
    m = len(who)
    seen = np.array([(seconds[cluster_of == k].min(), seconds[cluster_of == k].max()) for k in range(m)])
    years = year_spans(faces, cluster_of, seconds, thresholds.drift_faces)
    undated = thresholds.override({"drift_days": 0.0})
    suggested = find_merges(years, seen, np.zeros(m, dtype=bool), np.empty((0, 2), dtype=np.int64), undated)
    right = [each for each in suggested if who[each.before] == who[each.after]]
    sizes = effective_size(intra_distances(years.sums, years.counts), years.counts, thresholds.intra_distance)
    together = sizes[np.array([(each.last_span, each.first_span) for each in right], dtype=np.int64).reshape(-1, 2)].sum(axis=1)
    wrong = [each for each in suggested if who[each.before] != who[each.after]]
    return right, wrong, threshold_for(together, pair_threshold(thresholds), thresholds.linkage_threshold)


def linkage(faces: np.ndarray, who: np.ndarray, family: np.ndarray, thresholds: Thresholds, how: str, scale: float) -> None:
    rng = np.random.default_rng(1)
    events = {each: np.sort(rng.uniform(0, YEARS, EVENTS)) * YEAR for each in np.unique(family)}
    seconds = np.zeros(len(who))
    for rows, order in orders_in_time(faces, who, how, rng):
        event = np.sort(rng.integers(0, EVENTS, len(rows)))[order]
        seconds[rows] = events[family[who[rows[0]]]][event] + rng.uniform(0, 3 * DAY, len(rows))
    gap = np.abs(seconds[:, None] - seconds[None])
    weeks, far = np.exp(-((gap / WEEKS) ** 2)), np.minimum(gap / (3 * YEAR), 1)
    penalty = penalties(faces, np.ones(len(faces), dtype=np.int64), thresholds)
    distance = 1 - faces.astype(np.float64) @ faces.T + (penalty[:, None] + penalty[None]) / 2
    trials = [("without time", 0.0, distance)]
    trials += [(f"{part:.2f} at the cut for weeks", part, distance) for part in (0.1, 0.2)]
    trials.append(("0.10 in the pairs for weeks", 0.0, distance + 0.1 * scale * weeks))
    trials.append(("0.03 off for years", 0.0, distance - 0.03 * scale * far))
    for title, part, between in trials:
        labels = [_cut(faces, between, thresholds, shift * scale, part * scale, weeks) for shift in SHIFTS]
        scores = [b_cubed(label, who) for label in labels]
        print(f"  {title:<28}" + "  ".join(f"P {score.precision:.4f} R {score.recall:.4f}" for score in scores), flush=True)


def _cut(faces: np.ndarray, between: np.ndarray, thresholds: Thresholds, shift: float, weight: float, weeks: np.ndarray) -> np.ndarray:
    """Average linkage by brute force; the threshold depends on the sizes and, with ``weight``, on the share of pairs within weeks."""
    n, lift = len(faces), 1.0
    raised = (between + between.T) / 2 + lift
    np.fill_diagonal(raised, 0)
    tree = average(squareform(raised, checks=False))
    left, right, height = tree[:, 0].astype(int), tree[:, 1].astype(int), tree[:, 2] - lift
    sums, counts, members = [*faces], [1] * n, [[k] for k in range(n)]
    together = np.zeros(n - 1)
    for k in range(n - 1):
        a, b = left[k], right[k]
        if weight and height[k] < thresholds.linkage_threshold + shift:
            together[k] = weeks[np.ix_(members[a], members[b])].mean()
        sums.append(sums[a] + sums[b])
        counts.append(counts[a] + counts[b])
        members.append(members[a] + members[b])
    sizes = np.array(counts)
    effective = effective_size(intra_distances(np.array(sums), sizes), sizes, thresholds.intra_distance)
    near, far = pair_threshold(thresholds) + shift, thresholds.linkage_threshold + shift
    holds = (height + weight * together < threshold_for(effective[left] + effective[right], near, far)) & (height < far)
    return cut_tree(n, left, right, holds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--embedder", default="dlib-resnet")
    parser.add_argument("--people", type=int, default=200, help="people used for linkage, which is by brute force")
    options = parser.parse_args()
    thresholds = Thresholds().override(registry.card(options.embedder).thresholds)
    labelled = read_labelled(options.source)
    faces, who = labelled.vectors, labelled.person
    family = np.zeros(who.max() + 1, dtype=np.int64)
    family[who] = labelled.family
    subset = who < options.people
    scale = thresholds.linkage_threshold / 0.64
    print(f"{options.source.stem}, {options.embedder}: {len(faces)} faces of {len(family)} people in {family.max() + 1} families")
    for how in ("at random", "by similarity"):
        print(f"dates {how}")
        suggestions(faces, who, family, thresholds, how)
        print(f"  cuts moved by {', '.join(f'{shift * scale:+.3f}' for shift in SHIFTS)}")
        linkage(faces[subset], who[subset], family, thresholds, how, scale)


if __name__ == "__main__":
    main()
