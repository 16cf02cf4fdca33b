"""Names of people: which are valid, and when two are the same."""

from __future__ import annotations

import re
import unicodedata

from facelib.errors import InputError

MAX_LENGTH = 200

_LOOKS_LIKE_ID = re.compile(r"[cp]?[0-9]+", re.IGNORECASE)
# Marks that change the direction of text. Names in Arabic or Hebrew do not need them, and on a terminal they garble the line.
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """A name as it is stored: in composed form (NFC), with single spaces and none at the ends.

    Raises
    ------
    InputError
        If it is empty, too long, contains control characters, or looks like an id.
    """
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in _DIRECTION for c in text):
        raise InputError("a name cannot contain control characters or line breaks")
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(unicodedata.category(c)[0] in "LNPS" for c in name):
        raise InputError("a name cannot be empty")
    if len(name) > MAX_LENGTH:
        raise InputError(f"a name cannot be longer than {MAX_LENGTH} characters; this one has {len(name)}")
    if _LOOKS_LIKE_ID.fullmatch(name):
        raise InputError(f"'{name}' cannot be a name: it would be taken for the id of a cluster or a person")
    return name


def looks_like_person_id(text: str) -> bool:
    """Whether a text is the id of a person, such as ``p3``, and not a name."""
    return re.fullmatch(r"p[0-9]{1,18}", text.strip(), re.IGNORECASE) is not None


def fold(name: str) -> str:
    """The form in which names are compared: canonical caseless matching of the Unicode Standard (section 3.13, D145)."""
    spaced = " ".join(name.split())
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", unicodedata.normalize("NFD", spaced).casefold()))


def without_qualifier(folded: str) -> str:
    """The name before a qualifier in brackets: ``ana (school)`` is an ``ana``."""
    return re.sub(r" \([^()]*\)$", "", folded)
