"""Which clusters without a name are left out of the lists of people, and why."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from facelib.records import FEW_FACES
from facelib.store.gallery import Gallery

NOTE = "unlisted"


def unlisted(gallery: Gallery) -> dict[int, str]:
    """The stored reason of each cluster that does not count as a person although it has enough faces."""
    try:
        stored = json.loads(gallery.note(NOTE) or "{}")
        return {int(cluster): str(reason) for reason, clusters in stored.items() for cluster in clusters}
    except (ValueError, AttributeError, TypeError):
        return {}


def reason_of(cluster: int, faces: int, min_size: int, stored: Mapping[int, str]) -> str:
    """Why a cluster is not listed as a person, or would not be without its name; empty if it is.

    Parameters
    ----------
    faces : int
        Its members with a face, reliable or not.
    min_size : int
        Fewer are no person.
    stored : mapping
        As from :func:`unlisted`.
    """
    return FEW_FACES if faces < min_size else stored.get(cluster, "")


def reasons_of(gallery: Gallery, clusters: Iterable[int], min_size: int) -> dict[int, str]:
    """Why some of these clusters are not listed, or would not be without their names; listed clusters are left out."""
    stored = unlisted(gallery)
    sql = "SELECT sum(o.face_x0 IS NOT NULL) FROM memberships m JOIN observations o ON o.id = m.observation_id WHERE m.cluster_id = ?"
    reasons = {cluster: reason_of(cluster, gallery.db.value(sql, (cluster,)) or 0, min_size, stored) for cluster in clusters}
    return {cluster: reason for cluster, reason in reasons.items() if reason}


def put_unlisted(gallery: Gallery, judged: Iterable[int], reasons: Mapping[int, str], alive: Iterable[int]) -> None:
    """Replace the reasons of the judged clusters, and delete those of clusters that no longer exist.

    Parameters
    ----------
    judged : iterable of int
        Clusters whose reasons were determined.
    reasons : mapping of int to str
        The reasons of those judged clusters that are not listed.
    alive : iterable of int
        All clusters that exist.
    """
    stored, present = unlisted(gallery), set(alive)
    for cluster in [*judged, *(stored.keys() - present)]:
        stored.pop(cluster, None)
    by_reason: dict[str, list[int]] = defaultdict(list)
    for cluster, reason in sorted({**stored, **reasons}.items()):
        by_reason[reason].append(cluster)
    gallery.set_note(NOTE, json.dumps(by_reason, sort_keys=True))
