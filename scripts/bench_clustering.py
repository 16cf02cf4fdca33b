"""Clustering against what else there is: how well people are told apart, and what it costs as a library grows.

    python scripts/bench_clustering.py quality SOURCE... [--model dlib-resnet] [--plot OUT.png]
    python scripts/bench_clustering.py cost [SIZE...] [--source SOURCE] [--against] [--plot OUT.png]
    python scripts/bench_clustering.py growth SOURCE [--model dlib-resnet] [--portions 20]

SOURCE is a gallery that ``facelib index`` made of a folder with one folder a person (the largest face of each photo counts,
its folder is the truth), or an .npz with ``vectors`` and ``labels``.

quality  facelib, and scikit-learn's average linkage, HDBSCAN and DBSCAN, linkage by medians, and Chinese whispers, on the same
         embeddings, each at every threshold of a range, in steps of a twentieth of the model's group_threshold: best B-cubed F, best F
         at a precision of 0.99 or more, and the band of thresholds within 0.01 of the best; facelib also at the thresholds it
         ships with. At the end facelib, as shipped, beside every other method at its own best threshold for each source; and,
         for several sources, what one and the same threshold gives on all of them, for nobody knows the best one of his own
         library. The plot shows F against the threshold, and precision against recall.
cost     seconds and peak memory at each size, each in a process of its own, and the exponent; vectors are people on a sphere, or
         those of SOURCE repeated with noise. With --against also scikit-learn's average linkage up to 10,000, and whether the
         partition is the same.
growth   the source added in portions, as a nightly run would, against one run; seconds for each portion.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from facelib.clustering.cluster import cluster
from facelib.clustering.incremental import ExistingClusters, cluster_new
from facelib.clustering.linkage import link
from facelib.clustering.observations import Observations
from facelib.evaluation.groups import Score, b_cubed, pairwise
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds

Labels = np.ndarray
Result = TypeVar("Result")
SIZES = (1000, 3000, 10_000, 30_000, 100_000)
PHOTOS_EACH = 25
OURS = "facelib"
LARGE = 3000
"""Below, what does not grow is most of the cost."""


def read(source: Path) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors and who they are."""
    if source.suffix == ".npz":
        with np.load(source) as held:
            return held["vectors"].astype(np.float32), np.unique(held["labels"], return_inverse=True)[1]
    from facelib.stages.rows import vectors
    from facelib.store import observations, photos
    from facelib.store.gallery import Gallery

    with Gallery.read(source) as gallery:
        ids, names = [], []
        for photo in photos.photos(gallery):
            faces = [row for row in observations.of_photo(gallery, photo.id) if row.face is not None]
            if faces:
                ids.append(max(faces, key=lambda row: row.face.box[2] - row.face.box[0] if row.face else 0).id)
                names.append(str(Path(photo.path).parent))
        order = np.argsort(ids)
        card = registry.card(gallery.models()[registry.FACE_EMBEDDER])
        return vectors(gallery, "face", card, np.array(ids)[order], subset=True), np.unique(np.array(names)[order], return_inverse=True)[1]


def alone(vectors: np.ndarray) -> Observations:
    """Each vector a face in a photo of its own, of which nothing is known."""
    n = len(vectors)
    minus = np.full(n, -1)
    return Observations(vectors, np.zeros((n, 0)), np.arange(n), minus, np.ones(n), minus, minus)


def thresholds_of(model: str) -> Thresholds:
    return Thresholds().override(registry.card(model).thresholds)


def at(thresholds: Thresholds, cut: float) -> Thresholds:
    """The same with all cuts of pass 2 moved so that the widest is ``cut``."""
    pairs = max(0.01, thresholds.pair_threshold + cut - thresholds.linkage_threshold)
    return thresholds.override({"linkage_threshold": cut, "pair_threshold": pairs})


def by_average(distances: np.ndarray, cuts: np.ndarray) -> list[Labels]:
    """scikit-learn's agglomerative average linkage; the tree is its own, built once and cut at each height."""
    from scipy.cluster.hierarchy import fcluster
    from sklearn.cluster import AgglomerativeClustering

    model = AgglomerativeClustering(n_clusters=None, metric="precomputed", linkage="average", distance_threshold=0, compute_distances=True)
    model.fit(distances)
    sizes = np.ones(2 * len(distances))
    for k, (a, b) in enumerate(model.children_):
        sizes[len(distances) + k] = sizes[a] + sizes[b]
    tree = np.column_stack([model.children_, model.distances_, sizes[len(distances) : len(distances) + len(model.children_)]]).astype(float)
    return [fcluster(tree, cut, "distance") for cut in cuts]


