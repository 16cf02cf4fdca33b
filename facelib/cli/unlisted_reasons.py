"""The reasons why a cluster is not listed among the people, in words."""

from __future__ import annotations

from facelib.records import FEW_FACES, MIXED_CLUSTER, ONE_MOMENT_ONLY, ONE_PICTURE_ONLY

TEXTS = {
    FEW_FACES: "few faces",
    ONE_MOMENT_ONLY: "one occasion only",
    ONE_PICTURE_ONLY: "always the same picture",
    MIXED_CLUSTER: "near another cluster",
}


def reason_text(reason: str) -> str:
    """The text for a reason of :class:`facelib.store.people.PeopleRow`; empty if there is none."""
    return TEXTS.get(reason, reason)
