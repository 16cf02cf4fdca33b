"""The pictures are drawn from the figures; a person must judge whether they are good."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("matplotlib", reason="needs matplotlib, of the extra 'training'")

from facelib.evaluation import plots


def test_pictures_show_what_they_are_given(tmp_path: Path) -> None:
    far = [1e-4, 1e-3, 1e-2]
    plots.roc_curves({"a": {"x": (far, [0.1, 0.5, 0.9])}}, tmp_path / "one" / "roc.png")
    plots.roc_curves({"a": {"x": (far, [0.1, 0.5, 0.9]), "y": (far, [0.5, 0.7, 0.9])}}, tmp_path / "two" / "roc.png")
    groups = {"race": {"x": {"a": (1e-3, 5e-4, 2e-3), "b": (0.0, 0.0, 1e-4)}}, "gender": {"x": {"c": (2e-2, 1e-2, 4e-2)}}}
    plots.slice_rates(groups, 1e-3, "rate", tmp_path / "slices.png")
    sizes = {path.relative_to(tmp_path).as_posix(): Image.open(path).size for path in sorted(tmp_path.rglob("*.png"))}
    assert set(sizes) == {"one/roc.png", "two/roc.png", "slices.png"}
    assert all(min(size) > 300 for size in sizes.values())
    assert (tmp_path / "one" / "roc.png").read_bytes() != (tmp_path / "two" / "roc.png").read_bytes()
