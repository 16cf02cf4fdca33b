"""Groups, clusters, their exemplars and sums, and the answers that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from facelib.records import NO_PERSON
from facelib.store import vectors
from facelib.store.connection import damaged, id_list
from facelib.store.gallery import Gallery

# The joins below are CROSS so that SQLite looks up the few verdicts of an observation, never the many of a person.
_BATCH = 65536
Ids = Sequence[int] | np.ndarray


def reserve_cluster_ids(gallery: Gallery, count: int) -> int:
    """The first of ``count`` ids that no cluster ever had."""
    return _reserve(gallery, "cluster", count)


def reserve_group_ids(gallery: Gallery, count: int) -> int:
    """The first of ``count`` ids that no group ever had."""
    return _reserve(gallery, "group", count)


def next_cluster_id(gallery: Gallery) -> int:
    """The id a next cluster would get; reserves nothing."""
    return int(gallery.db.value("SELECT last FROM counters WHERE name = 'cluster'") or 0) + 1


def _reserve(gallery: Gallery, name: str, count: int) -> int:
    with gallery.atomic():
        last = int(gallery.db.value("SELECT last FROM counters WHERE name = ?", (name,)) or 0)
        _advance(gallery, name, last + count)
        return last + 1


def _advance(gallery: Gallery, name: str, last: int) -> None:
    gallery.db.execute("INSERT INTO counters VALUES (?, ?) ON CONFLICT DO UPDATE SET last = max(last, excluded.last)", (name, last))


def put_clustering(gallery: Gallery, ids: Ids, groups: Ids, clusters: Ids, whole: bool = False) -> None:
    """Which group and which cluster observations belong to; clusters left without members cease to be.

    Parameters
    ----------
    ids, groups, clusters : sequences of n ints
        Observations, and for each its group and its cluster; -1 for none. Owners follow by :func:`set_owners`.
    whole : bool
        True where these are all: observations not named belong nowhere afterwards. Else they stay where they are.
    """
    groups, clusters = np.asarray(groups, dtype=np.int64), np.asarray(clusters, dtype=np.int64)
    with gallery.atomic():
        if whole:
            gallery.db.execute("DELETE FROM memberships")
        present = ((c,) for c in np.unique(clusters[clusters >= 0]).tolist())
        gallery.db.executemany("INSERT INTO clusters (id) VALUES (?) ON CONFLICT DO NOTHING", present)
        gallery.db.executemany(
            "INSERT INTO memberships VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
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
    """Keep the sums of the face embeddings of clusters, for incremental runs.

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
    """What :func:`put_sums` kept.

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


def put_exemplars(gallery: Gallery, clusters: Ids, observations: Ids) -> None:
    """The dictionary, in place of the one before: pairs of a cluster and one of its exemplars."""
    with gallery.atomic():
        gallery.db.execute("DELETE FROM exemplars")
        pairs = ((int(o), int(c)) for c, o in zip(clusters, observations, strict=True))
        gallery.db.executemany("INSERT INTO exemplars VALUES (?, ?)", pairs)


def exemplars(gallery: Gallery) -> tuple[np.ndarray, np.ndarray]:
    """Clusters and observations of the dictionary, two arrays of shape (n,), int64, by observation."""
    rows = gallery.db.execute("SELECT cluster_id, observation_id FROM exemplars ORDER BY observation_id").fetchall()
    pairs = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def dictionary(gallery: Gallery, model: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The exemplars that have a face embedding of a model.

    Returns
    -------
    clusters : ndarray of shape (m,), int64
    people : ndarray of shape (m,), int64
        Whose the cluster of each exemplar is; -1 for nobody's.
    vectors : ndarray of shape (m, d), float32, rows of unit length; (0, 0) where there is none
    observations : ndarray of shape (m,), int64, ascending
    """
    rows = gallery.db.execute(
        "SELECT x.cluster_id, coalesce(c.person_id, -1), x.observation_id, e.vector FROM exemplars x JOIN clusters c ON c.id = x.cluster_id"
        " JOIN face_embeddings e ON e.observation_id = x.observation_id WHERE e.model = ? ORDER BY x.observation_id",
        (model,),
    ).fetchall()
    keys = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3)
    blobs = [row[3] for row in rows]
    try:
        unit = vectors.decode(blobs, len(blobs[0]) // 2 if blobs else 0)
    except ValueError as error:
        raise damaged(gallery.path, str(error)) from error
    return keys[:, 0].copy(), keys[:, 1].copy(), unit, keys[:, 2].copy()


def owners(gallery: Gallery) -> dict[int, int]:
    """Person of each cluster that has one."""
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
    source: str = "auto",
) -> None:
    """Who the program holds observations to be, in place of what it held before.

    A verdict is never overruled: an observation with an 'is' keeps it, and one with a 'not' about that person stays unknown.

    Parameters
    ----------
    people : sequence of person ids, None for nobody
    standings : sequence of ``"certain"``, ``"likely"``, ``"unknown"``
    shares : sequence of float, 0..1, or None
    """
    with gallery.atomic():
        gallery.db.executemany("DELETE FROM answers WHERE observation_id = ? AND source <> 'user'", ((int(o),) for o in observations))
        gallery.db.executemany(
            "INSERT INTO answers SELECT ?1, ?2, ?3, ?4, ?5, o.photo_id FROM observations o WHERE o.id = ?1 AND (?2 IS NULL"
            " OR NOT EXISTS (SELECT 1 FROM attachments a CROSS JOIN verdicts v ON v.id = a.verdict_id WHERE a.observation_id = ?1"
            " AND v.person_id = ?2 AND v.says = 'not' AND v.ended_by IS NULL)) ON CONFLICT DO NOTHING",
            (
                (int(o), None if p is None or p < 0 else int(p), standing, None if share is None else float(share), source)
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
    """Give each cluster (or these) to the person verdicts name among its members, the one named most (of equals the first).

    Members nobody judged and nobody recognised are then 'likely' that person.
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
            "INSERT INTO answers SELECT m.observation_id, c.person_id, 'likely', NULL, 'cluster', o.photo_id FROM memberships m"
            f" JOIN observations o ON o.id = m.observation_id JOIN clusters c ON c.id = m.cluster_id WHERE c.person_id IS NOT NULL {only}"
            " AND NOT EXISTS (SELECT 1 FROM attachments a"
            "  CROSS JOIN verdicts v ON v.id = a.verdict_id WHERE a.observation_id = m.observation_id AND v.person_id = c.person_id"
            "  AND v.says = 'not' AND v.ended_by IS NULL)"
            " ON CONFLICT DO UPDATE SET person_id = excluded.person_id, standing = 'likely', share = NULL, source = 'cluster'"
            " WHERE answers.person_id IS NULL",
            parameters,
        )