def by_median(distances: np.ndarray, cuts: np.ndarray) -> list[Labels]:
    """Hierarchical linkage by the median of the pairwise distances, of at most 101 pairs drawn at random for large groups.

    The nearest two are joined first, as in average linkage; joins are replayed up to each cut.
    """
    rng = np.random.default_rng(0)
    members = {k: np.array([k]) for k in range(len(distances))}
    between = distances.copy()
    np.fill_diagonal(between, np.inf)
    nearest = between.argmin(axis=1)
    value = between[np.arange(len(between)), nearest]
    joins: list[tuple[float, int, int]] = []
    while True:
        a = int(value.argmin())
        b = int(nearest[a])
        if value[a] >= cuts[-1]:
            break
        joins.append((float(value[a]), a, b))
        members[a] = np.concatenate([members[a], members.pop(b)])
        between[b], between[:, b], value[b] = np.inf, np.inf, np.inf
        for other in members:
            if other != a and np.isfinite(between[a, other]):
                between[a, other] = between[other, a] = _median(distances, members[a], members[other], rng)
        for k in members:
            if k == a or nearest[k] in (a, b) or between[k, a] < value[k]:
                nearest[k] = int(between[k].argmin())
                value[k] = between[k, nearest[k]]
    results = []
    for cut in cuts:
        label = np.arange(len(distances))
        for _, a, b in itertools.takewhile(partial(_below, cut), joins):
            label[label == label[b]] = label[a]
        results.append(label)
    return results


def _below(cut: float, join: tuple[float, int, int]) -> bool:
    return join[0] < cut


