"""The JSON form of a photo, schema 1, which ``faces``, ``who`` and ``export json`` print. Keys may be added, never changed or removed."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facelib.errors import PhotoError
from facelib.records import NOBODY, Body, Box, Face, Identity

SCHEMA = 1


def observation(
    face: Face | None, body: Body | None, identity: Identity = NOBODY, number: int | None = None, embedding: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """One observation; ``number`` is its id in the gallery, None if it has none."""
    person = None if identity.person is None else {"id": identity.person, "name": identity.name}
    form: dict[str, Any] = {
        "id": number,
        "face": None if face is None else _face(face),
        "body": None if body is None else {"box": _box(body.box), "score": round(float(body.score), 4)},
        "cluster": identity.cluster,
        "person": person,
        "standing": identity.standing,
        "source": identity.source,
        "shares": [{"person": s.person, "cluster": s.cluster, "name": s.name, "share": round(s.share, 4)} for s in identity.shares],
    }
    if embedding is not None:
        form["embedding"] = dict(embedding)
    return form


def embedding(model: str, face: np.ndarray | None, body: np.ndarray | None) -> dict[str, Any]:
    """The vectors of one observation, each of shape (d,), as base64 of little-endian float32."""
    return {"model": model, "face": _base64(face), "body": _base64(body)}


def photo(
    path: str,
    sha256: str | None = None,
    width: int | None = None,
    height: int | None = None,
    taken_at: str | None = None,
    observations: Sequence[Mapping[str, Any]] = (),
    error: PhotoError | None = None,
) -> dict[str, Any]:
    """One photo. A photo that cannot be worked on has an ``error`` and no observations."""
    return {
        "schema": SCHEMA,
        "photo": path,
        "sha256": sha256,
        "width": width,
        "height": height,
        "taken_at": taken_at,
        "observations": list(observations),
        "error": None if error is None else {"kind": error.kind, "detail": error.detail},
    }


def _face(face: Face) -> dict[str, Any]:
    return {
        "box": _box(face.box),
        "score": round(float(face.score), 4),
        "landmarks": [[round(float(x), 2), round(float(y), 2)] for x, y in face.landmarks],
        "reliability": round(float(face.reliability), 4),
    }


def _box(box: Box) -> list[float]:
    return [round(float(v), 2) for v in box]


def _base64(vector: np.ndarray | None) -> str | None:
    if vector is None:
        return None
    return base64.b64encode(np.ascontiguousarray(vector, dtype="<f4").tobytes()).decode("ascii")
