"""Pictures of figures, as PNG. Matplotlib (extra ``training``) is loaded when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FLOOR = 25.0
"""Rates below the overall rate divided by this are drawn at the edge."""

Interval = tuple[float, float, float]
"""A value and the ends of its interval."""


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)


def roc_curves(panels: Mapping[str, Mapping[str, tuple[Sequence[float], Sequence[float]]]], path: Path) -> None:
    """Receiver operating characteristics: a panel for each set, in it a curve for each model.

    Parameters
    ----------
    panels : mapping of str to mapping of str to (far, tar)
        False and true accept rates, 0..1; both rising.
    """
    figure = _figure(4.6 * len(panels), 4.3)
    for number, (title, curves) in enumerate(panels.items(), start=1):
        axes = figure.add_subplot(1, len(panels), number)
        for name, (far, tar) in curves.items():
            axes.semilogx(far, tar, label=name, linewidth=1.8)
        axes.set(title=title, xlabel="false accept rate", ylabel="true accept rate", ylim=(0, 1.01))
        axes.axvline(1e-3, color="0.6", linewidth=0.8, linestyle=":")
        axes.grid(alpha=0.25)
        axes.legend(loc="lower right", frameon=False)
    _save(figure, path)


def slice_rates(groups: Mapping[str, Mapping[str, Mapping[str, Interval]]], overall: float, unit: str, path: Path) -> None:
    """Rates of slices with their intervals: a block of rows for each way to cut, a row a slice, a point a model.

    The axis is logarithmic, for rates differ by orders of magnitude; a rate below its left end is a triangle there.

    Parameters
    ----------
    groups : mapping
        ``groups["race"]["dlib-resnet"]["Black"]`` is (value, low, high).
    overall : float
        Drawn as a line through all.
    unit : str
        What the axis says.
    """
    counts = [len(next(iter(of_model.values()))) for of_model in groups.values()]
    figure = _figure(7.6, 1.2 + 0.3 * sum(counts) + 0.55 * len(groups))
    grid = figure.add_gridspec(len(groups), 1, height_ratios=[count + 0.3 for count in counts])
    highs = [high for of_model in groups.values() for rates in of_model.values() for _, _, high in rates.values()]
    ends = (overall / FLOOR, 1.3 * max([*highs, 2 * overall]))
    for number, (title, of_model) in enumerate(groups.items()):
        axes = figure.add_subplot(grid[number], xscale="log", xlim=ends, ylim=(counts[number] - 0.4, -0.6))
        for k, (model, rates) in enumerate(of_model.items()):
            _points(axes, list(rates.values()), 0.5 * ((k + 0.5) / len(of_model) - 0.5), f"C{k}", model)
        axes.set(yticks=range(counts[number]), yticklabels=list(next(iter(of_model.values()))))
        axes.set_title(title, loc="left", fontsize=10)
        axes.axvline(overall, color="0.4", linewidth=0.9, linestyle="--")
        axes.grid(axis="x", alpha=0.25)
        if number == 0:
            figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=len(of_model), frameon=False)
        if number < len(groups) - 1:
            axes.tick_params(labelbottom=False)
    axes.set_xlabel(unit)
    _save(figure, path)


def _points(axes: Any, rates: Sequence[Interval], shift: float, colour: str, label: str) -> None:
    """A point and its interval in each row, or a triangle at the left end."""
    left = axes.get_xlim()[0]
    seen = [(row, *rate) for row, rate in enumerate(rates) if rate[0] > left]
    spread = [[value - max(low, left) for _, value, low, _ in seen], [high - value for _, value, _, high in seen]]
    style = {"fmt": "o", "markersize": 4, "capsize": 2, "linewidth": 1.2, "color": colour, "label": label}
    axes.errorbar([value for _, value, _, _ in seen], [row + shift for row, *_ in seen], xerr=spread, **style)
    for row, (value, _, high) in enumerate(rates):
        if value <= left:
            ends, heights = [left, max(left, high)], [row + shift] * 2
            axes.plot(ends, heights, color=colour, linewidth=1.2, marker="<", markevery=[0], markersize=6, clip_on=False)
