"""Corrections by the user: merge, split, confirm, reject, hide. Each is one entry of the log of changes; every later run obeys it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from facelib.errors import InputError
from facelib.store import changes, clusters, ownership, people, verdicts
from facelib.store.connection import IN_LIST, id_list
from facelib.store.gallery import Gallery
from facelib.store.people import Person, Target

HOW_TO_FIND = "facelib explain PHOTO shows the ids of those in a photo"


def merge(gallery: Gallery, targets: Sequence[Target]) -> Person:
    """Merge people and clusters into one person.

    The result is the first named person among the targets; else the named owner of the first cluster that has one; else the first
    unnamed person; else a new person without a name. Of a named person only the given cluster is merged, of an unnamed person all
    clusters. Single faces with a verdict for somebody else keep it.

    Raises
    ------
    InputError
        If fewer than two different targets are given, or one does not exist.
    """
    wanted = list(dict.fromkeys(targets))
    owner_of = owners(gallery, wanted)
    # A cluster and its own owner are one target.
    if len(wanted) < 2 or len({owner.id if owner else target for target, owner in owner_of.items()}) < 2:
        raise InputError("there is nothing to merge: that is one and the same person", "give two or more clusters or people")
    with gallery.atomic():
        detail: dict[str, Any] = {"targets": [str(target) for target in wanted]}
        change = changes.log(gallery, "merge", detail)
        stays = keeper(wanted, owner_of)
        person = stays.id if stays else people.add(gallery, None, change)
        changed: set[int] = set()
        answers: dict[int, list[int]] = {}
        for target, owner in owner_of.items():
            if owner is not None and owner.id != person and owner.id not in answers and (target.kind == "person" or owner.name is None):
                more, answers[owner.id] = ownership.merge_person(gallery, owner.id, person, change)
                changed |= more
            elif target.kind == "cluster" and (owner is None or owner.id != person):
                ownership.confirm_members(gallery, target.id, person, owner.id if owner else None, "merge", change)
                changed.add(target.id)
        left = ownership.update_owners(gallery, changed)
        changes.add_detail(gallery, change, person=person, left=left, answers=answers)
        return people.people(gallery)[person]


def keeper(targets: Sequence[Target], owner_of: dict[Target, Person | None]) -> Person | None:
    """The person that remains when these are merged, or None if that will be a new person."""
    ranks = (
        [owner_of[t] for t in targets if t.kind == "person"],
        [owner_of[t] for t in targets if t.kind == "cluster"],
    )
    named = [p for rank in ranks for p in rank if p is not None and p.name is not None]
    unnamed = [p for rank in ranks for p in rank if p is not None]
    return next(iter(named or unnamed), None)


def owners(gallery: Gallery, targets: Iterable[Target]) -> dict[Target, Person | None]:
    """The person that each target is or belongs to.

    Raises
    ------
    InputError
        If a target does not exist.
    """
    return {target: _owner(gallery, target) for target in targets}


def confirm(gallery: Gallery, person_id: int | None, observation_ids: Iterable[int], cluster_id: int | None = None) -> Person:
    """Say that observations are a person, given by its id or as the owner of a cluster, who may be unnamed.

    Raises
    ------
    InputError
        If there is no such person, cluster or observation.
    """
    ids = _existing(gallery, observation_ids)
    with gallery.atomic():
        change = changes.log(gallery, "confirm", {"observations": ids})
        person = _owner_or_new(gallery, _target(person_id, cluster_id), change)
        verdicts.put_verdicts(gallery, ids, person, "is", "confirm", change)
        left = ownership.update_owners(gallery, ownership.clusters_of(gallery, ids))
        changes.add_detail(gallery, change, person=person, left=left)
        return people.people(gallery)[person]


def reject(gallery: Gallery, person_id: int | None, cluster_id: int | None, observation_ids: Iterable[int]) -> Person:
    """Say that observations are not a person, or do not belong to a cluster. They leave it at once, and never return to it.

    A cluster without a person becomes an unnamed person first, because a verdict needs a person.

    Raises
    ------
    InputError
        If there is no such person, cluster or observation, or the cluster would have no member left.
    """
    ids = _existing(gallery, observation_ids)
    target = _target(person_id, cluster_id)
    with gallery.atomic():
        change = changes.log(gallery, "reject", {"observations": ids})
        changed = ownership.clusters_of(gallery, ids)
        person = _owner_or_new(gallery, target, change, without=ids)
        verdicts.put_verdicts(gallery, ids, person, "not", "reject", change)
        left = ownership.update_owners(gallery, changed)
        changes.add_detail(gallery, change, person=person, left=left)
        return people.people(gallery)[person]


def split(gallery: Gallery, target: Target, observation_ids: Iterable[int]) -> Person:
    """Move observations of a person or cluster to a new cluster, owned by a new person without a name.

    Raises
    ------
    InputError
        If an observation does not belong to the target, or the target would have none left.
    """
    return divide(gallery, target, [list(observation_ids)])[0]


def divide(gallery: Gallery, target: Target, parts: Sequence[Sequence[int]]) -> list[Person]:
    """As :func:`split`, for several parts at once: each becomes a new person, all other observations stay."""
    listed = [i for part in parts for i in part]
    ids = _existing(gallery, listed)
    if len(ids) != len(listed):
        raise InputError("an observation can be in one part only")
    members = set(people.members(gallery, [target]))
    others = [i for i in ids if i not in members]
    if others:
        raise InputError(f"observation {others[0]} does not belong to {target}", HOW_TO_FIND)
    if len(members) == len(ids):
        raise InputError(f"these are all observations of {target}; there is nothing to split them from")
    with gallery.atomic():
        change = changes.log(gallery, "split", {"target": str(target), "observations": ids})
        changed = ownership.clusters_of(gallery, ids)
        person = _owner_or_new(gallery, target, change, without=ids)
        new: list[int] = []
        left: list[ownership.FormerMember] = []
        for part in parts:
            new.append(people.add(gallery, None, change))
            verdicts.put_verdicts(gallery, part, new[-1], "is", "split", change)
            cluster = clusters.reserve_cluster_ids(gallery, 1)
            left += ownership.move_members(gallery, part, cluster)
            ownership.add_exemplars(gallery, cluster, part)
            changed.add(cluster)
        left += ownership.update_owners(gallery, changed)
        changes.add_detail(gallery, change, person=person, people=new, left=left)
        known = people.people(gallery)
        return [known[key] for key in new]


def hide(gallery: Gallery, target: Target, hidden: bool) -> Person:
    """Hide a person, or a cluster of strangers, in lists, or show it again. If a cluster has an owner, that person is hidden."""
    with gallery.atomic():
        change = changes.log(gallery, "hide" if hidden else "unhide", {})
        person = _owner_or_new(gallery, target, change)
        before = bool(gallery.db.value("SELECT hidden FROM people WHERE id = ?", (person,)))
        gallery.db.execute("UPDATE people SET hidden = ? WHERE id = ?", (int(hidden), person))
        changes.add_detail(gallery, change, person=person, hidden=before)
        return people.people(gallery)[person]


def _target(person_id: int | None, cluster_id: int | None) -> Target:
    if (person_id is None) == (cluster_id is None):
        raise ValueError("one of person and cluster is needed")
    return Target("person", person_id) if person_id is not None else Target("cluster", cluster_id or 0)


def _owner(gallery: Gallery, target: Target) -> Person | None:
    if target.kind == "person":
        person = people.people(gallery).get(target.id)
        if person is None:
            raise InputError(f"there is no person p{target.id}", "facelib people lists the ids")
        return person
    row = gallery.db.execute("SELECT person_id FROM clusters WHERE id = ?", (target.id,)).fetchone()
    if row is None:
        raise InputError(f"there is no cluster c{target.id}", "facelib people lists the ids")
    return people.people(gallery).get(row[0])


def _owner_or_new(gallery: Gallery, target: Target, change: int, without: Sequence[int] = ()) -> int:
    """The person that a target is or belongs to; for a cluster without one a new person, who gets all members but ``without``."""
    owner = _owner(gallery, target)
    if owner is not None:
        return owner.id
    rest = [i for i in people.members(gallery, [target]) if i not in set(without)]
    if not rest:
        raise InputError(f"that would leave no face in c{target.id}", "hide it, or give its faces to other people")
    person = people.add(gallery, None, change)
    verdicts.put_verdicts(gallery, rest, person, "is", changes.command(gallery, change), change)
    clusters.set_owners(gallery, [target.id])
    return person


def _existing(gallery: Gallery, observation_ids: Iterable[int]) -> list[int]:
    ids = list(dict.fromkeys(int(i) for i in observation_ids))
    if not ids:
        raise InputError("no observation was given", HOW_TO_FIND)
    known = {row[0] for row in gallery.db.execute(f"SELECT id FROM observations WHERE id {IN_LIST}", (id_list(ids),))}
    unknown = [i for i in ids if i not in known]
    if unknown:
        raise InputError(f"there is no observation {unknown[0]}", HOW_TO_FIND)
    return ids
