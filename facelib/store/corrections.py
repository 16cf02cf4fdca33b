"""What a user does to people after the machine: merge, split, confirm, reject, hide. Each is one change, and stays through every run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from facelib.errors import InputError
from facelib.store import changes, clusters, ownership, people, verdicts
from facelib.store.connection import id_list
from facelib.store.gallery import Gallery
from facelib.store.people import Person, Target

_LISTED = "IN (SELECT value FROM json_each(?1))"
HOW_TO_FIND = "facelib explain PHOTO shows the ids of those in a photo"



def merge(gallery: Gallery, targets: Sequence[Target]) -> Person:
    """Make people and clusters one person.

    It is the first that has a name and was given as a person; else the owner of the first cluster that has a name; else
    the first unnamed person; else a new one without a name. A cluster of a named person comes alone, one of an unnamed
    person brings all of it. Single faces the user gave to somebody else stay there.

    Raises
    ------
    InputError
        If fewer than two different ones are given, or one does not exist.
    """
    wanted = list(dict.fromkeys(targets))
    owners = {target: _owner(gallery, target) for target in wanted}
    # A cluster beside the person it belongs to already says nothing new.
    if len(wanted) < 2 or len({owner.id if owner else target for target, owner in owners.items()}) < 2:
        raise InputError("there is nothing to merge: that is one and the same", "give two or more clusters or people")
    with gallery.atomic():
        detail: dict[str, Any] = {"targets": [f"{target.kind[0]}{target.id}" for target in wanted]}
        change = changes.log(gallery, "merge", detail)
        stays = keeper(wanted, owners)
        person = stays.id if stays else people.add(gallery, None, change)
        touched: set[int] = set()
        answers: dict[int, list[int]] = {}
        for target, owner in owners.items():
            if owner is not None and owner.id != person and owner.id not in answers and (target.kind == "person" or owner.name is None):
                more, answers[owner.id] = ownership.absorb(gallery, owner.id, person, change)
                touched |= more
            elif target.kind == "cluster" and (owner is None or owner.id != person):
                ownership.say_of_members(gallery, target.id, person, owner.id if owner else None, "merge", change)
                touched.add(target.id)
        left = ownership.settle(gallery, touched)
        changes.amend(gallery, change, person=person, left=left, answers=answers)
        return people.people(gallery)[person]


def keeper(targets: Sequence[Target], owners: dict[Target, Person | None]) -> Person | None:
    """The person that stays when these are merged, or None where it will be a new one."""
    ranks = (
        [owners[t] for t in targets if t.kind == "person"],
        [owners[t] for t in targets if t.kind == "cluster"],
    )
    named = [p for rank in ranks for p in rank if p is not None and p.name is not None]
    unnamed = [p for rank in ranks for p in rank if p is not None]
    return next(iter(named or unnamed), None)


def owners(gallery: Gallery, targets: Iterable[Target]) -> dict[Target, Person | None]:
    """The person each target is or belongs to."""
    return {target: _owner(gallery, target) for target in targets}


def confirm(gallery: Gallery, person_id: int | None, observation_ids: Iterable[int], cluster_id: int | None = None) -> Person:
    """These observations are that person. With ``cluster_id`` instead of a person: the one that owns the cluster, perhaps unnamed.

    Raises
    ------
    InputError
        If there is no such person, cluster or observation.
    """
    ids = _present(gallery, observation_ids)
    with gallery.atomic():
        change = changes.log(gallery, "confirm", {"observations": ids})
        person = _adopt(gallery, _target(person_id, cluster_id), change)
        verdicts.put_verdicts(gallery, ids, person, "is", "confirm", change)
        left = ownership.settle(gallery, ownership.clusters_of(gallery, ids))
        changes.amend(gallery, change, person=person, left=left)
        return people.people(gallery)[person]


def reject(gallery: Gallery, person_id: int | None, cluster_id: int | None, observation_ids: Iterable[int]) -> Person:
    """These observations are not that person, or do not belong to that cluster; they leave it at once and never come back to it.

    A cluster without a person becomes an unnamed person, for only so can the next run know what to keep apart.

    Raises
    ------
    InputError
        If there is no such person, cluster or observation, or nobody would be left in the cluster.
    """
    ids = _present(gallery, observation_ids)
    target = _target(person_id, cluster_id)
    with gallery.atomic():
        change = changes.log(gallery, "reject", {"observations": ids})
        touched = ownership.clusters_of(gallery, ids)
        person = _adopt(gallery, target, change, without=ids)
        verdicts.put_verdicts(gallery, ids, person, "not", "reject", change)
        left = ownership.settle(gallery, touched)
        changes.amend(gallery, change, person=person, left=left)
        return people.people(gallery)[person]


def split(gallery: Gallery, target: Target, observation_ids: Iterable[int]) -> Person:
    """Take observations out of a person or cluster; together they become a new, unnamed person with a cluster of its own.

    Raises
    ------
    InputError
        If one does not belong to the target, or nobody would be left.
    """
    return divide(gallery, target, [list(observation_ids)])[0]


def divide(gallery: Gallery, target: Target, parts: Sequence[Sequence[int]]) -> list[Person]:
    """As :func:`split`, for several parts at once: each becomes a person of its own, what is in none of them stays."""
    taken = [i for part in parts for i in part]
    ids = _present(gallery, taken)
    if len(ids) != len(taken):
        raise InputError("an observation can be in one part only")
    held = set(people.members(gallery, [target]))
    strangers = [i for i in ids if i not in held]
    if strangers:
        raise InputError(f"observation {strangers[0]} does not belong to {target.kind[0]}{target.id}", HOW_TO_FIND)
    if len(held) == len(ids):
        raise InputError(f"that is all of {target.kind[0]}{target.id}; there is nothing to split it from")
    with gallery.atomic():
        change = changes.log(gallery, "split", {"target": f"{target.kind[0]}{target.id}", "observations": ids})
        touched = ownership.clusters_of(gallery, ids)
        person = _adopt(gallery, target, change, without=ids)
        made = []
        left: list[ownership.Left] = []
        for part in parts:
            made.append(people.add(gallery, None, change))
            verdicts.put_verdicts(gallery, part, made[-1], "is", "split", change)
            cluster = clusters.reserve_cluster_ids(gallery, 1)
            left += ownership.move(gallery, part, cluster)
            ownership.put_exemplars(gallery, cluster, part)
            touched.add(cluster)
        left += ownership.settle(gallery, touched)
        changes.amend(gallery, change, person=person, people=made, left=left)
        known = people.people(gallery)
        return [known[key] for key in made]


def hide(gallery: Gallery, target: Target, hidden: bool) -> Person:
    """Leave a person, or a cluster of strangers, out of lists; or show it again. A cluster's owner is meant, if it has one."""
    with gallery.atomic():
        change = changes.log(gallery, "hide" if hidden else "unhide", {})
        person = _adopt(gallery, target, change)
        before = bool(gallery.db.value("SELECT hidden FROM people WHERE id = ?", (person,)))
        gallery.db.execute("UPDATE people SET hidden = ? WHERE id = ?", (int(hidden), person))
        changes.amend(gallery, change, person=person, hidden=before)
        return people.people(gallery)[person]


