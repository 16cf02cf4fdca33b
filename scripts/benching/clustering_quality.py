"""How well clustering finds people: the program and other methods on labelled faces, at every threshold of a range."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benching import other_clusterers
from benching.other_clusterers import Labels
from benching.single_faces import card_thresholds, cluster_faces
from benching.vectors import read_labelled
from facelib.evaluation.groups import Score, b_cubed, pairwise
from facelib.thresholds import Thresholds

OURS = "facelib"
BAND = 0.01
"""Thresholds whose F is at most this much below the best belong to the band of a method."""

Curves = dict[str, dict[str, list[Score]]]
"""``curves[source][method]`` has a score for each threshold, run after run."""


def compare_methods(sources: list[Path], embedder: str, plot: Path | None) -> None:
    """Print the scores of each method on each source, and plot them."""
    thresholds = card_thresholds(embedder)
    curves: Curves = {}
    ours: dict[str, tuple[Score, Score]] = {}
    middle, step = thresholds.linkage_threshold, thresholds.group_threshold / 20
    cuts = np.round(np.arange(max(step, middle - 32 * step), middle + 16 * step, step), 3)
    for source in sources:
        labelled = read_labelled(source)
        vectors, truth = labelled.vectors, labelled.person
        print(f"\n{source.stem}: {len(truth)} faces of {len(np.unique(truth))} people, embedder {embedder}")
        print(f"{'':<22}best F  (P, R, cut)                best F at P >= 0.99 (R, cut)   band within 0.01")
        shipped = cluster_faces(vectors, thresholds)
        curves[source.stem] = {}
        for name, partitions in run_methods(vectors, thresholds, cuts):
            scores = [b_cubed(labels, truth) for labels in partitions]
            curves[source.stem][name] = scores
            print(f"{name:<22}{summary(scores, cuts, thresholds.group_threshold)}", flush=True)
        score, pairs = b_cubed(shipped, truth), pairwise(shipped, truth)
        ours[source.stem] = score, pairs
        print(f"{'facelib as shipped':<22}F {score.f:.4f}  P {score.precision:.4f}  R {score.recall:.4f}  pairwise P {pairs.precision:.4f}")
    print_best_of_each(curves, ours)
    if len(sources) > 1:
        print_one_setting(curves, cuts)
    if plot:
        draw(curves, cuts, thresholds.linkage_threshold, plot)


def print_best_of_each(curves: Curves, ours: dict[str, tuple[Score, Score]]) -> None:
    """B-cubed F of facelib as shipped, and of each other method with the threshold that is best for the source, chosen by the truth."""
    print("\nfacelib as shipped; each other method at its own best threshold for each source with P >= 0.99")
    each = "   ".join(f"{title} F {b.f:.4f} (P {b.precision:.3f}, pairs {p.precision:.3f})" for title, (b, p) in ours.items())
    print(f"{'facelib':<22}{each}")
    for name in [name for name in next(iter(curves.values())) if name != OURS]:
        best = {title: max((s.f for s in of_source[name] if s.precision >= 0.99), default=None) for title, of_source in curves.items()}
        print(f"{name:<22}" + "   ".join(f"{title} {'none' if f is None else f'F {f:.4f}'}" for title, f in best.items()))


def print_one_setting(curves: Curves, cuts: np.ndarray) -> None:
    """For each method the setting with the highest mean F that has a precision of at least 0.98 on every source."""
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


def with_threshold(thresholds: Thresholds, cut: float) -> Thresholds:
    """The same with all thresholds of pass 2 moved so that the highest is ``cut``."""
    pairs = max(0.01, thresholds.pair_threshold + cut - thresholds.linkage_threshold)
    return thresholds.override({"linkage_threshold": cut, "pair_threshold": pairs})


def run_methods(vectors: np.ndarray, thresholds: Thresholds, cuts: np.ndarray) -> list[tuple[str, list[Labels]]]:
    """The name of each method, and its partitions at all thresholds."""
    distances = np.clip(1 - vectors.astype(np.float64) @ vectors.T.astype(np.float64), 0, 2)
    np.fill_diagonal(distances, 0)
    return [
        (OURS, [cluster_faces(vectors, with_threshold(thresholds, float(cut))) for cut in cuts]),
        ("scikit-learn average", other_clusterers.average_linkage(distances, cuts)),
        ("median of pairs", other_clusterers.median_linkage(distances, cuts)),
        ("scikit-learn HDBSCAN", other_clusterers.hdbscan(distances, cuts)),
        ("scikit-learn DBSCAN", other_clusterers.dbscan(distances, cuts)),
        ("Chinese whispers", other_clusterers.chinese_whispers(distances, cuts)),
    ]


def summary(scores: list[Score], cuts: np.ndarray, unit: float) -> str:
    """The best of several runs over the cuts; scores after the last whole run have no cut, which is shown as 0."""
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
    """Ends of the unbroken range of cuts around the best one in which F is within :data:`BAND` of the best."""
    low = high = best
    while low > 0 and cuts[low - 1] < cuts[low] and f[low - 1] >= f[best] - BAND:
        low -= 1
    while high + 1 < len(f) and cuts[high + 1] > cuts[high] and f[high + 1] >= f[best] - BAND:
        high += 1
    return float(cuts[low]), float(cuts[high])


def draw(curves: Curves, cuts: np.ndarray, shipped: float, path: Path) -> None:
    """F against the threshold, and precision against recall, a column for each source."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5 * len(curves), 8.5), layout="constrained")
    for number, (title, methods_of) in enumerate(curves.items(), start=1):
        above = figure.add_subplot(2, len(curves), number, title=title, xlabel="threshold, cosine distance", ylabel="B-cubed F")
        above.set_ylim(0, 1.03)
        below = figure.add_subplot(2, len(curves), len(curves) + number, xlabel="recall (B-cubed)", ylabel="precision (B-cubed)")
        for name, scores in methods_of.items():
            runs = [scores[k : k + len(cuts)] for k in range(0, len(scores) - len(cuts) + 1, len(cuts))]
            best = max(runs, key=lambda run: max(s.f for s in run))
            f = np.array([s.f for s in best])
            style: dict[str, Any] = {"linewidth": 2.5, "zorder": 3} if name == OURS else {"linewidth": 1.2}
            (line,) = above.plot(cuts, f, label=name, **style)
            low, high = band(f, cuts, int(f.argmax()))
            above.plot([low, high], [f.max() + 0.012] * 2, color=line.get_color(), linewidth=3)
            below.plot([s.recall for s in best], [s.precision for s in best], marker=".", label=name, **style)
        above.axvline(shipped, color="grey", linestyle=":", label="linkage_threshold as shipped")
        below.axhline(0.99, color="grey", linestyle=":")
        below.set(xlim=(0.2, 1.01), ylim=(0.7, 1.01))
        for axes in (above, below):
            axes.grid(alpha=0.3)
        above.legend(loc="lower center", fontsize="small")
    figure.suptitle("bars: thresholds within 0.01 of a method's best F")
    figure.savefig(path, dpi=100)
