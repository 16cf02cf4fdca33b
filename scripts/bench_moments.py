"""How much clothes help: simulated moments, clustered with and without the body cue at equal precision.

    python scripts/bench_moments.py [--embedder NAME] [--body NAME] [--photos-per-moment 2 3 5 8] [--data ../shared/data] [--plot OUT.png]

Every photo of ``celebrities-dev``, which shows the upper body, becomes a moment: several views of it in which the person wears
the same clothes, in other light, moved and turned, partly covered. In some views the face is hard to recognise (small, masked,
or behind sunglasses), in some it is not visible. Two or three people share a moment; some are strangers seen in one moment only.

With and without the body cue, ``group_threshold`` is swept. Compared are the recall of pass 1 at a pairwise precision of at least 0.995
within moments, and the B-cubed F of the final clusters. ``scripts/calibrate.py`` sets beta and body_threshold with the same views.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from benching.drawing import Curve, Panel, draw_panels
from benching.moment_views import VIEWS_PER_PHOTO, moment_views
from benching.simulated_moments import Library, score_first_pass, simulated_libraries, without_bodies

from facelib.clustering.cluster import cluster
from facelib.evaluation.groups import b_cubed
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds

MIN_PRECISION = 0.995


def best_first_cut(libraries: list[Library], thresholds: Thresholds, first_cuts: np.ndarray) -> tuple[float, float, float, float]:
    """(recall, cut, precision, faceless joined) at the group_threshold of the highest recall that keeps :data:`MIN_PRECISION`."""
    results = []
    for cut in first_cuts:
        precision, recall, faceless = score_first_pass(libraries, thresholds.override({"group_threshold": float(cut)}))
        if precision >= MIN_PRECISION:
            results.append((recall, float(cut), precision, faceless))
    return max(results, default=(0.0, 0.0, 0.0, 0.0))


def final_clusters(libraries: list[Library], thresholds: Thresholds) -> tuple[float, float]:
    """Mean B-cubed F and precision of both passes."""
    scores = [b_cubed(cluster(rows, thresholds).clusters, truth) for rows, truth in libraries]
    return float(np.mean([score.f for score in scores])), float(np.mean([score.precision for score in scores]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedder", default=registry.DEFAULTS[registry.FACE_EMBEDDER])
    parser.add_argument("--body", default=registry.DEFAULTS[registry.BODY_EMBEDDER])
    parser.add_argument("--detector", default=registry.DEFAULTS[registry.FACE_DETECTOR])
    parser.add_argument("--photos-per-moment", type=int, nargs="+", default=[2, 3, 5, VIEWS_PER_PHOTO])
    parser.add_argument("--libraries", type=int, default=3, help="simulated libraries for each length of a moment")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, help="store detected faces and embedded views here")
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    views, truth = moment_views(options.data, options.detector, options.embedder, options.body, options.cache)
    thresholds = Thresholds()
    for name in (options.embedder, options.body):
        thresholds = thresholds.override(dict(registry.card(name).thresholds))
    first_cuts = thresholds.group_threshold * np.arange(0.4, 1.85, 0.1)
    print(f"{options.embedder} and {options.body}, {len(truth)} photos of {len(np.unique(truth))} people, {len(views.photo)} views")
    points = []
    for length in options.photos_per_moment:
        libraries = simulated_libraries(views, truth, length, options.libraries)
        faces_only = [(without_bodies(rows), people) for rows, people in libraries]
        best, best_alone = (best_first_cut(each, thresholds, first_cuts) for each in (libraries, faces_only))
        shipped, shipped_alone = (score_first_pass(each, thresholds) for each in (libraries, faces_only))
        final, final_alone = (final_clusters(each, thresholds) for each in (libraries, faces_only))
        points.append((length, best[0], best_alone[0]))
        print(
            f"{length} photos a moment: recall of pass 1 at P >= {MIN_PRECISION} {best[0]:.3f} with, {best_alone[0]:.3f} without bodies"
            f" | as shipped {shipped[1]:.3f} (P {shipped[0]:.4f}) with, {shipped_alone[1]:.3f} (P {shipped_alone[0]:.4f}) without;"
            f" without a face but joined {shipped[2]:.3f} | final clusters F {final[0]:.3f} (P {final[1]:.3f}) with,"
            f" {final_alone[0]:.3f} (P {final_alone[1]:.3f}) without",
            flush=True,
        )
    if options.plot and points:
        lengths, with_bodies, alone = zip(*points, strict=True)
        curves = [Curve(lengths, with_bodies, "with the body cue"), Curve(lengths, alone, "faces only")]
        draw_panels([Panel("photos a moment", f"recall of pass 1 at P >= {MIN_PRECISION}", curves)], options.plot)


if __name__ == "__main__":
    main()