def _median(distances: np.ndarray, a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> float:
    if len(a) * len(b) <= 101:
        return float(np.median(distances[np.ix_(a, b)]))
    return float(np.median(distances[rng.choice(a, 101), rng.choice(b, 101)]))


def by_hdbscan(distances: np.ndarray, cuts: np.ndarray) -> list[Labels]:
    """scikit-learn's HDBSCAN, its hierarchy cut at each height; after that its own choice of clusters, by excess of mass and by leaves.

    ``cluster_selection_epsilon`` is left alone: scikit-learn 1.9 fails on it with NumPy 2. Noise stays alone.
    """
    from sklearn.cluster import HDBSCAN

    results = []
    for samples in (1, 2, 3):
        model = HDBSCAN(min_cluster_size=2, min_samples=samples, metric="precomputed", copy=True).fit(distances)
        results += [model.dbscan_clustering(float(cut), min_cluster_size=2) for cut in cuts]
    for samples in (1, 2, 3):
        for method in ("eom", "leaf"):
            chosen = HDBSCAN(min_cluster_size=2, min_samples=samples, metric="precomputed", cluster_selection_method=method, copy=True)
            results.append(chosen.fit_predict(distances))
    return results


def by_dbscan(distances: np.ndarray, cuts: np.ndarray) -> list[Labels]:
    """scikit-learn's DBSCAN, the cut as ``eps``, the best of several ``min_samples`` counting."""
    from sklearn.cluster import DBSCAN

    return [DBSCAN(eps=float(cut), min_samples=k, metric="precomputed").fit_predict(distances) for k in (1, 2, 3) for cut in cuts]


def by_whispers(distances: np.ndarray, cuts: np.ndarray, rounds: int = 20) -> list[Labels]:
    """Chinese whispers (Biemann 2006) on the graph of pairs nearer than the cut, weighted by similarity."""
    results = []
    for cut in cuts:
        rng = np.random.default_rng(0)
        label = np.arange(len(distances))
        near = [np.flatnonzero((row < cut) & (np.arange(len(row)) != k)) for k, row in enumerate(distances)]
        for _ in range(rounds):
            before = label.copy()
            for k in rng.permutation(len(label)):
                if len(near[k]):
                    names, place = np.unique(label[near[k]], return_inverse=True)
                    label[k] = names[np.argmax(np.bincount(place, weights=1 - distances[k, near[k]]))]
            if (label == before).all():
                break
        results.append(label)
    return results


def quality(sources: list[Path], model: str, plot: Path | None) -> None:
    thresholds = thresholds_of(model)
    curves: dict[str, dict[str, list[Score]]] = {}
    ours: dict[str, tuple[Score, Score]] = {}
    middle, step = thresholds.linkage_threshold, thresholds.group_threshold / 20
    cuts = np.round(np.arange(max(step, middle - 32 * step), middle + 16 * step, step), 3)
    for source in sources:
        vectors, truth = read(source)
        print(f"\n{source.stem}: {len(truth)} faces of {len(np.unique(truth))} people, model {model}")
        print(f"{'':<22}best F  (P, R, cut)                best F at P >= 0.99 (R, cut)   band within 0.01")
        shipped = cluster(alone(vectors), thresholds).clusters
        curves[source.stem] = {}
        for name, found in methods(vectors, thresholds, cuts):
            scores = [b_cubed(labels, truth) for labels in found]
            curves[source.stem][name] = scores
            print(f"{name:<22}{summary(scores, cuts, thresholds.group_threshold)}", flush=True)
        score, pairs = b_cubed(shipped, truth), pairwise(shipped, truth)
        ours[source.stem] = score, pairs
        print(f"{'facelib as shipped':<22}F {score.f:.4f}  P {score.precision:.4f}  R {score.recall:.4f}  pairwise P {pairs.precision:.4f}")
    each_at_its_best(curves, ours)
    if len(sources) > 1:
        one_for_all(curves, cuts)
    if plot:
        draw_quality(curves, cuts, thresholds.linkage_threshold, plot)


def each_at_its_best(curves: dict[str, dict[str, list[Score]]], ours: dict[str, tuple[Score, Score]]) -> None:
    """B-cubed F with one setting for facelib, and a setting chosen by the truth for each other method and source."""
    print("\nfacelib as shipped; each other method at its own best threshold for each source with P >= 0.99")
    each = "   ".join(f"{title} F {b.f:.4f} (P {b.precision:.3f}, pairs {p.precision:.3f})" for title, (b, p) in ours.items())
    print(f"{'facelib':<22}{each}")
    for name in [name for name in next(iter(curves.values())) if name != OURS]:
        best = {title: max((s.f for s in of_source[name] if s.precision >= 0.99), default=None) for title, of_source in curves.items()}
        print(f"{name:<22}" + "   ".join(f"{title} {'none' if f is None else f'F {f:.4f}'}" for title, f in best.items()))


def one_for_all(curves: dict[str, dict[str, list[Score]]], cuts: np.ndarray) -> None:
    """For each method the setting with the highest mean F whose precision is at least 0.98 everywhere, and what it gives."""
    print("\none setting for all sources, P >= 0.98 everywhere")
    for name in next(iter(curves.values())):
        table = np.array([[(s.precision, s.recall, s.f) for s in of_source[name]] for of_source in curves.values()])
        allowed = (table[:, :, 0] >= 0.98).all(axis=0)
        if not allowed.any():
            print(f"{name:<28}none")
            continue
        k = int(np.argmax(np.where(allowed, table[:, :, 2].mean(axis=0), 0)))
        each = "   ".join(f"{title} F {f:.4f} (P {p:.3f}, R {r:.3f})" for title, (p, r, f) in zip(curves, table[:, k], strict=True))
        print(f"{name:<28}{each}")


def methods(vectors: np.ndarray, thresholds: Thresholds, cuts: np.ndarray) -> list[tuple[str, list[Labels]]]:
    distances = np.clip(1 - vectors.astype(np.float64) @ vectors.T.astype(np.float64), 0, 2)
    np.fill_diagonal(distances, 0)
    return [
        (OURS, [cluster(alone(vectors), at(thresholds, float(cut))).clusters for cut in cuts]),
        ("scikit-learn average", by_average(distances, cuts)),
        ("median of pairs", by_median(distances, cuts)),
        ("scikit-learn HDBSCAN", by_hdbscan(distances, cuts)),
        ("scikit-learn DBSCAN", by_dbscan(distances, cuts)),
        ("Chinese whispers", by_whispers(distances, cuts)),
    ]


def summary(scores: list[Score], cuts: np.ndarray, unit: float) -> str:
    """The best of several runs over the cuts; runs beyond the last whole one had no cut (shown as 0)."""
    runs = len(scores) // len(cuts)
    cuts = np.append(np.tile(cuts, runs), np.zeros(len(scores) - runs * len(cuts)))
    f = np.array([score.f for score in scores])
    best = int(np.argmax(f))
    pure = np.flatnonzero([score.precision >= 0.99 for score in scores])
    text = f"{f[best]:.4f}  (P {scores[best].precision:.3f}, R {scores[best].recall:.3f}, {cuts[best]:.2f})   "
    if len(pure):
        k = pure[np.argmax(f[pure])]
        text += f"{f[k]:.4f} (R {scores[k].recall:.3f}, {cuts[k]:.2f})           "
    else:
        text += f"{'none':<33}"
    low, high = band(f, cuts, best)
    return text + f"{low:.2f}..{high:.2f}, {(high - low) / unit:.2f} of group_threshold"


def band(f: np.ndarray, cuts: np.ndarray, best: int) -> tuple[float, float]:
    """The unbroken stretch of cuts around the best one on which F is within 0.01 of it."""
    low = high = best
    while low > 0 and cuts[low - 1] < cuts[low] and f[low - 1] >= f[best] - 0.01:
        low -= 1
    while high + 1 < len(f) and cuts[high + 1] > cuts[high] and f[high + 1] >= f[best] - 0.01:
        high += 1
    return float(cuts[low]), float(cuts[high])


def draw_quality(curves: dict[str, dict[str, list[Score]]], cuts: np.ndarray, shipped: float, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5 * len(curves), 8.5), layout="constrained")
    for number, (title, methods_of) in enumerate(curves.items(), start=1):
        above = figure.add_subplot(2, len(curves), number, title=title, xlabel="threshold, cosine distance", ylabel="B-cubed F")
        above.set_ylim(0, 1.03)
        below = figure.add_subplot(2, len(curves), len(curves) + number, xlabel="recall (B-cubed)", ylabel="precision (B-cubed)")
        for name, scores in methods_of.items():
            runs = [scores[k : k + len(cuts)] for k in range(0, len(scores) - len(cuts) + 1, len(cuts))]
            part = max(runs, key=lambda run: max(s.f for s in run))
            f = np.array([s.f for s in part])
            look: dict[str, Any] = {"linewidth": 2.5, "zorder": 3} if name == OURS else {"linewidth": 1.2}
            (line,) = above.plot(cuts, f, label=name, **look)
            low, high = band(f, cuts, int(f.argmax()))
            above.plot([low, high], [f.max() + 0.012] * 2, color=line.get_color(), linewidth=3)
            below.plot([s.recall for s in part], [s.precision for s in part], marker=".", label=name, **look)
        above.axvline(shipped, color="grey", linestyle=":", label="linkage_threshold as shipped")
        below.axhline(0.99, color="grey", linestyle=":")
        below.set(xlim=(0.2, 1.01), ylim=(0.7, 1.01))
        for axes in (above, below):
            axes.grid(alpha=0.3)
        above.legend(loc="lower center", fontsize="small")
    figure.suptitle("bars: thresholds within 0.01 of a method's best F")
    figure.savefig(path, dpi=100)


