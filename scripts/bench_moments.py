"""What clothes are worth: simulated albums with moments, clustered with and without the body cue at equal precision.

    python scripts/bench_moments.py [EMBEDDER] [--body colour-texture] [--lengths 2 3 5 8] [--data ../shared/data] [--plot OUT.png]

Every photo of ``celebrities-dev``, uncropped with the upper body, becomes a moment: several views of it in which the person wears
the same, made by cutting anew, moving and turning it, other light and colour, covering a part. In some views the face is hard
(small, masked, or behind sunglasses), in some it is not seen at all. Two or three people share a moment; some are strangers seen
in one moment only.

With and without the body cue, ``group_threshold`` is swept; compared are the recalls of pass 1 at a pairwise precision of at least 0.995
within moments, and the B-cubed F of the people found in the end. ``scripts/calibrate.py`` sets beta and body_threshold by these views.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from labelled_sets import pictures, subjects
from PIL import Image, ImageEnhance, ImageFilter

from facelib.clustering.cluster import cluster
from facelib.clustering.observations import Observations
from facelib.clustering.within_moments import group_within_moments
from facelib.evaluation.groups import b_cubed, pairwise
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds
from facelib.vision.bodies import upper_body_from_face
from facelib.vision.crops import body_crops, face_chips
from facelib.vision.embedders import load_body_embedder, load_face_embedder

HARD, HIDDEN, STRANGERS = 0.35, 0.15, 0.2
LEAST_PRECISION = 0.995
SOURCE = "celebrities-dev"
MOST_VIEWS = 8
SEED = 5


@dataclass(frozen=True, eq=False)
class Views:
    """Views of one photo each: embeddings of face and body, and whether the face is plain, hard or hidden (0, 1, 2)."""

    faces: np.ndarray
    bodies: np.ndarray
    source: np.ndarray
    kind: np.ndarray


def views(data: Path, detector: str, face_model: str | None, body_model: str, cache: Path | None) -> tuple[Views, np.ndarray]:
    """:data:`MOST_VIEWS` views of each photo, and who each photo shows; made once and kept in the cache.

    Without a face model the faces have no numbers.
    """
    used = [name for name in (face_model, body_model) if name]
    digests = " ".join(registry.card(name).digest for name in used)
    kept = cache / f"moments.{detector}.{'.'.join(used)}.npz" if cache else None
    if kept and kept.exists():
        with np.load(kept) as held:
            if str(held["digest"]) == digests:
                return Views(held["faces"], held["bodies"], held["source"], held["kind"]), held["truth"]
    found = subjects(data, SOURCE, detector, cache)
    body_net = load_body_embedder(body_model, "cpu", 1)
    face_net = load_face_embedder(face_model, "cpu", 1) if face_model else None
    rng = np.random.default_rng(SEED)
    faces, bodies, source, kinds, people = [], [], [], [], []
    seen = np.flatnonzero(found.seen)
    for row, picture in zip(seen, pictures(data / f"{SOURCE}.zip", found.files[seen].tolist()), strict=True):
        assert picture is not None
        face_box = (float(found.boxes[row, 0]), float(found.boxes[row, 1]), float(found.boxes[row, 2]), float(found.boxes[row, 3]))
        box = upper_body_from_face(face_box, picture.width, picture.height, (), found.landmarks[row])
        if box is None:
            continue
        scale = np.array(picture.scale)
        chips, crops = [], []
        for view in range(MOST_VIEWS):
            kind = 0 if view == 0 else int(rng.choice(3, p=[1 - HARD - HIDDEN, HARD, HIDDEN]))
            pixels, points, area = one_view(picture.pixels, found.landmarks[row] / scale, np.array(box) / np.tile(scale, 2), kind, rng)
            if face_net:
                chips.append(face_chips(pixels, points[None], face_net.card.template or (), face_net.card.input_size)[0])
            crops.append(body_crops(pixels, area[None], body_net.card.input_size)[0])
            kinds.append(kind)
        faces.append(face_net.embed(np.stack(chips)) if face_net else np.zeros((MOST_VIEWS, 0), dtype=np.float32))
        bodies.append(body_net.embed(np.stack(crops)))
        source += [len(people)] * MOST_VIEWS
        people.append(str(Path(found.files[row]).parent))
    how = np.array(kinds)
    of_faces = np.concatenate(faces)
    of_faces[how == 2] = 0
    made, truth = Views(of_faces, np.concatenate(bodies), np.array(source), how), np.unique(people, return_inverse=True)[1]
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, digest=digests, faces=made.faces, bodies=made.bodies, source=made.source, kind=made.kind, truth=truth)
    return made, truth


def one_view(
    pixels: np.ndarray, points: np.ndarray, box: np.ndarray, kind: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The photo as it might have been taken a little later: pixels, landmarks and body box."""
    image = Image.fromarray(pixels)
    centre = points.mean(axis=0)
    angle, squeeze, lean = rng.normal(0, 8) * np.pi / 180, rng.uniform(0.82, 1.0), rng.normal(0, 0.06)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[squeeze, lean], [0, 1]])
    inverse = np.linalg.inv(matrix)
    shift = centre - inverse @ centre
    coefficients = (*inverse[0], shift[0], *inverse[1], shift[1])
    image = image.transform(image.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    points = (points - centre) @ matrix.T + centre
    size = np.array([box[2] - box[0], box[3] - box[1]])
    middle = (np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]) - centre) @ matrix.T + centre + rng.normal(0, 0.05, 2) * size
    half = size / 2 * rng.uniform(0.88, 1.12)
    image = lit(image, rng)
    image = covered(image, middle, half, rng)
    if kind == 1:
        image = hardened(image, points, rng)
    limit = np.array(image.size, dtype=float)
    area = np.concatenate([np.clip(middle - half, 0, limit - 2), np.clip(middle + half, 2, limit)])
    return np.asarray(image), points + rng.normal(0, 0.012, points.shape) * np.ptp(points[:, 0]), area


