"""Names are stored in one form and compared without case; what could be an id is no name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.errors import InputError
from facelib.store.names import MAX_LENGTH, clean, fold, without_qualifier

BAD = ["", "   ", "\u200b", "a\nb", "tab\t", "nul\0", "\x1b[31mred", "\u202eevil", "x" * 201, "7", "c7", "P3", "\ud800", "\u2028"]


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_a_name(text: str) -> None:
    with pytest.raises(InputError):
        clean(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ana",
        "Ana (school)",
        "محمد",
        "דוד",
        "李小龙",
        "-rf",
        "../etc/passwd",
        "'; DROP TABLE people; --",
        "<script>",
        "c7b",
        "x" * 200,
        "👩‍🚀 Zoë",
    ],
)
def test_what_can(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


@given(st.text(max_size=30))
def test_a_clean_name_stays_clean_and_case_and_composition_do_not_count(text: str) -> None:
    try:
        name = clean(text)
    except InputError:
        return
    assert clean(name) == name and len(name) <= MAX_LENGTH
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, name)
        assert fold(other) == fold(name) == fold(f"  {other} ")
    assert fold(fold(name)) == fold(name)


def test_alice_is_alice() -> None:
    assert fold("ALICE  Müller") == fold("alice mu\u0308ller")
    assert fold("Straße") == fold("STRASSE")
    assert fold("Ana") != fold("Anna")
    assert without_qualifier("ana (school)") == "ana" and without_qualifier("ana") == "ana"
