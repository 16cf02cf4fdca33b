"""The weights of clothes keep to the errors they are set for."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np

from facelib.thresholds import Thresholds


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_cuts_keep_to_the_errors_they_are_set_for(script: Callable[[str], ModuleType]) -> None:
    moments, moment_views = script("calibrating.moments"), script("benching.moment_views")
    rng = np.random.default_rng(0)
    people, views = 24, 8
    source = np.repeat(np.arange(people), views)
    near = {spread: unit(np.repeat(rng.normal(size=(people, 48)), views, axis=0) + spread * rng.normal(size=(people * views, 48)))
            for spread in (0.3, 0.6, 1.2)}
    for faces, bodies in ((0.3, 0.6), (0.6, 0.3), (0.6, 1.2)):
        made = moment_views.Views(near[faces], near[bodies], source, np.zeros(len(source), dtype=int))
        same, other = moments._body_distances(made, np.arange(people))
        cut = moments.fit_bodies(made, np.arange(people))[0]["body_threshold"]
        assert (other < cut).mean() <= moments.OTHERS + 1e-3 and (same < cut).mean() <= moments.NEEDED + 0.02
        base = Thresholds().override({"group_threshold": 0.2, "body_threshold": cut})
        found, _ = moments.fit(0.32, made, np.arange(people), base)
        helped = found["alpha"] * base.group_threshold + found["beta"] * other < base.group_threshold
        assert helped.mean() <= moments.HELPED + 0.02
        assert found["alpha"] * 0.32 <= base.group_threshold + 1e-3
