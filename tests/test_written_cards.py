"""models/README.md and the table in README.md are what scripts/write_cards.py writes."""

from __future__ import annotations

import copy
import runpy
from pathlib import Path

import pytest

from facelib.model_zoo import registry

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "write_cards.py"))
MEASURED = SCRIPT["measured"]()
WRITTEN = (ROOT / "models" / "README.md").read_text(encoding="utf-8")


def test_the_model_cards_are_up_to_date() -> None:
    assert SCRIPT["text"](MEASURED) == WRITTEN, "run: python scripts/write_cards.py"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert SCRIPT["renewed"](readme, MEASURED) == readme, "run: python scripts/write_cards.py"


@pytest.mark.parametrize("card", registry.CARDS.values(), ids=lambda card: card.name)
def test_every_model_has_a_card_that_says_what_it_is_and_where_it_is_weak(card: registry.ModelCard) -> None:
    _, _, rest = WRITTEN.partition(f"\n## `{card.name}`\n")
    mine = rest.partition("\n## ")[0]
    assert card.licence_weights in mine and card.origin in mine and card.training_data in mine
    assert all(file.sha256 in mine for file in card.files.values())
    assert all(f"`{name}` | {value:g} |" in mine for name, value in card.thresholds.items())
    assert "**Weak for.**" in mine


def test_the_default_embedder_was_measured() -> None:
    name = registry.DEFAULTS[registry.FACE_EMBEDDER]
    for report in ("verification", "clustering", "identification", "fairness", "speed"):
        advice = f"run: python scripts/evaluate.py {report} --embedders {name} --json models/evaluation.json"
        assert SCRIPT["of"](report, registry.card(name), MEASURED), advice


def test_figures_of_other_weights_are_not_shown() -> None:
    other = copy.deepcopy(MEASURED)
    for found in other.values():
        if isinstance(found, dict):
            for figures in found.values():
                figures["digest"] = "0" * 16
    text = SCRIPT["text"](other)
    assert "Not measured." in text
    assert f"{MEASURED['verification']['dlib-resnet']['lfw']['accuracy']:.3f}" not in text
