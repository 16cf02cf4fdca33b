"""The pictures of a training run are drawn from its log and predictions, also after an interruption."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("matplotlib", reason="needs matplotlib, of the extra 'training'")

from facelib.training.plots import plot_learning_curves, plot_reliability_diagram


def test_learning_curves_take_the_later_line_of_a_step(tmp_path: Path) -> None:
    def draw(name: str, steps: list[int], offset: float) -> bytes:
        rows = [{"step": step, "rate": 0.1, "loss": offset + 1 / step} for step in steps]
        (tmp_path / name).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        plot_learning_curves(tmp_path / name, tmp_path / f"{name}.png", window=5)
        return (tmp_path / f"{name}.png").read_bytes()

    once = draw("once", list(range(1, 41)), 0.0)
    again = draw("again", [*range(1, 21), *range(11, 41)], 0.0)
    assert once == again != draw("other", list(range(1, 41)), 1.0)


def test_a_reliability_diagram_is_a_picture(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    probability = random.random(99)
    plot_reliability_diagram(probability, random.random(99) < probability, tmp_path / "reliability.png")
    assert min(Image.open(tmp_path / "reliability.png").size) > 300
