"""Who is listed: are people lost, and how many guests, posters and strangers still pass, against a rule of size alone.

    python scripts/bench_people.py FOLDER [--detector mtcnn] [--embedder dlib-resnet] [--deals 20]

FOLDER holds one folder of photos a person. Libraries are dealt from it at random: a third of the people are people, each photo a
moment or two of its own; a sixth are guests, three to eight photos of one moment; a quarter are posters, one photo taken again
and again in several moments (other corner, size, light and colour, blur, JPEG; detected and embedded anew each time); the rest
are seen once or twice. Each library is clustered as the program does, and each cluster judged.
"""

from __future__ import annotations

import argparse
import io
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from facelib.clustering.cluster import cluster
from facelib.clustering.observations import Observations
from facelib.clustering.people import COUNTS, REASONS, Occasions, count_occasions, distance_across_occasions, unlisted_reasons
from facelib.clustering.sums import intra_distances, sum_by_label
from facelib.model_zoo import registry
from facelib.photos.decode import decode
from facelib.records import Picture
from facelib.thresholds import Thresholds
from facelib.vision.observer import Observer

AGAIN = 8
PERSON, GUEST, POSTER, PASSING = "people", "guests", "posters", "seen once or twice"


def taken_again(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The same picture, from another place, in other light, by another camera."""
    w, h = image.size
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)]) * rng.uniform(0.94, 1.06, (4, 2)) + rng.uniform(-0.03, 0.03, (4, 2)) * (w, h)
    rows, wanted = [], []
    for (x, y), (u, v) in zip([(0, 0), (w, 0), (w, h), (0, h)], corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    warp = np.linalg.solve(np.array(rows, dtype=float), np.array(wanted))
    image = image.transform((w, h), Image.Transform.PERSPECTIVE, warp.tolist(), Image.Resampling.BICUBIC, fillcolor=(128, 120, 110))
    size = rng.uniform(0.6, 1.2)
    image = image.resize((round(w * size), round(h * size)))
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.65, 1.3))
    image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.8, 1.2))
    image = Image.fromarray(np.clip(np.asarray(image) * np.clip(rng.normal(1, 0.05, 3), 0.85, 1.15), 0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.8)))
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=int(rng.integers(50, 95)))
    return Image.open(kept).convert("RGB")


def embed(folder: Path, models: dict[str, str], thresholds: Thresholds) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Of each person the faces of all photos, and those of the first photo taken again and again; reliable ones only."""
    observer, rng = Observer(models, thresholds, "cpu", 1), np.random.default_rng(0)
    own: dict[str, np.ndarray] = {}
    again: dict[str, np.ndarray] = {}
    for home in sorted(path for path in folder.iterdir() if path.is_dir()):
        pictures = [decode(path, thresholds.working_side, thresholds.max_pixels) for path in sorted(home.iterdir())]
        own[home.name] = seen_in(observer, pictures, thresholds)
        first = Image.fromarray(pictures[0].pixels)
        more = [taken_again(first, rng) for _ in range(AGAIN)]
        again[home.name] = seen_in(observer, [Picture(np.asarray(image), *image.size) for image in more], thresholds)
    return own, again


def seen_in(observer: Observer, pictures: list[Picture], thresholds: Thresholds) -> np.ndarray:
    faces = []
    for picture in pictures:
        found = observer.embed(picture, observer.detect(picture)[:1])
        faces += [s.face_embedding for s in found if s.face is not None and s.face.reliability >= thresholds.min_reliability]
    return np.array(faces, dtype=np.float32)


def deal(own: dict[str, np.ndarray], again: dict[str, np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Faces, who they are, their moments, and the role of everybody."""
    names = rng.permutation(sorted(own)).tolist()
    n = len(names)
    roles = [PERSON] * (n // 3) + [GUEST] * (n // 6) + [POSTER] * (n // 4)
    roles += [PASSING] * (n - len(roles))
    faces, who, moment, last = [], [], [], 0
    for number, (name, role) in enumerate(zip(names, roles, strict=True)):
        rows = again[name] if role == POSTER else own[name][rng.permutation(len(own[name]))]
        if role in (GUEST, PASSING):
            rows = rows[: int(rng.integers(3, 9)) if role == GUEST else int(rng.integers(1, 3))]
        spots = np.zeros(len(rows), dtype=int) if role == GUEST else np.arange(len(rows)) // int(rng.integers(1, 3))
        faces.append(rows)
        who += [number] * len(rows)
        moment += (last + spots).tolist()
        last = moment[-1] + 1 if moment else 0
    return np.concatenate(faces), np.array(who), np.array(moment), np.array(roles)


def judged(faces: np.ndarray, who: np.ndarray, moment: np.ndarray, thresholds: Thresholds) -> tuple[np.ndarray, ...]:
    """Of each cluster who it mostly is, its size, and the verdict."""
    n = len(faces)
    minus = np.full(n, -1)
    found = cluster(Observations(faces, np.zeros((n, 0)), np.arange(n), moment, np.ones(n), minus, minus), thresholds).clusters
    m = int(found.max()) + 1
    sums, counts = sum_by_label(faces, found, m)
    across = distance_across_occasions(faces, found, moment, m)
    occasions = Occasions(count_occasions(found, moment, m), len(np.unique(moment)), across)
    mostly = np.array([np.bincount(who[found == k]).argmax() for k in range(m)])
    return mostly, counts, unlisted_reasons(sums, counts, np.full(m, -1), thresholds, occasions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--embedder", default="dlib-resnet")
    parser.add_argument("--deals", type=int, default=20)
    chosen = parser.parse_args()
    models = {
        **registry.DEFAULTS,
        registry.FACE_DETECTOR: chosen.detector,
        registry.FACE_EMBEDDER: chosen.embedder,
    }
    thresholds = Thresholds().override(registry.card(chosen.detector).thresholds).override(registry.card(chosen.embedder).thresholds)
    own, again = embed(chosen.folder, models, thresholds)
    for title, rows in (("all photos of a person", own), ("one photo taken again", again)):
        several = [faces for faces in rows.values() if len(faces) > 2]
        within = intra_distances(np.stack([faces.sum(axis=0) for faces in several]), np.array([len(faces) for faces in several]))
        low, middle, high = np.percentile(within, [1, 50, 99])
        near = np.mean(within < thresholds.picture_distance)
        print(f"mean distance within {title}: 1 % {low:.3f}, half {middle:.3f}, 99 % {high:.3f}; taken for one picture {near:.2f}")
    listed: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    why: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for number in range(chosen.deals):
        faces, who, moment, roles = deal(own, again, np.random.default_rng(number))
        mostly, counts, verdict = judged(faces, who, moment, thresholds)
        for person in np.unique(who):
            mine = mostly == person
            listed[roles[person]].append(((counts[mine] >= thresholds.min_cluster_size).any(), (verdict[mine] == COUNTS).any()))
            for reason in np.unique(verdict[mine]):
                why[roles[person]][REASONS[reason] or "listed"] += 1
    print(f"{chosen.deals} libraries, {chosen.embedder}: share of them listed by size alone, and as chosen")
    for role in (PERSON, GUEST, POSTER, PASSING):
        by_size, choice = np.mean(listed[role], axis=0)
        print(f"{role:<20} {by_size:.3f} {choice:.3f}   of {len(listed[role])}; clusters: {dict(why[role])}")


if __name__ == "__main__":
    main()
