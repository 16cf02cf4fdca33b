"""The threshold of ``verify``: a distance, or the one that a false accept rate stands for."""

from __future__ import annotations

import pytest

from facelib.errors import InputError
from facelib.who.verification import threshold_of
from tests import fakes

CARD = fakes.SETUP.card("face-embedder")


def test_thresholds_by_name_and_by_rate() -> None:
    assert threshold_of(None, CARD, fakes.THRESHOLDS) == CARD.far_distances[1e-3]
    assert threshold_of("far=1e-4", CARD, fakes.THRESHOLDS) == CARD.far_distances[1e-4]
    assert threshold_of("0.25", CARD, fakes.THRESHOLDS) == 0.25
    for text in ("far=0.5", "far=", "near=1e-4", "far", "-1", "3", "nan", "x"):
        with pytest.raises(InputError):
            threshold_of(text, CARD, fakes.THRESHOLDS)
    rates = sorted(CARD.far_distances)
    assert [CARD.far_distances[rate] for rate in rates] == sorted(CARD.far_distances.values())