def lit(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Other light: brightness, contrast and the colour of the light."""
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.65, 1.3))
    image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.8, 1.2))
    tint = np.clip(rng.normal(1, 0.05, 3), 0.85, 1.15)
    return Image.fromarray(np.clip(np.asarray(image) * tint, 0, 255).astype(np.uint8))


def covered(image: Image.Image, middle: np.ndarray, half: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """Something before a part of the body, in half of the views."""
    if rng.random() < 0.5:
        return image
    size = half * rng.uniform(0.3, 0.8, 2)
    corner = middle + rng.uniform(-1, 0.4, 2) * half
    box = [int(v) for v in (*corner, *(corner + size))]
    image.paste(tuple(int(v) for v in rng.integers(0, 256, 3)), (max(box[0], 0), max(box[1], 0), max(box[2], 1), max(box[3], 1)))
    return image


def hardened(image: Image.Image, points: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """The face small and blurred, masked, or behind sunglasses."""
    eyes, mouth = points[:2], points[3:]
    width = float(np.linalg.norm(eyes[1] - eyes[0])) or 1.0
    what = int(rng.integers(3))
    x0, y0, x1, y1 = (int(v) for v in (*(points.min(axis=0) - width), *(points.max(axis=0) + width)))
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, image.width), min(y1, image.height)
    if x1 - x0 < 4 or y1 - y0 < 4:
        return image
    if what == 0:
        part = image.crop((x0, y0, x1, y1))
        small = max(8, int(rng.uniform(16, 28) * (x1 - x0) / (3 * width)))
        part = part.resize((small, max(8, small * (y1 - y0) // (x1 - x0)))).filter(ImageFilter.GaussianBlur(0.6)).resize((x1 - x0, y1 - y0))
        image.paste(part, (x0, y0))
    else:
        middle = mouth.mean(axis=0) if what == 1 else eyes.mean(axis=0)
        size = np.array([0.95, 0.62]) * width if what == 1 else np.array([0.95, 0.3]) * width
        area = [int(v) for v in (*(middle - size), *(middle + size))]
        colour = (205, 215, 225) if what == 1 else (25, 25, 28)
        image.paste(colour, (area[0], area[1], max(area[2], area[0] + 1), max(area[3], area[1] + 1)))
    return image


def album(made: Views, truth: np.ndarray, length: int, rng: np.random.Generator) -> tuple[Observations, np.ndarray]:
    """Moments of ``length`` photos, two or three people in each, of whom each wears what one photo shows."""
    people = rng.permutation(len(np.unique(truth)))
    strangers = set(people[: int(STRANGERS * len(people))].tolist())
    seen: set[int] = set()
    sources = []
    for number in rng.permutation(len(truth)).tolist():
        who = int(truth[number])
        if who not in strangers or who not in seen:
            sources.append(number)
            seen.add(who)
    rows, photo, moment, taken = [], [], [], 0
    spot = 0
    for m in itertools.count():
        together: list[int] = []
        for number in sources[spot : spot + int(rng.integers(2, 4))]:
            if truth[number] not in truth[together]:
                together.append(number)
            spot += 1
        if not together:
            break
        for number in together:
            own = np.flatnonzero(made.source == number)
            rows += own[rng.choice(len(own), length, replace=False)].tolist()
            photo += list(range(taken, taken + length))
            moment += [m] * length
        taken += length
    chosen = np.array(rows)
    minus = np.full(len(chosen), -1)
    reliability = np.where(made.kind[chosen] == 2, 0.0, np.where(made.kind[chosen] == 1, 0.6, 0.95))
    built = Observations(made.faces[chosen], made.bodies[chosen], np.array(photo), np.array(moment), reliability, minus, minus)
    return built, truth[made.source[chosen]]


def without_bodies(rows: Observations) -> Observations:
    return Observations(rows.faces, np.zeros((len(rows), 0)), rows.photo, rows.moment, rows.reliability, rows.person, rows.anchor)


def pass_one(albums: list[tuple[Observations, np.ndarray]], thresholds: Thresholds) -> tuple[float, float, float]:
    """Pairwise precision and recall within moments over faces, and the recall of observations without a face."""
    groups, truths, hidden = [], [], []
    shift = 0
    for rows, truth in albums:
        found = group_within_moments(rows, thresholds)
        groups.append(found + shift)
        truths.append((truth * 100_000 + rows.moment) + 10**9 * shift)
        hidden.append(~rows.has_face)
        shift += len(rows)
    label, true, bare = np.concatenate(groups), np.concatenate(truths), np.concatenate(hidden)
    score = pairwise(label[~bare], true[~bare])
    everybody = pairwise(label, true)
    sizes = np.bincount(np.unique(label, return_inverse=True)[1])
    joined = sizes[np.unique(label, return_inverse=True)[1]][bare] > 1
    return min(score.precision, everybody.precision), score.recall, float(joined.mean()) if bare.any() else 0.0


def best(
    albums: list[tuple[Observations, np.ndarray]], thresholds: Thresholds, first_cuts: np.ndarray
) -> tuple[float, float, float, float]:
    """(recall, cut, precision, recall of bodies) at the widest group_threshold with the precision asked for."""
    results = []
    for cut in first_cuts:
        precision, recall, bodies = pass_one(albums, thresholds.override({"group_threshold": float(cut)}))
        if precision >= LEAST_PRECISION:
            results.append((recall, float(cut), precision, bodies))
    return max(results, default=(0.0, 0.0, 0.0, 0.0))


def albums_of(made: Views, truth: np.ndarray, length: int, repeats: int) -> list[tuple[Observations, np.ndarray]]:
    """The same albums at every call."""
    return [album(made, truth, length, np.random.default_rng([7, length, k])) for k in range(repeats)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embedder", nargs="?", default=registry.DEFAULTS[registry.FACE_EMBEDDER])
    parser.add_argument("--body", default=registry.DEFAULTS[registry.BODY_EMBEDDER])
    parser.add_argument("--detector", default=registry.DEFAULTS[registry.FACE_DETECTOR])
    parser.add_argument("--lengths", type=int, nargs="+", default=[2, 3, 5, MOST_VIEWS])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, help="keep the faces found and the embeddings of the views here")
    parser.add_argument("--plot", type=Path)
    chosen = parser.parse_args()
    made, truth = views(chosen.data, chosen.detector, chosen.embedder, chosen.body, chosen.cache)
    thresholds = Thresholds()
    for name in (chosen.embedder, chosen.body):
        thresholds = thresholds.override(dict(registry.card(name).thresholds))
    first_cuts = thresholds.group_threshold * np.arange(0.4, 1.85, 0.1)
    print(f"{chosen.embedder} and {chosen.body}, {len(truth)} photos of {len(np.unique(truth))} people, {len(made.source)} views")
    points = []
    for length in chosen.lengths:
        albums = albums_of(made, truth, length, chosen.repeats)
        blind = [(without_bodies(rows), who) for rows, who in albums]
        with_body, alone = best(albums, thresholds, first_cuts), best(blind, thresholds, first_cuts)
        shipped, bare = pass_one(albums, thresholds), pass_one(blind, thresholds)
        ends = [np.mean([b_cubed(cluster(rows, thresholds).clusters, who).f for rows, who in each]) for each in (albums, blind)]
        pure = [np.mean([b_cubed(cluster(rows, thresholds).clusters, who).precision for rows, who in each]) for each in (albums, blind)]
        points.append((length, with_body[0], alone[0]))
        print(
            f"{length} photos a moment: recall of pass 1 at P >= {LEAST_PRECISION} {with_body[0]:.3f} with, {alone[0]:.3f} without bodies"
            f" | as shipped {shipped[1]:.3f} (P {shipped[0]:.4f}) with, {bare[1]:.3f} (P {bare[0]:.4f}) without;"
            f" without a face but placed {shipped[2]:.3f} | people in the end F {ends[0]:.3f} (P {pure[0]:.3f}) with,"
            f" {ends[1]:.3f} (P {pure[1]:.3f}) without",
            flush=True,
        )
    if chosen.plot and points:
        draw(points, chosen.plot)


def draw(points: list[tuple[int, float, float]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.add_subplot(1, 1, 1, xlabel="photos a moment", ylabel=f"recall of pass 1 at P >= {LEAST_PRECISION}")
    for place, label in ((1, "with the body cue"), (2, "faces alone")):
        axes.plot([p[0] for p in points], [p[place] for p in points], marker="o", label=label)
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
