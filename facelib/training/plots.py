"""Pictures of a training run, as PNG: learning curves, and the reliability diagram of a branch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np


def plot_learning_curves(log: Path, path: Path, window: int = 50) -> None:
    """Plot each part of the loss against the step.

    Parameters
    ----------
    log : Path
        One JSON object a line: ``step``, ``rate``, and the losses by name. After an interruption a step may stand in it twice;
        the later line counts.
    path : Path
        PNG to write.
    window : int
        Each point is the mean of this many steps.
    """
    # Matplotlib comes with the extra 'training'.
    from matplotlib.figure import Figure

    rows = {row["step"]: row for row in map(json.loads, log.read_text(encoding="utf-8").splitlines())}
    steps = np.array(sorted(rows))
    window = min(window, len(steps))
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    for name in sorted({name for row in rows.values() for name in row} - {"step", "rate"}):
        values = np.array([rows[step].get(name, np.nan) for step in steps.tolist()])
        usable = len(values) // window * window
        if usable:
            means = values[:usable].reshape(-1, window).mean(axis=1)
            axes.plot(steps[:usable].reshape(-1, window).mean(axis=1), means, label=name)
    axes.set(xlabel="step", ylabel=f"loss, mean of {window} steps", yscale="log")
    axes.grid(alpha=0.3, which="both")
    axes.legend(loc="upper right")
    figure.savefig(path, dpi=110)


def plot_reliability_diagram(probability: np.ndarray, outcome: np.ndarray, path: Path, bins: int = 10) -> None:
    """Plot how often a prediction comes true against its probability (Naeini et al. 2015); a calibrated model gives the diagonal.

    Parameters
    ----------
    probability : ndarray of shape (n,), 0..1
    outcome : ndarray of shape (n,), 0 or 1
    path : Path
        PNG to write.
    bins : int
        Of equal width.
    """
    from matplotlib.figure import Figure

    number = np.minimum((probability * bins).astype(int), bins - 1)
    counts = np.bincount(number, minlength=bins)
    used = counts > 0
    means = [np.bincount(number, weights=values, minlength=bins)[used] / counts[used] for values in (probability, outcome)]
    figure = Figure(figsize=(5, 6), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=[3, 1], sharex=True)
    upper.plot([0, 1], [0, 1], color="grey", linewidth=1, label="calibrated")
    upper.plot(*means, marker="o", label="measured")
    upper.set(ylabel="share that came true", xlim=(0, 1), ylim=(0, 1))
    upper.legend()
    lower.bar((np.arange(bins) + 0.5) / bins, counts, width=0.9 / bins)
    lower.set(xlabel="predicted probability", ylabel="predictions")
    figure.savefig(path, dpi=110)
