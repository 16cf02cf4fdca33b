"""Milliseconds a face on one thread, the embedders taking turns, so that what else the machine does strikes all alike."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from facelib.vision.loader import load_face_embedder
from reports.request import Figures, Rows, table

BATCHES = (1, 32)
FACES = 64
ROUNDS = 9
KEYS = [f"{kind} {size}" for size in BATCHES for kind in ("wall", "cpu")]


def run(embedders: list[str]) -> dict[str, Figures]:
    """Median wall and CPU time of what the program does with an aligned face: one pass, or a second one for its mirror image."""
    loaded = {name: load_face_embedder(name, "cpu", 1) for name in embedders}
    spent: dict[str, dict[str, list[float]]] = {name: {key: [] for key in KEYS} for name in loaded}
    rng = np.random.default_rng(0)
    for turn in range(ROUNDS + 1):
        for name, embedder in loaded.items():
            width, height = embedder.card.input_size
            chips = rng.integers(0, 256, (FACES, height, width, 3), dtype=np.uint8)
            for size in BATCHES:
                wall, cpu = time.perf_counter(), time.process_time()
                for start in range(0, FACES, size):
                    embedder.embed(chips[start : start + size])
                # What is set up at a first call is no part of the cost.
                if turn:
                    spent[name][f"wall {size}"].append(time.perf_counter() - wall)
                    spent[name][f"cpu {size}"].append(time.process_time() - cpu)
    return {name: _figures(times, 2 if loaded[name].card.mirrored else 1) for name, times in spent.items()}


def _figures(times: dict[str, list[float]], passes: int) -> Figures:
    milliseconds = {key: 1000 * float(np.median(values)) / FACES for key, values in times.items()}
    return {"face": milliseconds, "passes": passes, "rounds": ROUNDS, "faces": FACES}


def show(of_model: Mapping[str, Figures]) -> None:
    rows: Rows = [(f"a face: {key}", f"face/{key}") for key in KEYS]
    rows.append(("passes through the network a face", "passes"))
    table("milliseconds a face on one thread, wall and CPU time, batches of 1 and 32, median of several rounds", of_model, rows)
