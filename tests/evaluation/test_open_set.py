"""Open-set trials keep known people, strangers and siblings apart, and rates count impostors above the threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.evaluation.open_set import KNOWN, SIBLING, STRANGER, halves, identification_rate, trial


def families(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Persons and their families: 30 people of one to eight photos, in families of three."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(30), rng.integers(1, 9, 30))
    return person, person // 3


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([1, 3, 10, 100]), st.sampled_from([0, 5, 1000]))
def test_a_trial_keeps_its_kinds_apart(seed: int, known: int, nameless: int) -> None:
    person, family = families(seed)
    drawn = trial(person, family, known, nameless, np.random.default_rng(seed))
    rows = np.concatenate([drawn.named, drawn.unnamed, drawn.probes])
    assert len(np.unique(rows)) == len(rows)
    names = set(person[drawn.named].tolist())
    asked = person[drawn.probes]
    assert len(names) <= known and names <= set(asked[drawn.kind == KNOWN].tolist())
    assert not names & set(asked[drawn.kind != KNOWN].tolist())
    related = set(family[drawn.named].tolist())
    assert set(family[drawn.probes[drawn.kind == SIBLING]].tolist()) <= related
    assert not set(family[drawn.probes[drawn.kind == STRANGER]].tolist()) & related
    passing = drawn.unnamed[~np.isin(person[drawn.unnamed], list(names))]
    assert len(passing) <= nameless
    assert not set(person[passing].tolist()) & set(asked.tolist())


def test_halves_keep_families_together() -> None:
    _, family = families(3)
    first = halves(family, 1)
    assert 0 < first.sum() < len(first)
    assert all(len(np.unique(first[family == one])) == 1 for one in np.unique(family))


def test_identification_rate_counts_impostors_above_the_threshold() -> None:
    kind = np.array([KNOWN] * 4 + [STRANGER] * 4)
    score = np.array([9, 7, 5, 3, 8, 4, 2, 1.0])
    right = np.array([True, True, False, True] + [False] * 4)
    assert identification_rate(score, right, kind, 0.0, (STRANGER,))[0] == pytest.approx(0.25)
    assert identification_rate(score, right, kind, 0.25, (STRANGER,))[0] == pytest.approx(0.5)
    assert identification_rate(score, right, kind, 1.0, (STRANGER,))[0] == pytest.approx(0.75)
