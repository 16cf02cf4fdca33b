"""How well each body embedder recognises the same clothes within a moment.

    python scripts/bench_bodies.py [--embedders colour-texture facelib-body body-reid-0286] [--data ../shared/data] [--cache FOLDER]
    python scripts/bench_bodies.py --outfits FILE --gallery GALLERY

Same clothes: two views of one photo (moved and turned, in other light, partly covered). Different clothes: views of two people.
The people are those of ``upper-bodies`` that facelib-body was not trained on, and those of ``celebrities-dev``. Two photos of one
person count as neither.

With --outfits FILE (lines of ``OUTFIT OBSERVATION-ID``) the real photos of a gallery are compared instead of views.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benching.alterations import next_shot
from benching.moment_views import SOURCE
from development_sets.labelled_sets import pictures, subjects

from facelib.evaluation.pairs import tar_at_far
from facelib.model_zoo import registry
from facelib.photos.decode import decode
from facelib.store import observations, photos
from facelib.store.gallery import Gallery
from facelib.thresholds import Thresholds
from facelib.training.bodies_dataset import read_bodies
from facelib.vision.bodies import upper_body_from_face
from facelib.vision.crops import body_crops
from facelib.vision.loader import load_body_embedder
from facelib.vision.protocols import BodyEmbedder

# Landmarks of a face above a crop of an upper body, in sides of the crop: views are turned about them.
_FACE = np.array([[0.42, -0.3], [0.58, -0.3], [0.5, -0.22], [0.44, -0.14], [0.56, -0.14]])
_INSET = 0.06

Scene = tuple[np.ndarray, np.ndarray, np.ndarray, int]
"""Pixels, landmarks, box of the upper body, person."""


def held_out_people(archive: Path) -> Iterator[Scene]:
    """Each crop that was held out of training."""
    for person, crop in enumerate(read_bodies(archive).held_out):
        side = len(crop)
        yield crop, _FACE * side, np.array([_INSET, _INSET, 1 - _INSET, 1 - _INSET]) * side, person


def celebrities(data: Path, cache: Path | None, max_photos: int) -> Iterator[Scene]:
    """At most ``max_photos`` photos of ``celebrities-dev``, evenly spread."""
    found = subjects(data, SOURCE, registry.DEFAULTS[registry.FACE_DETECTOR], cache)
    rows = np.flatnonzero(found.seen)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(max_photos, len(rows))).astype(int))]
    person = np.unique([str(Path(file).parent) for file in found.files.tolist()], return_inverse=True)[1]
    for row, picture in zip(rows.tolist(), pictures(data / f"{SOURCE}.zip", found.files[rows].tolist()), strict=True):
        assert picture is not None
        x0, y0, x1, y1 = (float(edge) for edge in found.boxes[row])
        box = upper_body_from_face((x0, y0, x1, y1), picture.width, picture.height, (), found.landmarks[row])
        if box is not None:
            scale = np.array(picture.scale)
            yield picture.pixels, found.landmarks[row] / scale, np.array(box) / np.tile(scale, 2), int(person[row])


def crop_views(scenes: Iterator[Scene], embedders: list[BodyEmbedder], views: int) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Crops of ``views`` views of each scene for each embedder; the person and the scene of each crop."""
    rng = np.random.default_rng(11)
    crops: list[list[np.ndarray]] = [[] for _ in embedders]
    person, scene = [], []
    for number, (pixels, points, box, person_shown) in enumerate(scenes):
        for _ in range(views):
            view, _, area = next_shot(pixels, points, box, False, rng)
            for own_crops, embedder in zip(crops, embedders):
                own_crops.append(body_crops(view, area[None], embedder.card.input_size)[0])
            person.append(person_shown)
            scene.append(number)
    return [np.stack(own_crops) for own_crops in crops], np.array(person), np.array(scene)


def crop_outfits(path: Path, table: Path, embedders: list[BodyEmbedder]) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Crops of the observations in a table, for each embedder; their outfits, as persons and as scenes."""
    outfit_of = {int(number): outfit for outfit, number in (line.split() for line in table.read_text(encoding="utf-8").splitlines())}
    crops: list[list[np.ndarray]] = [[] for _ in embedders]
    outfits = []
    with Gallery.read(path) as gallery:
        for photo in photos.photos(gallery):
            rows = [row for row in observations.of_photo(gallery, photo.id) if row.id in outfit_of and row.body is not None]
            picture = decode(Path(str(photo.path)), Thresholds().working_side, Thresholds().max_pixels)
            boxes = np.array([row.body.box for row in rows if row.body]).reshape(-1, 4) / np.tile(np.array(picture.scale), 2)
            for own_crops, embedder in zip(crops, embedders):
                own_crops.extend(body_crops(picture.pixels, boxes, embedder.card.input_size))
            outfits += [outfit_of[row.id] for row in rows]
    outfit = np.unique(outfits, return_inverse=True)[1]
    return [np.stack(own_crops) for own_crops in crops], outfit, outfit


def describe_pairs(vectors: np.ndarray, person: np.ndarray, scene: np.ndarray, cut: float) -> str:
    """Area under the ROC curve, true accept rates at two false accept rates and at the card's ``body_threshold``, and the median distance
    of two people, which beta of the card is multiplied by."""
    first, second = np.triu_indices(len(vectors), 1)
    same = scene[first] == scene[second]
    used = same | (person[first] != person[second])
    distances, same = (1 - vectors @ vectors.T)[first, second][used], same[used]
    order = np.sort(distances[same])
    below = np.searchsorted(order, distances[~same], "left") + np.searchsorted(order, distances[~same], "right")
    area = below.mean() / (2 * len(order))
    (tar_3, cut_3), (tar_2, cut_2) = tar_at_far(distances, same, 1e-3), tar_at_far(distances, same, 1e-2)
    near = distances < cut
    return (
        f"AUC {area:.4f}  TAR {tar_3:.3f} at FAR 1e-3 (cut {cut_3:.3f}), {tar_2:.3f} at 1e-2 (cut {cut_2:.3f})"
        f"  body_threshold {cut:.2f}: TAR {near[same].mean():.3f} FAR {near[~same].mean():.5f}"
        f"  others {np.median(distances[~same]):.3f} apart"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedders", nargs="+", default=["colour-texture", "facelib-body", "body-reid-0286"])
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--max-photos", type=int, default=400)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, help="store detected faces here")
    parser.add_argument("--outfits", type=Path)
    parser.add_argument("--gallery", type=Path)
    options = parser.parse_args()
    embedders = [load_body_embedder(name, "cpu", 1) for name in options.embedders]
    if options.outfits:
        sets = {"outfits": crop_outfits(options.gallery, options.outfits, embedders)}
    else:
        sets = {
            "upper-bodies, held out": crop_views(held_out_people(options.data / "upper-bodies.zip"), embedders, options.views),
            SOURCE: crop_views(celebrities(options.data, options.cache, options.max_photos), embedders, options.views),
        }
    for name, (crops, person, scene) in sets.items():
        print(f"{name}: {len(np.unique(scene))} scenes of {len(np.unique(person))} people, {len(scene)} views")
        for embedder, own_crops in zip(embedders, crops):
            embedder.embed(own_crops[:4])  # what is loaded at a first call is not measured
            before = time.process_time()
            vectors = embedder.embed(own_crops)
            spent = (time.process_time() - before) / len(own_crops) * 1000
            figures = describe_pairs(vectors, person, scene, embedder.card.thresholds["body_threshold"])
            print(f"  {embedder.card.name:15} {figures}  {spent:.2f} ms CPU a crop", flush=True)


if __name__ == "__main__":
    main()
