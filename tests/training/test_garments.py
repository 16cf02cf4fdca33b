"""Synthetic clothes are valid pictures, differ from each other, and depend on the seed only."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.training import garments
from facelib.training.garments import PATTERNS, backdrops, colours, cut_out, fabrics, necklines

SIDE = 48


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 9))
def test_fabrics_are_pictures_and_one_seed_gives_the_same(seed: int, n: int) -> None:
    made = fabrics(n, SIDE, seeded(seed))
    assert made.shape == (n, 3, SIDE, SIDE) and made.dtype == torch.float32
    assert torch.isfinite(made).all() and bool(((made >= 0) & (made <= 1)).all())
    assert torch.equal(made, fabrics(n, SIDE, seeded(seed)))


def test_no_two_fabrics_of_a_batch_are_alike() -> None:
    made = fabrics(40, SIDE, seeded(1)).flatten(1)
    distances = torch.cdist(made, made, p=1) / made.shape[1]
    assert float(distances[~torch.eye(40, dtype=torch.bool)].min()) > 0.005


@pytest.mark.parametrize("name", [name for name in PATTERNS if name != "plain"])
def test_each_pattern_shows_both_of_its_colours(name: str) -> None:
    """A pattern that covers nothing, or all, would be a plain fabric."""
    masks = garments._DRAWN[name](60, SIDE, seeded(2))
    assert masks.shape == (60, 1, SIDE, SIDE) and bool(((masks >= 0) & (masks <= 1)).all())
    share = masks.mean(dim=(1, 2, 3))
    assert float(((share > 0.005) & (share < 0.995)).float().mean()) > 0.9


def test_stripes_repeat_along_one_direction_only() -> None:
    stripes = garments._stripes(50, SIDE, seeded(3))
    along = torch.minimum(stripes.diff(dim=2).abs().mean(dim=(1, 2, 3)), stripes.diff(dim=3).abs().mean(dim=(1, 2, 3)))
    across = torch.maximum(stripes.diff(dim=2).abs().mean(dim=(1, 2, 3)), stripes.diff(dim=3).abs().mean(dim=(1, 2, 3)))
    assert float((across > 4 * along).float().mean()) > 0.6


def test_many_clothes_are_grey_and_some_are_not() -> None:
    made = colours(500, seeded(4)).flatten(1)
    spread = made.amax(dim=1) - made.amin(dim=1)
    assert 0.25 < float((spread < 0.12).float().mean()) < 0.75


def test_what_is_cut_out_keeps_the_chest_and_changes_the_corners() -> None:
    white, black = torch.ones(30, 3, SIDE, SIDE), torch.zeros(30, 3, SIDE, SIDE)
    made = cut_out(white, black, seeded(5))
    assert float(made[:, :, SIDE // 2 :, SIDE // 3 : -SIDE // 3].min()) > 0.95
    assert float(made[:, :, 0, [0, -1]].max()) < 0.05
    assert torch.equal(cut_out(white, white, seeded(5)), white)


def test_skin_shows_above_the_chest_only() -> None:
    skin, place = necklines(30, SIDE, seeded(6))
    assert skin.shape == (30, 3, 1, 1) and place.shape == (30, 1, SIDE, SIDE)
    assert float(place[:, :, 0, SIDE // 2].min()) > 0.9
    assert float(place[:, :, SIDE // 2 :].max()) == 0


def test_backdrops_come_from_the_photos_or_from_nowhere() -> None:
    photos = torch.full((200, 3, 30, 30), 0.123)
    made = backdrops(photos, SIDE, seeded(7))
    assert made.shape == (200, 3, SIDE, SIDE) and bool(((made >= 0) & (made <= 1)).all())
    taken = (made - 0.123).abs().amax(dim=(1, 2, 3)) < 1e-5
    assert 0.5 < float(taken.float().mean()) < 0.8
