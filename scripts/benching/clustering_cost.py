"""What clustering costs as a library grows: seconds and peak memory, each size measured in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from benching.drawing import LOG_LOG, Curve, Panel, draw_panels
from benching.other_clusterers import Labels
from benching.single_faces import card_thresholds, cluster_faces
from benching.timing import growth_exponent, measure
from benching.vectors import random_centres, read_labelled, scatter
from facelib.clustering.linkage import link

DIMENSION, PHOTOS_PER_PERSON = 128, 25
LARGE = 3000
"""Smaller libraries do not count for the exponent: most of their cost does not depend on the size."""
COMPARED = 10_000
"""Largest size at which scikit-learn runs too: it needs a matrix of all distances."""

Row = dict[str, float]


def synthetic_faces(n: int, source: Path | None) -> np.ndarray:
    """Faces of people on a sphere, 0.2 apart from each other and 1.0 from strangers; or those of the source, repeated with noise."""
    rng = np.random.default_rng(n)
    if source:
        vectors = read_labelled(source).vectors
        return scatter(rng, vectors[rng.integers(0, len(vectors), n)], 0.35)
    centres = random_centres(rng, max(1, n // PHOTOS_PER_PERSON), DIMENSION)
    return scatter(rng, centres[rng.integers(0, len(centres), n)], 0.5)


def measure_size(n: int, method: str, source: Path | None) -> None:
    """Measure one size in this process and print it as JSON."""
    vectors = synthetic_faces(n, source)
    # What is loaded or started at the first call is not measured.
    run_method(vectors[:300], method)
    labels, cost = measure(lambda: run_method(vectors, method))
    _, first, index = np.unique(labels, return_index=True, return_inverse=True)
    # Equal partitions have equal lists of "the first row of my cluster".
    partition = hash(first[index].tobytes())
    row = {"n": n, "wall": cost.wall, "cpu": cost.cpu, "mb": cost.peak_memory / 2**20, "clusters": len(first), "partition": partition}
    print(json.dumps(row))


def run_method(vectors: np.ndarray, method: str) -> Labels:
    """Cluster by all of facelib, by its average linkage only (``link``), or by that of scikit-learn (``sklearn``)."""
    thresholds = card_thresholds("dlib-resnet")
    if method == "facelib":
        return cluster_faces(vectors, thresholds)
    if method == "link":
        return link(vectors, np.ones(len(vectors)), thresholds.linkage_threshold)
    from sklearn.cluster import AgglomerativeClustering

    model = AgglomerativeClustering(n_clusters=None, metric="cosine", linkage="average", distance_threshold=thresholds.linkage_threshold)
    labels: Labels = model.fit_predict(vectors)
    return labels


def compare_sizes(script: Path, sizes: list[int], source: Path | None, compare: bool, plot: Path | None) -> None:
    """Print the cost at each size, the exponents and, with ``compare``, the ratio to scikit-learn; ``script`` has a command ``one``."""
    rows: dict[str, list[Row]] = {}
    print(f"{'size':>9} {'method':<10} {'wall s':>9} {'cpu s':>9} {'peak MB':>9} {'clusters':>9}")
    for n in sizes:
        for method in ("facelib", "link", "sklearn") if compare and n <= COMPARED else ("facelib",):
            arguments = [sys.executable, str(script), "one", str(n), method, *(["--source", str(source)] if source else [])]
            # The same hash of the same partition in every process.
            done = subprocess.run(arguments, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "0"})
            row = json.loads(done.stdout)
            rows.setdefault(method, []).append(row)
            print(f"{n:>9} {method:<10} {row['wall']:>9.2f} {row['cpu']:>9.2f} {row['mb']:>9.0f} {row['clusters']:>9}", flush=True)
    for method, measured in rows.items():
        exponent = exponent_from_large(measured, "cpu")
        if exponent is not None:
            print(f"{method}: CPU seconds grow as n^{exponent:.2f} from {LARGE} up")
    for mine, theirs in zip(rows.get("link", []), rows.get("sklearn", []), strict=True):
        same = "the same partition" if mine["partition"] == theirs["partition"] else "ANOTHER PARTITION"
        wall, cpu = theirs["wall"] / mine["wall"], theirs["cpu"] / mine["cpu"]
        print(f"{mine['n']}: {wall:.1f} times as fast as scikit-learn (in CPU seconds {cpu:.1f}), {same}")
    if plot:
        panels = [_panel(rows, key, title) for key, title in (("cpu", "CPU seconds"), ("mb", "peak memory, MB"))]
        draw_panels(panels, plot, size=(5, 4.5))


def exponent_from_large(measured: list[Row], key: str) -> float | None:
    """Exponent of the growth with size, from :data:`LARGE` up; None where fewer than two sizes were measured."""
    large = [row for row in measured if row["n"] >= LARGE]
    return growth_exponent([row["n"] for row in large], [row[key] for row in large]) if len(large) > 1 else None


def _panel(rows: dict[str, list[Row]], key: str, title: str) -> Panel:
    curves = []
    for method, measured in rows.items():
        exponent = exponent_from_large(measured, key)
        label = method if exponent is None else f"{method}: n^{exponent:.2f} from {LARGE} up"
        curves.append(Curve([row["n"] for row in measured], [row[key] for row in measured], label))
    return Panel("faces", title, curves, LOG_LOG)
