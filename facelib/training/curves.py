"""Learning curves as a picture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np


def draw_curves(log: Path, place: Path, smooth: int = 50) -> None:
    """Draw each part of the loss against steps.

    Parameters
    ----------
    log : Path
        One JSON object a line: ``step``, ``rate``, and the losses by name. Where a step stands twice, after an
        interruption, the later line counts.
    place : Path
        PNG to write.
    smooth : int
        Steps a point is the mean of.
    """
    # Only training draws; matplotlib comes with the extra 'training'.
    from matplotlib.figure import Figure

    rows = {row["step"]: row for row in map(json.loads, log.read_text(encoding="utf-8").splitlines())}
    steps = np.array(sorted(rows))
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    for name in sorted({name for row in rows.values() for name in row} - {"step", "rate"}):
        values = np.array([rows[step].get(name, np.nan) for step in steps.tolist()])
        usable = len(values) // smooth * smooth
        if usable:
            means = values[:usable].reshape(-1, smooth).mean(axis=1)
            axes.plot(steps[:usable].reshape(-1, smooth).mean(axis=1), means, label=name)
    axes.set(xlabel="step", ylabel=f"loss, mean of {smooth} steps", yscale="log")
    axes.grid(alpha=0.3, which="both")
    axes.legend(loc="upper right")
    figure.savefig(place, dpi=110)


def draw_reliability(said: np.ndarray, true: np.ndarray, place: Path, bins: int = 10) -> None:
    """A reliability diagram: how often those are right of whom a model says how likely that is.

    Parameters
    ----------
    said : ndarray of shape (n,), 0..1
    true : ndarray of shape (n,), 0 or 1
    place : Path
        PNG to write.
    """
    from matplotlib.figure import Figure

    number = np.minimum((said * bins).astype(int), bins - 1)
    counts = np.bincount(number, minlength=bins)
    used = counts > 0
    means = [np.bincount(number, weights=values, minlength=bins)[used] / counts[used] for values in (said, true)]
    figure = Figure(figsize=(5, 6), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=[3, 1], sharex=True)
    upper.plot([0, 1], [0, 1], color="grey", linewidth=1, label="honest")
    upper.plot(*means, marker="o", label="measured")
    upper.set(ylabel="part that is right", xlim=(0, 1), ylim=(0, 1))
    upper.legend()
    lower.bar((np.arange(bins) + 0.5) / bins, counts, width=0.9 / bins)
    lower.set(xlabel="said", ylabel="how many")
    figure.savefig(place, dpi=110)
