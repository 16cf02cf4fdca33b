"""Line charts as PNG, one panel or several side by side. Matplotlib comes with the extra 'training'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Curve:
    """One line: its points, its name in the legend, and further arguments of matplotlib's ``plot``."""

    x: Sequence[float]
    y: Sequence[float]
    label: str
    style: dict[str, Any] = field(default_factory=lambda: {"marker": "o"})


@dataclass(frozen=True)
class Panel:
    """One pair of axes with its curves; ``axes`` are further arguments of ``add_subplot``, such as ``xscale="log"``."""

    xlabel: str
    ylabel: str
    curves: Sequence[Curve]
    axes: dict[str, Any] = field(default_factory=dict)


LOG_LOG = {"xscale": "log", "yscale": "log"}


def draw_panels(panels: Sequence[Panel], path: Path, title: str = "", size: tuple[float, float] = (6, 4.5)) -> None:
    """Write a PNG with the panels side by side, each of this size in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] * len(panels), size[1]), layout="constrained")
    for number, panel in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), number, xlabel=panel.xlabel, ylabel=panel.ylabel, **panel.axes)
        for curve in panel.curves:
            axes.plot(curve.x, curve.y, label=curve.label, **curve.style)
        axes.grid(alpha=0.3)
        axes.legend()
    if title:
        figure.suptitle(title)
    figure.savefig(path, dpi=120)
