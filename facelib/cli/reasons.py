"""Why a cluster is not listed among the people, in words."""

from __future__ import annotations

WORDS = {"few": "few faces", "one moment": "one moment only", "one picture": "always one picture", "mixed": "near another cluster"}


def in_words(reason: str) -> str:
    """A reason of :class:`facelib.store.people.PeopleRow`; empty where there is none."""
    return WORDS.get(reason, reason)
