"""Observations refuse arrays that do not fit together."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.synthetic import album


def test_wrong_arrays_are_refused_at_the_edge() -> None:
    observations = album(photos=4).observations
    n = len(observations)
    for change in (
        {"faces": observations.faces * 2},
        {"faces": observations.faces[0]},
        {"bodies": observations.bodies[1:]},
        {"bodies": np.full_like(observations.bodies, np.nan)},
        {"photo": observations.photo[1:]},
        {"reliability": np.full(n, 1.5)},
        {"reliability": np.full(n, np.nan)},
        {"rejected": [[n, 0]]},
        {"rejected": [[0, -1]]},
    ):
        with pytest.raises(ValueError):
            dataclasses.replace(observations, **change)


def test_absent_faces_and_bodies_are_zero_rows() -> None:
    observations = album(photos=30, faceless=0.5).observations
    assert 0 < observations.has_face.sum() < len(observations)
    assert observations.has_body.all()
    assert not (observations.reliable(0.5) & ~observations.has_face).any()
    without = dataclasses.replace(observations, bodies=np.zeros((len(observations), 0)))
    assert not without.has_body.any()
