"""How well each body embedder tells, within a moment, clothes seen before from other clothes.

    python scripts/bench_bodies.py [--embedders colour-texture facelib-body body-reid-0286] [--data ../shared/data] [--cache FOLDER]
    python scripts/bench_bodies.py --outfits FILE --gallery GALLERY

Same: two views of one photo, as ``bench_moments.py`` makes them (cut anew, moved, turned, other light and colour, partly covered).
Different: views of two people. The people are those of ``upper-bodies`` that facelib-body was not trained on, and those of
``celebrities-dev``, of whom two photos of one person count as neither.

With --outfits FILE (lines of ``OUTFIT OBSERVATION-ID``) the real photos of a gallery are compared instead of views.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from bench_moments import SOURCE, one_view
from labelled_sets import pictures, subjects

from facelib.evaluation.pairs import tar_at_far
from facelib.model_zoo import registry
from facelib.photos.decode import decode
from facelib.store import observations, photos
from facelib.store.gallery import Gallery
from facelib.thresholds import Thresholds
from facelib.training.bodies_dataset import read_bodies
from facelib.vision.bodies import upper_body_from_face
from facelib.vision.crops import body_crops
from facelib.vision.embedders import Embedder, load_body_embedder

# Where a face would be above a crop of an upper body, in sides of the crop: what the views turn about.
_FACE = np.array([[0.42, -0.3], [0.58, -0.3], [0.5, -0.22], [0.44, -0.14], [0.56, -0.14]])
_INSET = 0.06

Sight = tuple[np.ndarray, np.ndarray, np.ndarray, int]


def people(archive: Path) -> Iterator[Sight]:
    """Pixels, landmarks, body box and person of each crop that was held out."""
    for person, crop in enumerate(read_bodies(archive).held_out):
        side = len(crop)
        yield crop, _FACE * side, np.array([_INSET, _INSET, 1 - _INSET, 1 - _INSET]) * side, person


def celebrities(data: Path, cache: Path | None, most: int) -> Iterator[Sight]:
    """The same of at most ``most`` photos of ``celebrities-dev``, taken evenly."""
    found = subjects(data, SOURCE, registry.DEFAULTS[registry.FACE_DETECTOR], cache)
    rows = np.flatnonzero(found.seen)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int))]
    person = np.unique([str(Path(file).parent) for file in found.files.tolist()], return_inverse=True)[1]
    for row, picture in zip(rows.tolist(), pictures(data / f"{SOURCE}.zip", found.files[rows].tolist()), strict=True):
        assert picture is not None
        x0, y0, x1, y1 = (float(edge) for edge in found.boxes[row])
        box = upper_body_from_face((x0, y0, x1, y1), picture.width, picture.height, (), found.landmarks[row])
        if box is not None:
            scale = np.array(picture.scale)
            yield picture.pixels, found.landmarks[row] / scale, np.array(box) / np.tile(scale, 2), int(person[row])


def seen(sights: Iterator[Sight], embedders: list[Embedder], views: int) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Crops of ``views`` views of each sight for each embedder, the person of each crop, and the sight."""
    rng = np.random.default_rng(11)
    crops: list[list[np.ndarray]] = [[] for _ in embedders]
    person, source = [], []
    for number, (pixels, points, box, who) in enumerate(sights):
        for _ in range(views):
            view, _, area = one_view(pixels, points, box, 0, rng)
            for found, embedder in zip(crops, embedders):
                found.append(body_crops(view, area[None], embedder.card.input_size)[0])
            person.append(who)
            source.append(number)
    return [np.stack(found) for found in crops], np.array(person), np.array(source)


def worn(path: Path, table: Path, embedders: list[Embedder]) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Crops of the observations a table names, for each embedder, and their outfits: these count as persons and as sights."""
    outfit_of = {int(number): outfit for outfit, number in (line.split() for line in table.read_text(encoding="utf-8").splitlines())}
    crops: list[list[np.ndarray]] = [[] for _ in embedders]
    outfits = []
    with Gallery.read(path) as gallery:
        for photo in photos.photos(gallery):
            rows = [row for row in observations.of_photo(gallery, photo.id) if row.id in outfit_of and row.body is not None]
            picture = decode(Path(str(photo.path)), Thresholds().working_side, Thresholds().max_pixels)
            boxes = np.array([row.body.box for row in rows if row.body]).reshape(-1, 4) / np.tile(np.array(picture.scale), 2)
            for found, embedder in zip(crops, embedders):
                found.extend(body_crops(picture.pixels, boxes, embedder.card.input_size))
            outfits += [outfit_of[row.id] for row in rows]
    outfit = np.unique(outfits, return_inverse=True)[1]
    return [np.stack(found) for found in crops], outfit, outfit


def judge(vectors: np.ndarray, person: np.ndarray, source: np.ndarray, cut: float) -> str:
    """Area under the ROC curve, true accepts at two rates of false ones, what the card's ``body_threshold`` accepts of both, and how far
    apart two people are (median): what beta of the card is multiplied with."""
    first, second = np.triu_indices(len(vectors), 1)
    same = source[first] == source[second]
    used = same | (person[first] != person[second])
    distances, same = (1 - vectors @ vectors.T)[first, second][used], same[used]
    order = np.sort(distances[same])
    below = np.searchsorted(order, distances[~same], "left") + np.searchsorted(order, distances[~same], "right")
    area = below.mean() / (2 * len(order))
    (strict, at), (loose, wide) = tar_at_far(distances, same, 1e-3), tar_at_far(distances, same, 1e-2)
    near = distances < cut
    return (
        f"AUC {area:.4f}  TAR {strict:.3f} at FAR 1e-3 (cut {at:.3f}), {loose:.3f} at 1e-2 (cut {wide:.3f})"
        f"  body_threshold {cut:.2f}: TAR {near[same].mean():.3f} FAR {near[~same].mean():.5f}"
        f"  others {np.median(distances[~same]):.3f} apart"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedders", nargs="+", default=["colour-texture", "facelib-body", "body-reid-0286"])
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--most", type=int, default=400)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, help="keep the faces found here")
    parser.add_argument("--outfits", type=Path)
    parser.add_argument("--gallery", type=Path)
    chosen = parser.parse_args()
    embedders = [load_body_embedder(name, "cpu", 1) for name in chosen.embedders]
    if chosen.outfits:
        sets = {"outfits": worn(chosen.gallery, chosen.outfits, embedders)}
    else:
        sets = {
            "upper-bodies, held out": seen(people(chosen.data / "upper-bodies.zip"), embedders, chosen.views),
            SOURCE: seen(celebrities(chosen.data, chosen.cache, chosen.most), embedders, chosen.views),
        }
    for name, (crops, person, source) in sets.items():
        print(f"{name}: {len(np.unique(source))} sights of {len(np.unique(person))} people, {len(source)} views")
        for embedder, given in zip(embedders, crops):
            embedder.embed(given[:4])
            before = time.process_time()
            vectors = embedder.embed(given)
            spent = (time.process_time() - before) / len(given) * 1000
            verdict = judge(vectors, person, source, embedder.card.thresholds["body_threshold"])
            print(f"  {embedder.card.name:15} {verdict}  {spent:.2f} ms CPU a crop", flush=True)


if __name__ == "__main__":
    main()
