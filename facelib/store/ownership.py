"""Who an observation and a cluster belong to, when people say so: the steps that naming, merging and splitting are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from facelib.store import clusters, verdicts
from facelib.store.connection import id_list
from facelib.store.gallery import Gallery

Left = tuple[int, int]
"""An observation, and the cluster it was taken out of."""

MOST_EXEMPLARS = 24
"""Of a part split off, so that it is recognised at once; the next index chooses anew."""

_LISTED = "IN (SELECT value FROM json_each(?1))"


def say_of_members(gallery: Gallery, cluster_id: int, person: int, owner: int | None, how: str, change: int) -> None:
    """An 'is' verdict for every member nobody else's verdict holds back; those of the former ``owner`` give way."""
    judged = (
        "SELECT 1 FROM attachments a JOIN verdicts v ON v.id = a.verdict_id"
        " WHERE a.observation_id = m.observation_id AND v.ended_by IS NULL"
        " AND (v.says = 'not' AND v.person_id = ?2 OR v.says = 'is' AND v.person_id NOT IN (?2, ?3))"
    )
    rows = gallery.db.execute(
        f"SELECT observation_id FROM memberships m WHERE m.cluster_id = ?1 AND NOT EXISTS ({judged}) ORDER BY 1",
        (cluster_id, person, person if owner is None else owner),
    ).fetchall()
    verdicts.put_verdicts(gallery, (row[0] for row in rows), person, "is", how, change)


def absorb(gallery: Gallery, gone: int, stays: int, change: int) -> tuple[set[int], list[int]]:
    """Make one person part of another: what was said of it is said of the other.

    Where one was said to be the first and not the other, the newer word holds: it is.

    Returns
    -------
    clusters : set of int
        Those it had.
    answers : list of int
        Observations the program held to be it, and now holds to be the other; :func:`give_back` undoes that.
    """
    touched = {row[0] for row in gallery.db.execute("SELECT id FROM clusters WHERE person_id = ?", (gone,))}
    photos = _photos_spoken_of(gallery, gone)
    gallery.db.execute(
        "INSERT INTO verdicts (sha256, part, x0, y0, x1, y1, person_id, says, how, at, made_by)"
        " SELECT sha256, part, x0, y0, x1, y1, ?, says, how, at, ? FROM verdicts WHERE person_id = ? AND ended_by IS NULL ORDER BY id",
        (stays, change, gone),
    )
    gallery.db.execute("UPDATE verdicts SET ended_by = ? WHERE person_id = ? AND ended_by IS NULL", (change, gone))
    gallery.db.execute("UPDATE people SET ended_by = ? WHERE id = ?", (change, gone))
    answers = [row[0] for row in gallery.db.execute("SELECT observation_id FROM answers WHERE person_id = ? AND source <> 'user'", (gone,))]
    gallery.db.execute("UPDATE answers SET person_id = ? WHERE person_id = ? AND source <> 'user'", (stays, gone))
    verdicts.attach(gallery, photos)
    _end_contradicted(gallery, stays, change)
    # Some of the observations held to be the one may have been said not to be the other.
    verdicts.settle_answers(gallery, id_list(answers))
    return touched, answers


def _photos_spoken_of(gallery: Gallery, person: int) -> list[int]:
    rows = gallery.db.execute(
        "SELECT DISTINCT p.id FROM verdicts v JOIN photos p ON p.sha256 = v.sha256 WHERE v.person_id = ? AND v.ended_by IS NULL", (person,)
    )
    return [row[0] for row in rows]


def _end_contradicted(gallery: Gallery, person: int, change: int) -> None:
    """End each 'not' about a person where an 'is' about the same person speaks of the same observation."""
    rows = gallery.db.execute(
        "SELECT v.id FROM verdicts v JOIN attachments a ON a.verdict_id = v.id WHERE v.person_id = ?1 AND v.says = 'not'"
        " AND v.ended_by IS NULL AND EXISTS (SELECT 1 FROM attachments b JOIN verdicts w ON w.id = b.verdict_id"
        " WHERE b.observation_id = a.observation_id AND w.person_id = ?1 AND w.says = 'is' AND w.ended_by IS NULL)",
        (person,),
    ).fetchall()
    if rows:
        verdicts.end_verdicts(gallery, [row[0] for row in rows], change)


def give_back(gallery: Gallery, answers: Iterable[int], to: int, from_: int) -> None:
    """Undo what :func:`absorb` did to the program's own answers, as far as they still are what it made them."""
    gallery.db.execute(
        f"UPDATE answers SET person_id = ?2 WHERE observation_id {_LISTED} AND person_id = ?3 AND source <> 'user'",
        (id_list(answers), to, from_),
    )


