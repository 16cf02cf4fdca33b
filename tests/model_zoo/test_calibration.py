"""The calibrated values beside the cards: well formed, in range, and read only when they are needed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.model_zoo import calibration, registry
from facelib.model_zoo.calibration import Part, read, to_toml
from facelib.thresholds import FIELDS, Thresholds

words = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters='"\\\x7f'), min_size=1, max_size=20)
numbers = st.floats(-10, 10).map(lambda value: round(value, 3))
parts = st.builds(
    Part,
    st.text("abcdefgh", min_size=1),
    st.lists(words, max_size=3).map(tuple),
    words,
    st.just("") | words,
    st.just("2026-11"),
    st.dictionaries(st.sampled_from(sorted(FIELDS)), numbers, max_size=4),
    st.dictionaries(st.sampled_from([1e-2, 1e-3, 1e-4]), numbers, max_size=3),
)


@given(st.lists(parts, max_size=4, unique_by=lambda part: part.name))
def test_what_is_written_is_read_again(made: list[Part]) -> None:
    assert read(to_toml("net", tuple(made))) == tuple(made)


def test_a_text_that_would_break_the_file_is_refused() -> None:
    with pytest.raises(ValueError):
        to_toml("net", (Part("a", (), 'an "error"', "", "2026"),))


@pytest.mark.parametrize("path", sorted(calibration.FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_file_belongs_to_a_card_and_is_as_the_script_writes_it(path) -> None:  # type: ignore[no-untyped-def]
    card = registry.card(path.stem)
    text = path.read_text(encoding="utf-8")
    assert to_toml(path.stem, read(text)) == text
    names = [name for part in calibration.parts(path.stem) for name in part.thresholds]
    assert len(names) == len(set(names))
    Thresholds().override(card.thresholds)
    for name in names:
        assert card.threshold_origin(name) in card.calibration


def test_a_card_without_a_file_has_no_thresholds_of_its_own() -> None:
    card = registry.card("face-geometry")
    assert not card.thresholds and not card.far_distances and card.calibration == "default, not calibrated"


def test_help_reads_none_of_them() -> None:
    script = (
        "import sys; opened = []; sys.addaudithook(lambda e, a: opened.append(str(a[0])) if e == 'open' else None)\n"
        "from facelib.cli.main import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not [path for path in opened if 'cards' in path and path.endswith('.toml')], opened"
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
