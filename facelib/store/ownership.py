"""Which person owns clusters and observations after a correction: the steps that naming, merging and splitting consist of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from facelib.store import clusters, verdicts
from facelib.store.connection import IN_LIST, id_list
from facelib.store.gallery import Gallery

FormerMember = tuple[int, int]
"""An observation, and the cluster it left."""

MAX_EXEMPLARS = 24
"""Exemplars of a cluster that a correction made, so that its person is recognised at once; the next ``index`` chooses others."""


def confirm_members(gallery: Gallery, cluster_id: int, person: int, owner: int | None, how: str, change: int) -> None:
    """Add verdicts that the members of a cluster are a person.

    Left out are members that a verdict gives to somebody else than ``person`` and the former ``owner``, or takes from ``person``.
    """
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


def merge_person(gallery: Gallery, gone: int, stays: int, change: int) -> tuple[set[int], list[int]]:
    """Merge the person ``gone`` into the person ``stays``: every verdict about the one becomes one about the other.

    If the verdicts on an observation say that it is ``gone`` and is not ``stays``, it is ``stays`` afterwards: the merge is newer.

    Returns
    -------
    clusters : set of int
        The clusters of ``gone``.
    answers : list of int
        Observations that the program, not the user, had recognised as ``gone`` and that are ``stays`` now. :func:`restore_answers`
        undoes that.
    """
    owned = {row[0] for row in gallery.db.execute("SELECT id FROM clusters WHERE person_id = ?", (gone,))}
    photos = _photos_with_verdicts(gallery, gone)
    gallery.db.execute(
        f"INSERT INTO verdicts ({verdicts.COLUMNS}) SELECT sha256, {verdicts.BOX_COLUMNS}, ?, says, how, at, ?"
        " FROM verdicts WHERE person_id = ? AND ended_by IS NULL ORDER BY id",
        (stays, change, gone),
    )
    gallery.db.execute("UPDATE verdicts SET ended_by = ? WHERE person_id = ? AND ended_by IS NULL", (change, gone))
    gallery.db.execute("UPDATE people SET ended_by = ? WHERE id = ?", (change, gone))
    answers = [row[0] for row in gallery.db.execute("SELECT observation_id FROM answers WHERE person_id = ? AND source <> 'user'", (gone,))]
    gallery.db.execute("UPDATE answers SET person_id = ? WHERE person_id = ? AND source <> 'user'", (stays, gone))
    verdicts.attach(gallery, photos)
    _end_contradicted_rejections(gallery, stays, change)
    # Some observations recognised as the one person may have a verdict that they are not the other.
    verdicts.update_answers(gallery, id_list(answers))
    return owned, answers


def _photos_with_verdicts(gallery: Gallery, person: int) -> list[int]:
    rows = gallery.db.execute(
        "SELECT DISTINCT p.id FROM verdicts v JOIN photos p ON p.sha256 = v.sha256 WHERE v.person_id = ? AND v.ended_by IS NULL", (person,)
    )
    return [row[0] for row in rows]


def _end_contradicted_rejections(gallery: Gallery, person: int, change: int) -> None:
    """End each 'not' about a person on an observation that also has an 'is' about that person."""
    rows = gallery.db.execute(
        "SELECT v.id FROM verdicts v JOIN attachments a ON a.verdict_id = v.id WHERE v.person_id = ?1 AND v.says = 'not'"
        " AND v.ended_by IS NULL AND EXISTS (SELECT 1 FROM attachments b JOIN verdicts w ON w.id = b.verdict_id"
        " WHERE b.observation_id = a.observation_id AND w.person_id = ?1 AND w.says = 'is' AND w.ended_by IS NULL)",
        (person,),
    ).fetchall()
    if rows:
        verdicts.end_verdicts(gallery, [row[0] for row in rows], change)


def restore_answers(gallery: Gallery, answers: Iterable[int], to: int, from_: int) -> None:
    """Undo what :func:`merge_person` did to the program's own answers; answers that have changed since stay as they are."""
    gallery.db.execute(
        f"UPDATE answers SET person_id = ?2 WHERE observation_id {IN_LIST} AND person_id = ?3 AND source <> 'user'",
        (id_list(answers), to, from_),
    )