def settle(gallery: Gallery, cluster_ids: Iterable[int]) -> list[Left]:
    """Bring clusters in line with the verdicts on their members, at once and without a run.

    Each goes to the person most of its verdicts name. Members whom a verdict gives to somebody else, or takes from that
    person, leave the cluster until the next clustering; exemplars that left their cluster leave the dictionary.

    Returns
    -------
    list of (observation, cluster)
        Members that left; :func:`put_back` undoes that.
    """
    listed = sorted(set(cluster_ids))
    clusters.set_owners(gallery, listed)
    left = gallery.db.execute(
        "SELECT DISTINCT m.observation_id, m.cluster_id FROM memberships m JOIN clusters c ON c.id = m.cluster_id"
        " JOIN attachments a ON a.observation_id = m.observation_id JOIN verdicts v ON v.id = a.verdict_id"
        f" WHERE m.cluster_id {_LISTED} AND c.person_id IS NOT NULL AND v.ended_by IS NULL"
        " AND (v.says = 'not' AND v.person_id = c.person_id OR v.says = 'is' AND v.person_id <> c.person_id) ORDER BY 1",
        (id_list(listed),),
    ).fetchall()
    move(gallery, [row[0] for row in left], None)
    _make_known(gallery, listed)
    return [(row[0], row[1]) for row in left]


def _make_known(gallery: Gallery, cluster_ids: Sequence[int]) -> None:
    """Give exemplars to clusters that have a person now but none: small ones, which no run had chosen."""
    rows = gallery.db.execute(
        f"SELECT m.cluster_id, m.observation_id FROM memberships m JOIN clusters c ON c.id = m.cluster_id WHERE c.id {_LISTED}"
        " AND c.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM exemplars x WHERE x.cluster_id = c.id) ORDER BY 1, 2",
        (id_list(cluster_ids),),
    ).fetchall()
    for cluster in sorted({row[0] for row in rows}):
        put_exemplars(gallery, cluster, [row[1] for row in rows if row[0] == cluster])


def move(gallery: Gallery, observation_ids: Sequence[int], cluster_id: int | None) -> list[Left]:
    """Put observations into a cluster, new or present, or into none; returns where those that had one came from."""
    ids = id_list(observation_ids)
    before = gallery.db.execute(
        f"SELECT observation_id, cluster_id FROM memberships WHERE observation_id {_LISTED} AND cluster_id IS NOT NULL ORDER BY 1", (ids,)
    ).fetchall()
    if cluster_id is not None:
        gallery.db.execute("INSERT INTO clusters (id) VALUES (?) ON CONFLICT DO NOTHING", (cluster_id,))
    gallery.db.execute(f"DELETE FROM exemplars WHERE observation_id {_LISTED}", (ids,))
    gallery.db.execute(f"UPDATE clusters SET vector_sum = NULL, vector_count = 0 WHERE id {_LISTED}", (id_list(row[1] for row in before),))
    gallery.db.execute(
        "INSERT INTO memberships (observation_id, cluster_id) SELECT value, ?2 FROM json_each(?1) WHERE 1"
        " ON CONFLICT DO UPDATE SET cluster_id = excluded.cluster_id",
        (ids, cluster_id),
    )
    gallery.db.execute("DELETE FROM clusters WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.cluster_id = clusters.id)")
    return [(row[0], row[1]) for row in before]


def put_back(gallery: Gallery, left: Iterable[Sequence[int]]) -> set[int]:
    """Return observations to the clusters they were taken out of, where both are still there; returns those clusters."""
    wanted: dict[int, list[int]] = {}
    for observation, cluster in left:
        wanted.setdefault(int(cluster), []).append(int(observation))
    for cluster, observations in wanted.items():
        rows = gallery.db.execute(f"SELECT id FROM observations WHERE id {_LISTED}", (id_list(observations),)).fetchall()
        move(gallery, [row[0] for row in rows], cluster)
    return set(wanted)


def clusters_of(gallery: Gallery, observation_ids: Iterable[int]) -> set[int]:
    """The clusters these observations are in."""
    rows = gallery.db.execute(
        f"SELECT DISTINCT cluster_id FROM memberships WHERE observation_id {_LISTED} AND cluster_id IS NOT NULL",
        (id_list(observation_ids),),
    )
    return {row[0] for row in rows}


def put_exemplars(gallery: Gallery, cluster: int, observation_ids: Sequence[int]) -> None:
    """Let a new cluster be recognised at once by the most reliable of these."""
    gallery.db.execute(
        "INSERT INTO exemplars (observation_id, cluster_id) SELECT o.id, ?2 FROM observations o JOIN face_embeddings e"
        f" ON e.observation_id = o.id WHERE o.id {_LISTED} ORDER BY o.reliability DESC, o.id LIMIT {MOST_EXEMPLARS}"
        " ON CONFLICT DO UPDATE SET cluster_id = excluded.cluster_id",
        (id_list(observation_ids), cluster),
    )
