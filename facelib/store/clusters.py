"""Groups, clusters, their sums and owners, and the answers that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from facelib.records import NO_PERSON
from facelib.store import vectors
from facelib.store.connection import id_list
from facelib.store.gallery import Gallery

Ids = Sequence[int] | np.ndarray

# The joins below are CROSS so that SQLite looks up the few verdicts of an observation, never the many of a person.
_ANSWER = "(observation_id, person_id, standing, share, source, photo_id)"


def reserve_cluster_ids(gallery: Gallery, count: int) -> int:
    """Reserve ``count`` ids that no cluster ever had; returns the first."""
    return _reserve(gallery, "cluster", count)


def reserve_group_ids(gallery: Gallery, count: int) -> int:
    """Reserve ``count`` ids that no group ever had; returns the first."""
    return _reserve(gallery, "group", count)


def next_cluster_id(gallery: Gallery) -> int:
    """The id that the next cluster would get, without reserving it."""
    return int(gallery.db.value("SELECT last FROM counters WHERE name = 'cluster'") or 0) + 1


def _reserve(gallery: Gallery, name: str, count: int) -> int:
    with gallery.atomic():
        last = int(gallery.db.value("SELECT last FROM counters WHERE name = ?", (name,)) or 0)
        _advance(gallery, name, last + count)
        return last + 1


def _advance(gallery: Gallery, name: str, last: int) -> None:
    gallery.db.execute(
        "INSERT INTO counters (name, last) VALUES (?, ?) ON CONFLICT DO UPDATE SET last = max(last, excluded.last)", (name, last)
    )


def put_clustering(gallery: Gallery, ids: Ids, groups: Ids, clusters: Ids, whole: bool = False) -> None:
    """Set the group and the cluster of observations; clusters without members are deleted.

    Parameters
    ----------
    ids, groups, clusters : sequences of n ints
        Observations, and for each its group or NO_GROUP, and its cluster or NO_CLUSTER. :func:`set_owners` sets the owners.
    whole : bool
        Whether these are all observations that were clustered: the others lose their membership. Else they keep it.
    """
    groups, clusters = np.asarray(groups, dtype=np.int64), np.asarray(clusters, dtype=np.int64)
    with gallery.atomic():
        if whole:
            gallery.db.execute("DELETE FROM memberships")
        present = ((c,) for c in np.unique(clusters[clusters >= 0]).tolist())
        gallery.db.executemany("INSERT INTO clusters (id) VALUES (?) ON CONFLICT DO NOTHING", present)
        gallery.db.executemany(
            "INSERT INTO memberships (observation_id, group_id, cluster_id) VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET group_id = excluded.group_id, cluster_id = excluded.cluster_id",
            (
                (int(i), g if g >= 0 else None, c if c >= 0 else None)
                for i, g, c in zip(ids, groups.tolist(), clusters.tolist(), strict=True)
            ),
        )
        gallery.db.execute("DELETE FROM clusters WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.cluster_id = clusters.id)")
        for name, used in (("group", groups), ("cluster", clusters)):
            if len(used) and used.max() >= 0:
                _advance(gallery, name, int(used.max()))


def put_sums(gallery: Gallery, clusters: Ids, sums: np.ndarray, counts: Ids) -> None:
    """Store the sums of the face embeddings of clusters, for incremental runs.

    Parameters
    ----------
    sums : ndarray of shape (n, d), float32
    counts : sequence of n ints
        How many embeddings each is the sum of.
    """
    with gallery.atomic():
        gallery.db.executemany(
            "UPDATE clusters SET vector_sum = ?, vector_count = ? WHERE id = ?",
            ((vectors.encode_sum(row), int(n), int(c)) for c, row, n in zip(clusters, sums, counts, strict=True)),
        )


def sums(gallery: Gallery) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The sums that :func:`put_sums` stored.

    Returns
    -------
    clusters : ndarray of shape (n,), int64, ascending
    sums : ndarray of shape (n, d), float32; (0, 0) where there is none
    counts : ndarray of shape (n,), int64
    """
    rows = gallery.db.execute("SELECT id, vector_sum, vector_count FROM clusters WHERE vector_sum IS NOT NULL ORDER BY id").fetchall()
    if not rows:
        return np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32), np.empty(0, dtype=np.int64)
    ids, blobs, counts = zip(*rows, strict=True)
    return np.array(ids, dtype=np.int64), np.stack([vectors.decode_sum(blob) for blob in blobs]), np.array(counts, dtype=np.int64)


