"""Views of labelled photos, as if each photo were a moment: several shots of one person in the same clothes, embedded.

Every photo of ``celebrities-dev``, which shows the upper body, gives :data:`VIEWS_PER_PHOTO` views. In some the face is hard to
recognise, in some it is not visible at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from development_sets.array_cache import read_arrays, write_arrays
from development_sets.labelled_sets import pictures, subjects

from benching.alterations import next_shot
from facelib.model_zoo import registry
from facelib.vision.bodies import upper_body_from_face
from facelib.vision.crops import body_crops, face_chips
from facelib.vision.loader import load_body_embedder, load_face_embedder

SOURCE = "celebrities-dev"
VIEWS_PER_PHOTO = 8
PLAIN, HARD, HIDDEN = 0, 1, 2
"""How well a view shows the face."""
CHANCES = {PLAIN: 0.5, HARD: 0.35, HIDDEN: 0.15}
SEED = 5


@dataclass(frozen=True, eq=False)
class Views:
    """Views of labelled photos.

    Attributes
    ----------
    faces : ndarray of shape (n, d), float32, unit rows
        Zeros where the face is hidden.
    bodies : ndarray of shape (n, e), float32, unit rows
    photo : ndarray of shape (n,), int64
        The photo each view is of, from 0 on.
    kind : ndarray of shape (n,), int64
        PLAIN, HARD or HIDDEN.
    """

    faces: np.ndarray
    bodies: np.ndarray
    photo: np.ndarray
    kind: np.ndarray


def moment_views(data: Path, detector: str, face_model: str | None, body_model: str, cache: Path | None) -> tuple[Views, np.ndarray]:
    """The views, and the person each photo shows: ndarray of shape (photos,), int64.

    Parameters
    ----------
    data : Path
        The folder with the development sets.
    face_model : str or None
        None: the face vectors are empty.
    cache : Path or None
        Views are stored here, and read again as long as the weights are the same.
    """
    used = [name for name in (face_model, body_model) if name]
    digests = " ".join(registry.card(name).digest for name in used)
    path = cache / f"moments.{detector}.{'.'.join(used)}.npz" if cache else None
    arrays = read_arrays(path, digests)
    if arrays is None:
        views, truth = _embed_views(data, detector, face_model, body_model, cache)
        arrays = {"faces": views.faces, "bodies": views.bodies, "source": views.photo, "kind": views.kind, "truth": truth}
        write_arrays(path, digests, arrays)
    return Views(arrays["faces"], arrays["bodies"], arrays["source"], arrays["kind"]), arrays["truth"]


def _embed_views(data: Path, detector: str, face_model: str | None, body_model: str, cache: Path | None) -> tuple[Views, np.ndarray]:
    found = subjects(data, SOURCE, detector, cache)
    body_net = load_body_embedder(body_model, "cpu", 1)
    face_net = load_face_embedder(face_model, "cpu", 1) if face_model else None
    rng = np.random.default_rng(SEED)
    faces, bodies, photo, kinds = [], [], [], []
    people: list[str] = []
    seen = np.flatnonzero(found.seen)
    for row, picture in zip(seen, pictures(data / f"{SOURCE}.zip", found.files[seen].tolist()), strict=True):
        assert picture is not None
        x0, y0, x1, y1 = found.boxes[row].tolist()
        box = upper_body_from_face((x0, y0, x1, y1), picture.width, picture.height, (), found.landmarks[row])
        if box is None:
            continue
        scale = np.array(picture.scale)
        chips, crops = [], []
        for view in range(VIEWS_PER_PHOTO):
            kind = PLAIN if view == 0 else int(rng.choice(3, p=[CHANCES[PLAIN], CHANCES[HARD], CHANCES[HIDDEN]]))
            shot = next_shot(picture.pixels, found.landmarks[row] / scale, np.array(box) / np.tile(scale, 2), kind == HARD, rng)
            pixels, points, area = shot
            if face_net:
                chips.append(face_chips(pixels, points[None], face_net.card.template or (), face_net.card.input_size)[0])
            crops.append(body_crops(pixels, area[None], body_net.card.input_size)[0])
            kinds.append(kind)
        faces.append(face_net.embed(np.stack(chips)) if face_net else np.zeros((VIEWS_PER_PHOTO, 0), dtype=np.float32))
        bodies.append(body_net.embed(np.stack(crops)))
        photo += [len(people)] * VIEWS_PER_PHOTO
        people.append(str(Path(found.files[row]).parent))
    kind_of = np.array(kinds)
    vectors = np.concatenate(faces)
    vectors[kind_of == HIDDEN] = 0
    return Views(vectors, np.concatenate(bodies), np.array(photo), kind_of), np.unique(people, return_inverse=True)[1]