def update_owners(gallery: Gallery, cluster_ids: Iterable[int]) -> list[FormerMember]:
    """Make the owners and members of clusters agree with the verdicts on their members, without a run of ``index``.

    The owner of a cluster is the person that most verdicts on its members name. Members that a verdict gives to somebody else, or
    takes from the owner, leave the cluster, and the dictionary, until the next clustering.

    Returns
    -------
    list of (observation, cluster)
        Members that left. :func:`restore_members` undoes that.
    """
    listed = sorted(set(cluster_ids))
    clusters.set_owners(gallery, listed)
    leaving = gallery.db.execute(
        "SELECT DISTINCT m.observation_id, m.cluster_id FROM memberships m JOIN clusters c ON c.id = m.cluster_id"
        " JOIN attachments a ON a.observation_id = m.observation_id JOIN verdicts v ON v.id = a.verdict_id"
        f" WHERE m.cluster_id {IN_LIST} AND c.person_id IS NOT NULL AND v.ended_by IS NULL"
        " AND (v.says = 'not' AND v.person_id = c.person_id OR v.says = 'is' AND v.person_id <> c.person_id) ORDER BY 1",
        (id_list(listed),),
    ).fetchall()
    move_members(gallery, [row[0] for row in leaving], None)
    _add_missing_exemplars(gallery, listed)
    return [(row[0], row[1]) for row in leaving]


def _add_missing_exemplars(gallery: Gallery, cluster_ids: Sequence[int]) -> None:
    """Add exemplars to clusters that now have an owner but no exemplars: small clusters that no run had counted as people."""
    rows = gallery.db.execute(
        f"SELECT m.cluster_id, m.observation_id FROM memberships m JOIN clusters c ON c.id = m.cluster_id WHERE c.id {IN_LIST}"
        " AND c.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM exemplars x WHERE x.cluster_id = c.id) ORDER BY 1, 2",
        (id_list(cluster_ids),),
    ).fetchall()
    for cluster in sorted({row[0] for row in rows}):
        add_exemplars(gallery, cluster, [row[1] for row in rows if row[0] == cluster])


def move_members(gallery: Gallery, observation_ids: Sequence[int], cluster_id: int | None) -> list[FormerMember]:
    """Move observations to a cluster, which is made if it does not exist, or out of all clusters.

    Returns
    -------
    list of (observation, cluster)
        The clusters they left, for those that were in one.
    """
    ids = id_list(observation_ids)
    before = gallery.db.execute(
        f"SELECT observation_id, cluster_id FROM memberships WHERE observation_id {IN_LIST} AND cluster_id IS NOT NULL ORDER BY 1", (ids,)
    ).fetchall()
    if cluster_id is not None:
        gallery.db.execute("INSERT INTO clusters (id) VALUES (?) ON CONFLICT DO NOTHING", (cluster_id,))
    gallery.db.execute(f"DELETE FROM exemplars WHERE observation_id {IN_LIST}", (ids,))
    gallery.db.execute(f"UPDATE clusters SET vector_sum = NULL, vector_count = 0 WHERE id {IN_LIST}", (id_list(row[1] for row in before),))
    gallery.db.execute(
        "INSERT INTO memberships (observation_id, cluster_id) SELECT value, ?2 FROM json_each(?1) WHERE 1"
        " ON CONFLICT DO UPDATE SET cluster_id = excluded.cluster_id",
        (ids, cluster_id),
    )
    gallery.db.execute("DELETE FROM clusters WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.cluster_id = clusters.id)")
    return [(row[0], row[1]) for row in before]


def restore_members(gallery: Gallery, former: Iterable[Sequence[int]]) -> set[int]:
    """Move observations that still exist back to the clusters they left; returns those clusters."""
    of_cluster: dict[int, list[int]] = {}
    for observation, cluster in former:
        of_cluster.setdefault(int(cluster), []).append(int(observation))
    for cluster, observations in of_cluster.items():
        rows = gallery.db.execute(f"SELECT id FROM observations WHERE id {IN_LIST}", (id_list(observations),)).fetchall()
        move_members(gallery, [row[0] for row in rows], cluster)
    return set(of_cluster)


def clusters_of(gallery: Gallery, observation_ids: Iterable[int]) -> set[int]:
    """The clusters of these observations."""
    rows = gallery.db.execute(
        f"SELECT DISTINCT cluster_id FROM memberships WHERE observation_id {IN_LIST} AND cluster_id IS NOT NULL",
        (id_list(observation_ids),),
    )
    return {row[0] for row in rows}


def add_exemplars(gallery: Gallery, cluster: int, observation_ids: Sequence[int]) -> None:
    """Make the most reliable of these observations exemplars of a cluster, so that its person is recognised at once."""
    gallery.db.execute(
        "INSERT INTO exemplars (observation_id, cluster_id) SELECT o.id, ?2 FROM observations o JOIN face_embeddings e"
        f" ON e.observation_id = o.id WHERE o.id {IN_LIST} ORDER BY o.reliability DESC, o.id LIMIT {MAX_EXEMPLARS}"
        " ON CONFLICT DO UPDATE SET cluster_id = excluded.cluster_id",
        (id_list(observation_ids), cluster),
    )
