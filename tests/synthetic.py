"""People on a sphere, with the truth: observations whose right answers are known, for the tests of all layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.observations import Observations


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to unit length, float32; zero rows stay."""
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows, dtype=np.float64), where=length > 0).astype(np.float32)


def around(rng: np.random.Generator, centres: np.ndarray, spread: float) -> np.ndarray:
    """One unit vector near each centre; the cosine distance of two of one centre is about ``spread**2 / (1 + spread**2)``."""
    noise = rng.normal(size=centres.shape) / np.sqrt(centres.shape[1])
    return unit(centres + spread * noise)


@dataclass(frozen=True, eq=False)
class Album:
    """Observations and who they truly are."""

    observations: Observations
    truth: np.ndarray
    seconds: np.ndarray


def album(
    seed: int = 0,
    people: int = 8,
    photos: int = 60,
    dimension: int = 64,
    spread: float = 0.5,
    per_photo: int = 2,
    photos_per_moment: int = 6,
    body_spread: float = 0.2,
    faceless: float = 0.0,
    unreliable: float = 0.0,
) -> Album:
    """Photos of some of the people, in moments in which each wears the same.

    Parameters
    ----------
    spread, body_spread : float
        Of the faces of one person, and of one outfit; 0.5 puts two faces of a person 0.2 apart, strangers are 1.0 apart.
    faceless, unreliable : float
        Share of observations without a face (body only), and of faces of low reliability, which are three times as spread.
    """
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(people, dimension)))
    truth = np.concatenate([rng.choice(people, min(per_photo, people), replace=False) for _ in range(photos)])
    photo = np.repeat(np.arange(photos), min(per_photo, people))
    moment = photo // photos_per_moment
    outfits = unit(rng.normal(size=(int(moment.max()) + 1, people, 32)))
    weak = rng.random(len(truth)) < unreliable
    faces = np.where(weak[:, None], around(rng, centres[truth], 3 * spread), around(rng, centres[truth], spread))
    bodies = around(rng, outfits[moment, truth], body_spread)
    faces[rng.random(len(truth)) < faceless] = 0
    n = len(truth)
    observations = Observations(
        faces=faces,
        bodies=bodies,
        photo=photo,
        moment=moment,
        reliability=np.where(weak, 0.2, 0.9),
        person=np.full(n, -1),
        anchor=np.full(n, -1),
    )
    return Album(observations, truth, moment * 86400.0 + photo)


def growing(
    rng: np.random.Generator, years: int, per_year: int, step: float = 0.15, spread: float = 0.4, dimension: int = 64
) -> tuple[np.ndarray, np.ndarray]:
    """Faces of somebody whose looks walk on by ``step`` each year, and when they were seen, in seconds from 1970 on."""
    centre = unit(rng.normal(size=dimension))
    faces, seconds = [], []
    for year in range(years):
        faces.append(around(rng, np.repeat(centre[None], per_year, axis=0), spread))
        seconds.append((year + np.sort(rng.uniform(0.01, 0.99, per_year))) * 365.25 * 86400)
        centre = unit(centre + step * unit(rng.normal(size=dimension)))
    return np.concatenate(faces), np.concatenate(seconds)