def owners(gallery: Gallery) -> dict[int, int]:
    """The owner, a person id, of each cluster that has one."""
    return dict(gallery.db.execute("SELECT id, person_id FROM clusters WHERE person_id IS NOT NULL ORDER BY id").fetchall())


def owners_of(gallery: Gallery, clusters: np.ndarray) -> np.ndarray:
    """The owners of these clusters: ndarray of shape (n,), int64, NO_PERSON for none."""
    owned = owners(gallery)
    return np.array([owned.get(cluster, NO_PERSON) for cluster in clusters.tolist()], dtype=np.int64)


def put_answers(
    gallery: Gallery,
    observations: Ids,
    people: Sequence[int | None],
    standings: Sequence[str],
    shares: Sequence[float | None] | np.ndarray,
) -> None:
    """Replace the program's answers for observations.

    Verdicts are kept: an observation with an 'is' keeps that person, and one with a 'not' about the person stays unknown.

    Parameters
    ----------
    observations : sequence of n ints
    people : sequence of n person ids, None or NO_PERSON for none
    standings : sequence of n str
        Of :data:`facelib.records.STANDINGS`.
    shares : sequence of n floats, 0..1, or None
    """
    with gallery.atomic():
        gallery.db.executemany("DELETE FROM answers WHERE observation_id = ? AND source <> 'user'", ((int(o),) for o in observations))
        gallery.db.executemany(
            f"INSERT INTO answers {_ANSWER} SELECT ?1, ?2, ?3, ?4, 'auto', o.photo_id FROM observations o WHERE o.id = ?1 AND (?2 IS NULL"
            " OR NOT EXISTS (SELECT 1 FROM attachments a CROSS JOIN verdicts v ON v.id = a.verdict_id WHERE a.observation_id = ?1"
            " AND v.person_id = ?2 AND v.says = 'not' AND v.ended_by IS NULL)) ON CONFLICT DO NOTHING",
            (
                (int(o), None if p is None or p < 0 else int(p), standing, None if share is None else float(share))
                for o, p, standing, share in zip(observations, people, standings, shares, strict=True)
            ),
        )


_VOTES = """
SELECT m.cluster_id, v.person_id, count(*) FROM verdicts v
JOIN attachments a ON a.verdict_id = v.id JOIN memberships m ON m.observation_id = a.observation_id
WHERE v.says = 'is' AND v.ended_by IS NULL AND m.cluster_id IS NOT NULL {only}
GROUP BY 1, 2 ORDER BY 1, 3, 2 DESC
"""


def set_owners(gallery: Gallery, clusters: Iterable[int] | None = None) -> None:
    """Give all clusters, or these, to the person that most verdicts on their members name; if several, to the lowest id.

    Members without a verdict and without an answer are then 'likely' that person.
    """
    listed = "IN (SELECT value FROM json_each(?1))"
    only, own = ("", "") if clusters is None else (f"AND m.cluster_id {listed}", f"id {listed} AND")
    parameters = () if clusters is None else (id_list(clusters),)
    with gallery.atomic():
        # The last row of each cluster wins: rows come in ascending order of votes.
        winners = {c: p for c, p, _ in gallery.db.execute(_VOTES.format(only=only), parameters).fetchall()}
        gallery.db.execute(f"UPDATE clusters SET person_id = NULL WHERE {own} person_id IS NOT NULL", parameters)
        gallery.db.executemany("UPDATE clusters SET person_id = ? WHERE id = ?", ((p, c) for c, p in winners.items()))
        where = f"AND observation_id IN (SELECT m.observation_id FROM memberships m WHERE 1 {only})" if only else ""
        gallery.db.execute(f"DELETE FROM answers WHERE source = 'cluster' {where}", parameters)
        gallery.db.execute(
            f"INSERT INTO answers {_ANSWER}"
            " SELECT m.observation_id, c.person_id, 'likely', NULL, 'cluster', o.photo_id FROM memberships m"
            f" JOIN observations o ON o.id = m.observation_id JOIN clusters c ON c.id = m.cluster_id WHERE c.person_id IS NOT NULL {only}"
            " AND NOT EXISTS (SELECT 1 FROM attachments a"
            "  CROSS JOIN verdicts v ON v.id = a.verdict_id WHERE a.observation_id = m.observation_id AND v.person_id = c.person_id"
            "  AND v.says = 'not' AND v.ended_by IS NULL)"
            " ON CONFLICT DO UPDATE SET person_id = excluded.person_id, standing = 'likely', share = NULL, source = 'cluster'"
            " WHERE answers.person_id IS NULL",
            parameters,
        )
