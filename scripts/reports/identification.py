"""Open-set identification on people that no threshold was fitted to: some are known, the others must stay unknown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from benching.vectors import LabelledVectors
from calibrating.standing import PROMISED, collect, precision_and_coverage
from development_sets.labelled_sets import SUBJECT, labelled

from facelib.evaluation.open_set import SIBLING, STRANGER, identification_rate
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds
from reports.request import Figures, Request, Rows, table

TRIALS, SEED = 40, 1
RATES = (1e-2, 1e-3)


def run(request: Request, embedder: str) -> Figures:
    """For each set the share of the known who are named rightly, at given rates of others named; and the errors of each standing."""
    sets = {name: labelled(request.data, name, request.detector, embedder, request.cache) for name in SUBJECT}
    thresholds = Thresholds().override(dict(registry.card(embedder).thresholds))
    asked = collect([LabelledVectors(s.vectors, s.person, s.family) for s in sets.values()], False, TRIALS, SEED, thresholds)
    figures: Figures = {"standing": {word: dict(zip(("precision", "of known"), precision_and_coverage(asked, word))) for word in PROMISED}}
    for index, name in enumerate(sets):
        mine = asked.set == index
        score = np.where(asked.named[mine], asked.score[mine], -np.inf)
        figures[name] = {}
        for kind, word in ((STRANGER, "strangers"), (SIBLING, "siblings")):
            if (asked.kind[mine] == kind).any():
                found = {f"{rate:g}": identification_rate(score, asked.right[mine], asked.kind[mine], rate, (kind,))[0] for rate in RATES}
                figures[name][word] = found
    return figures


def show(of_model: Mapping[str, Figures]) -> None:
    rows: Rows = []
    for name in SUBJECT:
        for word in ("strangers", "siblings") if name == "families-dev" else ("strangers",):
            rows += [(f"{name}: named rightly at {rate:g} of {word} named", f"{name}/{word}/{rate:g}") for rate in RATES]
    rows += [(f"'{word}': {key}", f"standing/{word}/{key}") for word in PROMISED for key in ("precision", "of known")]
    table("open-set identification, held-out people", of_model, rows)
