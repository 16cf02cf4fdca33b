"""Which clusters without a name are left out of the lists of people, and why."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from facelib.store.gallery import Gallery

NOTE = "unlisted"


def unlisted(gallery: Gallery) -> dict[int, str]:
    """The reason of each cluster that the last run held not to be a person: of those with faces enough for one."""
    try:
        found = json.loads(gallery.note(NOTE) or "{}")
        return {int(cluster): str(reason) for reason, clusters in found.items() for cluster in clusters}
    except (ValueError, AttributeError, TypeError):
        return {}


def reasons_of(gallery: Gallery, clusters: Iterable[int], min_size: int) -> dict[int, str]:
    """Why these clusters are not listed, those that are not; of clusters with a name too, which always are."""
    clusters, held = list(clusters), unlisted(gallery)
    found = {cluster: held[cluster] for cluster in clusters if cluster in held}
    sql = "SELECT sum(o.face_x0 IS NOT NULL) FROM memberships m JOIN observations o ON o.id = m.observation_id WHERE m.cluster_id = ?"
    few = (cluster for cluster in clusters if (gallery.db.value(sql, (cluster,)) or 0) < min_size)
    return found | dict.fromkeys(few, "few")


def put_unlisted(gallery: Gallery, judged: Iterable[int], reasons: Mapping[int, str], alive: Iterable[int]) -> None:
    """Keep what was found of the clusters judged, in place of what was held of them, and forget those that are no more."""
    held, present = unlisted(gallery), set(alive)
    for cluster in [*judged, *(held.keys() - present)]:
        held.pop(cluster, None)
    by_reason: dict[str, list[int]] = defaultdict(list)
    for cluster, reason in sorted({**held, **reasons}.items()):
        by_reason[reason].append(cluster)
    gallery.set_note(NOTE, json.dumps(by_reason, sort_keys=True))
