"""Which clusters are listed as people: how many people are lost, and how many guests, posters and passers-by are listed anyway.

    python scripts/bench_people.py FOLDER [--detector mtcnn] [--embedder dlib-resnet] [--libraries 20]

FOLDER holds one folder of photos a person. Libraries are drawn from it at random. A third of the persons are people: one or two
photos in each moment. A sixth are guests: three to eight photos, all in one moment. A quarter are posters: one photo that was
photographed again in several moments (other angle, size, light and colour, blur, JPEG; detected and embedded each time). The
rest are passers-by: one or two photos. Each library is clustered as the program does it, and each cluster is judged. A rule that
looks at the size of a cluster only is shown for comparison.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from benching.alterations import photograph_picture
from PIL import Image

from facelib.clustering.cluster import cluster
from facelib.clustering.observations import Observations
from facelib.clustering.people import LISTED, REASONS, Occasions, count_occasions, distance_across_occasions, unlisted_reasons
from facelib.clustering.sums import intra_distances, sum_by_label
from facelib.model_zoo import registry
from facelib.photos.decode import decode
from facelib.records import Picture
from facelib.thresholds import Thresholds
from facelib.vision.observer import Observer

PHOTOS_OF_POSTER = 8
PERSON, GUEST, POSTER, PASSERBY = "people", "guests", "posters", "seen once or twice"


def embed_folder(folder: Path, models: dict[str, str], thresholds: Thresholds) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """By person, the reliable faces of all photos, and those of the first photo photographed again and again."""
    observer, rng = Observer(models, thresholds, "cpu", 1), np.random.default_rng(0)
    own: dict[str, np.ndarray] = {}
    posters: dict[str, np.ndarray] = {}
    for home in sorted(path for path in folder.iterdir() if path.is_dir()):
        pictures = [decode(path, thresholds.working_side, thresholds.max_pixels) for path in sorted(home.iterdir())]
        own[home.name] = reliable_faces(observer, pictures, thresholds)
        first = Image.fromarray(pictures[0].pixels)
        more = [photograph_picture(first, rng) for _ in range(PHOTOS_OF_POSTER)]
        posters[home.name] = reliable_faces(observer, [Picture(np.asarray(image), *image.size) for image in more], thresholds)
    return own, posters


def reliable_faces(observer: Observer, pictures: list[Picture], thresholds: Thresholds) -> np.ndarray:
    faces = []
    for picture in pictures:
        found = observer.embed(picture, observer.detect(picture)[:1])
        faces += [s.face_embedding for s in found if s.face is not None and s.face.reliability >= thresholds.min_reliability]
    return np.array(faces, dtype=np.float32)


def draw_library(own: dict[str, np.ndarray], posters: dict[str, np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Faces, the person and the moment of each, and the role of each person."""
    names = rng.permutation(sorted(own)).tolist()
    n = len(names)
    roles = [PERSON] * (n // 3) + [GUEST] * (n // 6) + [POSTER] * (n // 4)
    roles += [PASSERBY] * (n - len(roles))
    faces, person, moment, next_moment = [], [], [], 0
    for number, (name, role) in enumerate(zip(names, roles, strict=True)):
        rows = posters[name] if role == POSTER else own[name][rng.permutation(len(own[name]))]
        if role in (GUEST, PASSERBY):
            rows = rows[: int(rng.integers(3, 9)) if role == GUEST else int(rng.integers(1, 3))]
        own_moments = np.zeros(len(rows), dtype=int) if role == GUEST else np.arange(len(rows)) // int(rng.integers(1, 3))
        faces.append(rows)
        person += [number] * len(rows)
        moment += (next_moment + own_moments).tolist()
        next_moment = moment[-1] + 1 if moment else 0
    return np.concatenate(faces), np.array(person), np.array(moment), np.array(roles)


def judge_clusters(faces: np.ndarray, person: np.ndarray, moment: np.ndarray, thresholds: Thresholds) -> tuple[np.ndarray, ...]:
    """Of each cluster the person most of its faces are of, its size, and the judgement."""
    n = len(faces)
    unknown = np.full(n, -1)
    found = cluster(Observations(faces, np.zeros((n, 0)), np.arange(n), moment, np.ones(n), unknown, unknown), thresholds).clusters
    m = int(found.max()) + 1
    sums, counts = sum_by_label(faces, found, m)
    across = distance_across_occasions(faces, found, moment, m)
    occasions = Occasions(count_occasions(found, moment, m), len(np.unique(moment)), across)
    mostly = np.array([np.bincount(person[found == k]).argmax() for k in range(m)])
    return mostly, counts, unlisted_reasons(sums, counts, np.full(m, -1), thresholds, occasions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--embedder", default="dlib-resnet")
    parser.add_argument("--libraries", type=int, default=20)
    options = parser.parse_args()
    models = {
        **registry.DEFAULTS,
        registry.FACE_DETECTOR: options.detector,
        registry.FACE_EMBEDDER: options.embedder,
    }
    thresholds = Thresholds().override(registry.card(options.detector).thresholds).override(registry.card(options.embedder).thresholds)
    own, posters = embed_folder(options.folder, models, thresholds)
    for title, rows in (("all photos of a person", own), ("one photo taken again", posters)):
        several = [faces for faces in rows.values() if len(faces) > 2]
        within = intra_distances(np.stack([faces.sum(axis=0) for faces in several]), np.array([len(faces) for faces in several]))
        low, middle, high = np.percentile(within, [1, 50, 99])
        near = np.mean(within < thresholds.picture_distance)
        print(f"mean distance within {title}: 1 % {low:.3f}, half {middle:.3f}, 99 % {high:.3f}; taken for one picture {near:.2f}")
    listed: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    why: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for number in range(options.libraries):
        faces, person, moment, roles = draw_library(own, posters, np.random.default_rng(number))
        mostly, counts, verdict = judge_clusters(faces, person, moment, thresholds)
        for one in np.unique(person):
            mine = mostly == one
            listed[roles[one]].append(((counts[mine] >= thresholds.min_cluster_size).any(), (verdict[mine] == LISTED).any()))
            for reason in np.unique(verdict[mine]):
                why[roles[one]][REASONS[reason] or "listed"] += 1
    print(f"{options.libraries} libraries, {options.embedder}: share of them listed by size alone, and as the program does")
    for role in (PERSON, GUEST, POSTER, PASSERBY):
        by_size, choice = np.mean(listed[role], axis=0)
        print(f"{role:<20} {by_size:.3f} {choice:.3f}   of {len(listed[role])}; clusters: {dict(why[role])}")


if __name__ == "__main__":
    main()
