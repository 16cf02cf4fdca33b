"""models/README.md is what scripts/write_cards.py writes, and figures that no longer hold are marked or left out."""

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
    assert SCRIPT["text"](WRITTEN, MEASURED) == WRITTEN, "run: python scripts/write_cards.py"


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
        assert SCRIPT["figures_of"](report, registry.card(name), MEASURED), advice


def changed(key: str, value: object) -> dict:
    """The figures as if they had been measured with something else."""
    other = copy.deepcopy(MEASURED)
    for found in other.values():
        if isinstance(found, dict):
            for figures in found.values():
                figures[key] = value
    return other


def test_figures_of_other_weights_are_not_shown() -> None:
    text = SCRIPT["text"](WRITTEN, changed("digest", "0" * 16))
    assert "Not measured." in text
    assert f"{MEASURED['verification']['dlib-resnet']['lfw']['accuracy']:.3f}" not in text
    assert "| LFW DevTest, 1,000 pairs: accuracy | (stale) | (stale) |" in text


@pytest.mark.parametrize(("key", "value"), [("thresholds", "0" * 16), ("models", {"mtcnn": "0" * 16})])
def test_figures_of_other_thresholds_or_beside_other_models_are_marked_as_stale(key: str, value: object) -> None:
    text = SCRIPT["text"](WRITTEN, changed(key, value))
    accuracy = MEASURED["verification"]["dlib-resnet"]["lfw"]["accuracy"]
    assert f"| LFW DevTest, 1,000 pairs: accuracy | {accuracy:.3f} (stale) |" in text
    assert "| group | faces | `dlib-resnet` (stale) |" in text and "| group | faces | `mtcnn` (stale) |" in text
    assert "Run `python scripts/evaluate.py" in text


def test_no_figure_on_the_page_is_stale() -> None:
    assert "(stale)" not in WRITTEN.partition("<!-- made by")[2].replace("`(stale)`", "")
