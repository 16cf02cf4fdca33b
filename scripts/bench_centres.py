"""How much localized centering helps: subtracting from a face's vector the mean of similar strangers.

    python scripts/bench_centres.py [--data ../shared/data] [--cache FOLDER]

True accepts at a false accept rate of 1e-3 over all pairs of each development set, with face-reid-0095 and facelib-face as they
come, and centred by ``facelib.vision.centering.localized_centering`` with the centroids that ship. Only detected faces are read from CACHE.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from development_sets.labelled_sets import SUBJECT, embedded, subjects

from facelib.evaluation.pairs import all_pairs, pair_distances, tar_at_far
from facelib.model_zoo import registry, weights
from facelib.vision.centering import localized_centering, read_centroids
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.loader import load_face_embedder

EMBEDDERS = ("face-reid-0095", "facelib-face")
FAR = 1e-3
FRACTIONS, SHARPNESSES = (0.3, 0.5, 0.7, 1.0), (0.0, 10.0, 20.0, 40.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the development sets")
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    for name in EMBEDDERS:
        card, loaded = registry.card(name), load_face_embedder(name, "cpu", 1)
        assert isinstance(loaded, NetworkFaceEmbedder)
        plain = NetworkFaceEmbedder(card, loaded.runtime)
        centroids = read_centroids(weights.find(card)["centroids"], card.dimension).centroids
        assert centroids is not None
        sets = {}
        for each in SUBJECT:
            found = subjects(options.data, each, "mtcnn", options.cache)
            person = np.unique([str(Path(file).parent) for file in found.files[found.seen]], return_inverse=True)[1]
            one, other = all_pairs(len(person))
            sets[each] = embedded(options.data / f"{each}.zip", found, plain), person[one] == person[other]
        print(f"{name}: fraction, sharpness, true accepts on {', '.join(sets)}")
        settings = [(0.0, 0.0)] + [(fraction, sharpness) for sharpness in SHARPNESSES for fraction in FRACTIONS]
        for fraction, sharpness in settings:
            centred = ((localized_centering(vectors, centroids, fraction, sharpness), same) for vectors, same in sets.values())
            accepted = [tar_at_far(pair_distances(vectors), same, FAR)[0] for vectors, same in centred]
            print(f"  {fraction:.1f} {sharpness:4.0f}   " + "  ".join(f"{share:.3f}" for share in accepted), flush=True)


if __name__ == "__main__":
    main()