def made(n: int, source: Path | None, dimension: int = 128) -> np.ndarray:
    """People on a sphere, some 0.2 apart from themselves and 1.0 from others; or the source repeated with noise."""
    rng = np.random.default_rng(n)
    if source:
        vectors = read(source)[0]
        rows = vectors[rng.integers(0, len(vectors), n)]
        return unit(rows + 0.35 * rng.normal(size=rows.shape).astype(np.float32) / np.sqrt(rows.shape[1]))
    centres = rng.normal(size=(max(1, n // PHOTOS_EACH), dimension)).astype(np.float32)
    centres = unit(centres)
    return unit(centres[rng.integers(0, len(centres), n)] + 0.5 * rng.normal(size=(n, dimension)).astype(np.float32) / np.sqrt(dimension))


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def one_cost(n: int, source: Path | None, how: str) -> None:
    """Measure one size in this process and print it as JSON."""
    vectors = made(n, source)
    # What is loaded or started at a first call is no part of the cost.
    run_once(vectors[:300], how)
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    labels = run_once(vectors, how)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    first = np.unique(labels, return_index=True, return_inverse=True)
    facts = {"n": n, "how": how, "wall": wall, "cpu": spent, "mb": after.ru_maxrss / 1024, "clusters": len(first[0])}
    # Two equal partitions have equal lists of "the first row of my cluster".
    facts["partition"] = hash(first[1][first[2]].tobytes())
    print(json.dumps(facts))


def run_once(vectors: np.ndarray, how: str) -> Labels:
    """Cluster by all of facelib, by its average linkage alone, or by that of scikit-learn."""
    thresholds = thresholds_of("dlib-resnet")
    if how == "facelib":
        return cluster(alone(vectors), thresholds).clusters
    if how == "link":
        return link(vectors, np.ones(len(vectors)), thresholds.linkage_threshold)
    from sklearn.cluster import AgglomerativeClustering

    model = AgglomerativeClustering(n_clusters=None, metric="cosine", linkage="average", distance_threshold=thresholds.linkage_threshold)
    labels: Labels = model.fit_predict(vectors)
    return labels


def cost(sizes: list[int], source: Path | None, against: bool, plot: Path | None) -> None:
    rows: dict[str, list[dict[str, float]]] = {}
    print(f"{'size':>9} {'how':<10} {'wall s':>9} {'cpu s':>9} {'peak MB':>9} {'clusters':>9}")
    for n in sizes:
        for how in ("facelib", "link", "sklearn") if against and n <= 10_000 else ("facelib",):
            arguments = [sys.executable, __file__, "one", str(n), how, *([str(source)] if source else [])]
            done = subprocess.run(arguments, check=True, capture_output=True, text=True, env=_fixed_hash())
            row = json.loads(done.stdout)
            rows.setdefault(how, []).append(row)
            print(f"{n:>9} {how:<10} {row['wall']:>9.2f} {row['cpu']:>9.2f} {row['mb']:>9.0f} {row['clusters']:>9}", flush=True)
    for how, measured in rows.items():
        slope = exponent(measured, "cpu")
        if slope is not None:
            print(f"{how}: CPU seconds grow as n^{slope:.2f} from {LARGE} up")
    for mine, theirs in zip(rows.get("link", []), rows.get("sklearn", []), strict=True):
        same = "the same partition" if mine["partition"] == theirs["partition"] else "ANOTHER PARTITION"
        wall, spent = theirs["wall"] / mine["wall"], theirs["cpu"] / mine["cpu"]
        print(f"{mine['n']}: {wall:.1f} times as fast as scikit-learn (in CPU seconds {spent:.1f}), {same}")
    if plot:
        draw_cost(rows, plot)


def _fixed_hash() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONHASHSEED": "0"}


def exponent(measured: list[dict[str, float]], key: str) -> float | None:
    """Of the growth with size, from LARGE up; None where fewer than two sizes were measured."""
    large = [row for row in measured if row["n"] >= LARGE]
    if len(large) < 2:
        return None
    return float(np.polyfit(np.log([row["n"] for row in large]), np.log([row[key] for row in large]), 1)[0])


def draw_cost(rows: dict[str, list[dict[str, float]]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    for number, (key, title) in enumerate((("cpu", "CPU seconds"), ("mb", "peak memory, MB")), start=1):
        axes = figure.add_subplot(1, 2, number, xscale="log", yscale="log", xlabel="faces", ylabel=title)
        for how, measured in rows.items():
            slope = exponent(measured, key)
            label = how if slope is None else f"{how}: n^{slope:.2f} from {LARGE} up"
            axes.plot([row["n"] for row in measured], [row[key] for row in measured], marker="o", label=label)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)


def growth(source: Path, model: str, portions: int) -> None:
    vectors, truth = read(source)
    order = np.random.default_rng(0).permutation(len(truth))
    vectors, truth, thresholds = vectors[order], truth[order], thresholds_of(model)
    whole = timed(lambda: cluster(alone(vectors), thresholds).clusters)
    current, m, spent = np.full(len(truth), -1), 0, []
    for part in np.array_split(np.arange(len(truth)), portions):
        seen = np.arange(part[-1] + 1)
        sums = ExistingClusters.of(alone(vectors[seen]), current[seen], m, thresholds)
        new = alone(vectors[part])
        result, seconds = timed(partial(cluster_new, new, current[part], sums, thresholds))
        spent.append(seconds)
        current = np.where(current >= 0, np.append(result.merged_into, -1)[current], -1)
        current[part] = result.clusters
        m = max(m, int(current.max()) + 1)
    for title, labels in (("one run", whole[0]), (f"{portions} portions", current)):
        score = b_cubed(labels, truth)
        print(f"{title:<14} P {score.precision:.4f}  R {score.recall:.4f}  F {score.f:.4f}")
    print(f"one run {whole[1]:.2f} s; a portion {np.mean(spent):.3f} s, the last {spent[-1]:.3f} s")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def main() -> None:
    if sys.argv[1:2] == ["one"]:
        one_cost(int(sys.argv[2]), Path(sys.argv[4]) if len(sys.argv) > 4 else None, sys.argv[3])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("quality", "cost", "growth"):
        command = commands.add_parser(name)
        if name == "cost":
            command.add_argument("sizes", type=int, nargs="*", default=SIZES)
            command.add_argument("--source", type=Path)
            command.add_argument("--against", action="store_true")
        else:
            command.add_argument("sources", type=Path, nargs="+" if name == "quality" else 1)
            command.add_argument("--model", default="dlib-resnet")
        if name == "growth":
            command.add_argument("--portions", type=int, default=20)
        else:
            command.add_argument("--plot", type=Path)
    chosen = parser.parse_args()
    if chosen.command == "quality":
        quality(chosen.sources, chosen.model, chosen.plot)
    elif chosen.command == "cost":
        cost(list(chosen.sizes), chosen.source, chosen.against, chosen.plot)
    else:
        growth(chosen.sources[0], chosen.model, chosen.portions)


if __name__ == "__main__":
    main()
