"""Verification: pairs of LFW DevTest, and pairs of families where the other one may be a brother or a sister."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from development_sets.labelled_sets import Labelled, labelled

from facelib.evaluation.pairs import accuracy, all_pairs, pair_distances, tar_at_far, tar_curve
from reports.request import Figures, Request, table

RATES = (1e-3, 1e-4)
CURVE = np.logspace(-5, -0.5, 37)
NOT_FOUND = 2.0
"""The distance of a pair one of whose faces the detector does not find: the program would not know them for one person."""


def run(request: Request, embedder: str) -> Figures:
    sets = {name: labelled(request.data, name, request.detector, embedder, request.cache) for name in ("lfw-devtest", "families-dev")}
    lfw = sets["lfw-devtest"]
    return {
        "lfw": {"photos": lfw.photos, "not found": lfw.photos - len(lfw.files), **protocol(request, lfw), "all": everybody(lfw)},
        "families": families(sets["families-dev"]),
        "celebrities": everybody(labelled(request.data, "celebrities-dev", request.detector, embedder, request.cache)),
    }


def devtest_pairs(archive: Path) -> tuple[list[tuple[str, str]], np.ndarray]:
    """The 1,000 pairs of the protocol as paths of photos, and which are of one person."""
    with zipfile.ZipFile(archive) as opened:
        lines = [line.split("\t") for line in opened.read("pairsDevTest.txt").decode().splitlines()]

    def path(name: str, number: str) -> str:
        return f"{name}/{name}_{int(number):04d}.jpg"

    rows = [line for line in lines if len(line) in (3, 4)]
    pairs = [(path(row[0], row[1]), path(row[0] if len(row) == 3 else row[2], row[-1])) for row in rows]
    return pairs, np.array([len(row) == 3 for row in rows])


def protocol(request: Request, lfw: Labelled) -> Figures:
    """Accuracy over ten folds, and true accepts where none of the 500 pairs of two people is accepted."""
    pairs, same = devtest_pairs(request.data / "lfw-devtest.zip")
    row = {file: k for k, file in enumerate(lfw.files.tolist())}
    distances = np.array([_distance(lfw.vectors, row.get(a), row.get(b)) for a, b in pairs])
    return {
        "pairs": len(pairs),
        "accuracy": accuracy(distances, same),
        "tar": tar_at_far(distances, same, 1e-3)[0],
    }


def _distance(vectors: np.ndarray, first: int | None, second: int | None) -> float:
    return NOT_FOUND if first is None or second is None else float(1 - vectors[first] @ vectors[second])


def everybody(faces: Labelled) -> Figures:
    """All pairs of a set: pairs of one person, and every pair of two people as impostors."""
    distances, same, _ = _pairs(faces)
    figures = _rates(distances, same)
    figures["curve"] = {"far": CURVE.tolist(), "tar": tar_curve(distances, same, CURVE).tolist()}
    return figures


def families(faces: Labelled) -> Figures:
    """All pairs of the families: all others as impostors, and kin alone as impostors."""
    distances, same, kin = _pairs(faces)
    figures = _rates(distances, same)
    figures |= {"photos": faces.photos, "not found": faces.photos - len(faces.files)}
    figures["curve"] = {"far": CURVE.tolist(), "tar": tar_curve(distances, same, CURVE).tolist()}
    related = same | kin
    figures["kin"] = _rates(distances[related], same[related])
    for rate in RATES:
        cut = tar_at_far(distances, same, rate)[1]
        figures["kin"][f"accepted at {rate:g}"] = float((distances[kin] < cut).mean())
    return figures


def _pairs(faces: Labelled) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance of each pair, whether it is one person, and whether it is two of one family."""
    first, second = all_pairs(len(faces.files))
    same = faces.person[first] == faces.person[second]
    return pair_distances(faces.vectors), same, (faces.family[first] == faces.family[second]) & ~same


def _rates(distances: np.ndarray, same: np.ndarray) -> Figures:
    figures: Figures = {"genuine": int(same.sum()), "impostors": int((~same).sum())}
    for rate in RATES:
        tar, cut = tar_at_far(distances, same, rate)
        figures |= {f"tar at {rate:g}": tar, f"cut at {rate:g}": cut}
    return figures


def show(of_model: Mapping[str, Figures]) -> None:
    one = next(iter(of_model.values()))
    lfw, families, kin = one["lfw"], one["families"], one["families"]["kin"]
    table(
        "verification",
        of_model,
        [
            (f"LFW DevTest, {lfw['pairs']} pairs: accuracy, 10 folds", "lfw/accuracy"),
            ("  TAR at FAR 1e-3 (no impostor pair of 500)", "lfw/tar"),
            (f"  all pairs ({lfw['all']['genuine']}, {lfw['all']['impostors']:,}): TAR at 1e-3", "lfw/all/tar at 0.001"),
            ("  all pairs: TAR at 1e-4", "lfw/all/tar at 0.0001"),
            (f"  photos of {lfw['photos']} without a face found", "lfw/not found"),
            (f"families ({families['genuine']}, {families['impostors']:,}): TAR at 1e-3", "families/tar at 0.001"),
            ("  kin accepted at that cut", "families/kin/accepted at 0.001"),
            (f"  kin as impostors ({kin['impostors']:,}): TAR at 1e-3", "families/kin/tar at 0.001"),
            (f"  photos of {families['photos']} without a face found", "families/not found"),
            ("celebrities, all pairs: TAR at 1e-3", "celebrities/tar at 0.001"),
            ("  TAR at 1e-4", "celebrities/tar at 0.0001"),
        ],
    )