def _target(person_id: int | None, cluster_id: int | None) -> Target:
    if (person_id is None) == (cluster_id is None):
        raise ValueError("one of person and cluster is needed")
    return Target("person", person_id) if person_id is not None else Target("cluster", cluster_id or 0)


def _owner(gallery: Gallery, target: Target) -> Person | None:
    if target.kind == "person":
        found = people.people(gallery).get(target.id)
        if found is None:
            raise InputError(f"there is no person p{target.id}", "facelib people lists the ids")
        return found
    row = gallery.db.execute("SELECT person_id FROM clusters WHERE id = ?", (target.id,)).fetchone()
    if row is None:
        raise InputError(f"there is no cluster c{target.id}", "facelib people lists the ids")
    return people.people(gallery).get(row[0])


def _adopt(gallery: Gallery, target: Target, change: int, without: Sequence[int] = ()) -> int:
    """The person a target is or belongs to; a cluster without one is given to a new one without a name, but for some members."""
    owner = _owner(gallery, target)
    if owner is not None:
        return owner.id
    rest = [i for i in people.members(gallery, [target]) if i not in set(without)]
    if not rest:
        raise InputError(f"that would leave nobody in c{target.id}", "hide it, or give its faces to others")
    person = people.add(gallery, None, change)
    verdicts.put_verdicts(gallery, rest, person, "is", changes.command(gallery, change), change)
    clusters.set_owners(gallery, [target.id])
    return person


def _present(gallery: Gallery, observation_ids: Iterable[int]) -> list[int]:
    ids = list(dict.fromkeys(int(i) for i in observation_ids))
    if not ids:
        raise InputError("no observation is named", HOW_TO_FIND)
    known = {row[0] for row in gallery.db.execute(f"SELECT id FROM observations WHERE id {_LISTED}", (id_list(ids),))}
    unknown = [i for i in ids if i not in known]
    if unknown:
        raise InputError(f"there is no observation {unknown[0]}", HOW_TO_FIND)
    return ids
