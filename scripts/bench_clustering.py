"""Clustering compared with other methods: how well it finds people, and what it costs as a library grows.

    python scripts/bench_clustering.py quality SOURCE... [--embedder dlib-resnet] [--plot OUT.png]
    python scripts/bench_clustering.py cost [SIZE...] [--source SOURCE] [--compare] [--plot OUT.png]
    python scripts/bench_clustering.py incremental SOURCE [--embedder dlib-resnet] [--portions 20]

SOURCE is the gallery of a folder with one folder a person, made by ``facelib index`` (the largest face of each photo counts, its
folder is the person), or an .npz with ``vectors`` and ``labels``.

quality      facelib, and scikit-learn's average linkage, HDBSCAN and DBSCAN, linkage by medians, and Chinese whispers, on the same
             embeddings. Each runs at every threshold of a range, in steps of a twentieth of the embedder's group_threshold. Printed are
             the best B-cubed F, the best F at a precision of 0.99 or more, and the band of thresholds within 0.01 of the best;
             for facelib also the scores with the thresholds it ships with. Then facelib as shipped is compared with every
             other method at its own best threshold for each source. For several sources, the last table has the scores with one
             threshold for all of them, since users cannot know the best threshold of their library. The plot shows F against the
             threshold, and precision against recall.
cost         seconds and peak memory at each size, each in a process of its own, and the exponent of the growth. Vectors are
             synthetic people on a sphere, or those of SOURCE repeated with noise. With --compare also scikit-learn's average
             linkage up to 10,000 faces, and whether the partition is the same.
incremental  SOURCE added in portions, as nightly runs would add it, compared with one run; seconds for each portion.
"""

from __future__ import annotations

import argparse
from pathlib import Path

SIZES = (1000, 3000, 10_000, 30_000, 100_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("quality", "incremental"):
        command = commands.add_parser(name)
        command.add_argument("sources", type=Path, nargs="+" if name == "quality" else 1)
        command.add_argument("--embedder", "--model", default="dlib-resnet", help="(--model is its former name)")
    commands.choices["quality"].add_argument("--plot", type=Path)
    commands.choices["incremental"].add_argument("--portions", type=int, default=20)
    cost = commands.add_parser("cost")
    cost.add_argument("sizes", type=int, nargs="*", default=SIZES)
    cost.add_argument("--source", type=Path)
    cost.add_argument("--compare", action="store_true")
    cost.add_argument("--plot", type=Path)
    one = commands.add_parser("one", description="one size of 'cost', which runs it in a process of its own; prints JSON")
    one.add_argument("size", type=int)
    one.add_argument("method", choices=("facelib", "link", "sklearn"))
    one.add_argument("--source", type=Path)
    options = parser.parse_args()
    from benching import clustering_cost, clustering_in_portions, clustering_quality

    if options.command == "quality":
        clustering_quality.compare_methods(options.sources, options.embedder, options.plot)
    elif options.command == "incremental":
        clustering_in_portions.compare_portions(options.sources[0], options.embedder, options.portions)
    elif options.command == "cost":
        clustering_cost.compare_sizes(Path(__file__), list(options.sizes), options.source, options.compare, options.plot)
    else:
        clustering_cost.measure_size(options.size, options.method, options.source)


if __name__ == "__main__":
    main()
