"""How reliable 'certain' and 'likely' answers are with the thresholds of a card, on both halves of the people.

    python scripts/calibrate_standing.py SET.npz... [--embedder NAME] [--trials 80] [--seed 1]

The sets are made by ``scripts/embed_folder.py``, or are those that ``scripts/calibrate.py`` keeps in its cache. The first half of the
people of each set is the one the thresholds were fitted on. Trials are those of ``benching/open_set_questions.py``, the fit is
``calibrating/standing.py``. Printed are precision and coverage of each standing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benching.vectors import read_labelled
from calibrating.standing import TrialAnswers, collect

from facelib.model_zoo import registry
from facelib.records import CERTAIN, LIKELY
from facelib.thresholds import Thresholds


def report(title: str, asked: TrialAnswers, names: list[str]) -> None:
    """Print the precision of each standing, and the share of the known that gets it rightly."""
    print(title)
    for word, level in (("certain", CERTAIN), ("likely", LIKELY), ("either", -1)):
        given = asked.named & ((asked.standing == level) if level >= 0 else (asked.standing >= LIKELY))
        line = f"  {word:<8}"
        for index, name in [*enumerate(names), (-1, "all")]:
            rows = given & ((asked.set == index) if index >= 0 else True)
            right, wrong = float(asked.weight[rows & asked.right].sum()), float(asked.weight[rows & ~asked.right].sum())
            share = right / (1 if index >= 0 else len(names))
            count = int((rows & ~asked.right).sum())
            line += f"  {name} precision {right / max(right + wrong, 1e-12):.4f} of known {share:.3f} (wrong {count})"
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--embedder", default=registry.DEFAULTS[registry.FACE_EMBEDDER])
    parser.add_argument("--trials", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    thresholds = Thresholds().override(dict(registry.card(options.embedder).thresholds))
    sets, names = [read_labelled(path) for path in options.sets], [path.stem for path in options.sets]
    for title, first in (("people of the fit", True), ("held-out people", False)):
        asked = collect(sets, first, options.trials, options.seed, thresholds)
        report(f"{title} ({len(asked.kind)} faces asked for)", asked, names)


if __name__ == "__main__":
    main()
