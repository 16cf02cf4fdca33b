"""Of each photo the best row keeps an identity."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.recognition.one_per_photo import duplicates_in_photo
from tests.synthetic import around, unit


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(0, 40), st.floats(0.0, 0.3))
def test_of_each_photo_the_best_row_keeps_an_answer(seed: int, n: int, cut: float) -> None:
    rng = np.random.default_rng(seed)
    label, photo, rank = rng.integers(-1, 3, n), rng.integers(0, 5, n), rng.integers(0, 4, n) / 2
    faces = around(rng, unit(rng.normal(size=(3, 16)))[rng.integers(0, 3, n)], 0.3)
    expected = np.zeros(n, dtype=bool)
    for row in range(n):
        rivals = [k for k in range(n) if label[k] == label[row] >= 0 and photo[k] == photo[row]]
        if rivals:
            best = max(rivals, key=lambda k: (rank[k], -k))
            expected[row] = row != best and not 1 - float(faces[row] @ faces[best]) < cut
    assert duplicates_in_photo(label, rank, faces, photo, cut).tolist() == expected.tolist()
