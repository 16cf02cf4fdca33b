"""The reasons why a cluster is not listed among the people, in words."""

from __future__ import annotations

TEXTS = {"few": "few faces", "one moment": "one moment only", "one picture": "always one picture", "mixed": "near another cluster"}


def reason_text(reason: str) -> str:
    """The text for a reason of :class:`facelib.store.people.PeopleRow`; empty if there is none."""
    return TEXTS.get(reason, reason)
