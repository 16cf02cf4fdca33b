"""Thresholds are checked, follow one another unless set, and keep working under their old names."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.errors import InputError
from facelib.settings import read_settings
from facelib.thresholds import FIELDS, FOLLOWS, RENAMED, Thresholds, compared, default_of, range_of

OF_SECOND_CUT = ("linkage_threshold", "neighbour_reach", "singleton_reach", "split_threshold", "outlier_distance")


def in_config(tmp_path: Path, text: str) -> dict[str, float]:
    path = tmp_path / "config.toml"
    path.write_text(f"[thresholds]\n{text}\n", encoding="utf-8")
    return dict(read_settings(path).overrides)


def test_an_old_second_cut_sets_all_that_it_set_before(tmp_path: Path) -> None:
    card = {"linkage_threshold": 0.466, "group_threshold": 0.2}
    for value in (0.41, 0.9):
        inforce = Thresholds().override(card | in_config(tmp_path, f"second_cut = {value}"))
        assert {getattr(inforce, name) for name in OF_SECOND_CUT} == {value}
        assert inforce.suggestion_reach == min(1.3 * value, 1.0)
    inforce = Thresholds().override(card | in_config(tmp_path, "first_cut = 0.31"))
    assert (inforce.group_threshold, inforce.intra_distance) == (0.31, 0.31)


def test_every_old_name_works_in_a_configuration_and_none_is_lost(tmp_path: Path) -> None:
    old = ("first_cut", "body_cut", "second_cut", "pair_cut", "absorb_margin", "crowding", "same_photo_cut")
    assert in_config(tmp_path, "\n".join(f"{name} = 0.25" for name in old)) == dict.fromkeys((RENAMED[name] for name in old), 0.25)
    assert not RENAMED.keys() & FIELDS.keys() and set(RENAMED.values()) <= FIELDS.keys()


@pytest.mark.parametrize("lines", ["second_cut = 0.4\nlinkage_threshold = 0.4", "linkage_threshold = 0.4\nsecond_cut = 0.5"])
def test_an_old_name_beside_the_new_one_is_an_error_with_its_line(tmp_path: Path, lines: str) -> None:
    with pytest.raises(InputError, match=r"config\.toml:\d: .*is set twice") as raised:
        in_config(tmp_path, lines)
    assert "linkage_threshold" in str(raised.value) and "second_cut" in str(raised.value)
    with pytest.raises(InputError, match=r"config\.toml:2: .*\(0, 2\]"):
        in_config(tmp_path, "second_cut = 3.0")


def test_what_follows_moves_along_until_it_is_set() -> None:
    near = Thresholds().override({"linkage_threshold": 0.5})
    assert near.split_threshold == near.override({"pair_threshold": 0.3}).split_threshold == 0.5
    own = near.override({"split_threshold": 0.5})
    assert own == near
    moved = own.override({"linkage_threshold": 0.3})
    assert (moved.split_threshold, moved.outlier_distance) == (0.5, 0.3)
    sent = copy.deepcopy(near)
    assert sent.override({"linkage_threshold": 0.4}) == near.override({"linkage_threshold": 0.4})


@given(st.floats(0.01, 2))
def test_values_that_follow_are_in_their_range(value: float) -> None:
    leaders = {other.name for other in FOLLOWS.values()}
    inforce = Thresholds().override(dict.fromkeys(leaders, value))
    assert all(range_of(name).contains(getattr(inforce, name)) for name in FOLLOWS)


def test_defaults_are_numbers_and_names_are_checked() -> None:
    assert all(isinstance(default_of(name), (int, float)) for name in FIELDS)
    with pytest.raises(InputError, match="no threshold 'second_cutt'"):
        Thresholds().override({"second_cutt": 0.4})
    with pytest.raises(InputError, match="must be a number"):
        Thresholds().override({"split_threshold": None})


def test_a_recipe_records_first_names_and_no_follower_that_was_not_set() -> None:
    thresholds = Thresholds().override({"linkage_threshold": 0.5})
    assert thresholds.recorded(("linkage_threshold", "outlier_distance", "min_reliability")) == {"second_cut": 0.5, "min_reliability": 0.5}
    assert thresholds.recorded(("outlier_distance",)) == {"second_cut": 0.5}
    assert thresholds.override({"outlier_distance": 0.4}).recorded(("outlier_distance",)) == {"outlier_distance": 0.4}


@given(st.floats(-10, 10), st.floats(-1e-6, 1e-6))
def test_a_value_and_its_bound_look_different_where_they_are(value: float, more: float) -> None:
    shown, bound = compared(value, value + more, 2)
    assert float(shown) <= float(bound) if more >= 0 else float(shown) >= float(bound)
    assert abs(more) < 1e-8 or shown != bound
