"""The actions of the page. Each does what the command of the same name does, and checks its input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from facelib.errors import InputError
from facelib.review.catalogue import Catalogue, target_from
from facelib.store import corrections, names, people, undo
from facelib.store.gallery import Gallery
from facelib.store.people import Person, Target

Body = Mapping[str, Any]

_MAX_TARGETS = 5000


@dataclass(frozen=True)
class Outcome:
    """The outcome of an action.

    Attributes
    ----------
    message : str
        A sentence for the user.
    target : Target or None
        The person or cluster that was changed.
    steps : int
        The number of changes in the log.
    given : Target or None
        The person who was given the faces, if not ``target``.
    """

    message: str
    target: Target | None = None
    steps: int = 1
    given: Target | None = None


def name(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Name a person or cluster. If another person has that name already, a person without a name is merged into it."""
    target, wanted = _target(body, "target"), _text(body, "name")
    present = people.find(gallery, names.clean(wanted))
    if target.kind == "cluster":
        person = people.name_cluster(gallery, target.id, wanted)
    else:
        known = people.people(gallery).get(target.id)
        if present is not None and present.id != target.id:
            if known is not None and known.name is not None:
                raise InputError(
                    f"\u201c{present.name}\u201d is the name of another person",
                    f"merge the two, or add what distinguishes them: {present.name} (school)",
                )
            person = corrections.merge(gallery, [Target("person", present.id), target])
        else:
            person = people.name_person(gallery, target.id, wanted)
    joined = present is not None and Target("person", present.id) != target
    return Outcome(f"Added to {_title(person)}" if joined else f"Named {_title(person)}", Target("person", person.id))


def merge(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Merge people and clusters into one person."""
    targets = _targets(body, "targets")
    person = corrections.merge(gallery, targets)
    return Outcome(f"Merged {len(targets)} into {_title(person)}", Target("person", person.id))


def reject(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Say that faces do not show a person."""
    target, faces = _target(body, "target"), _ids(body, "faces")
    person = corrections.reject(gallery, *_person_or_cluster(target), faces)
    return Outcome(f"{_faces(len(faces))} taken out of {_title(person)}", Target("person", person.id))


def confirm(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Say that faces show a person."""
    target, faces = _target(body, "target"), _ids(body, "faces")
    person_id, cluster_id = _person_or_cluster(target)
    person = corrections.confirm(gallery, person_id, faces, cluster_id)
    return Outcome(f"{_faces(len(faces))} confirmed as {_title(person)}", Target("person", person.id))


def give_to(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Say that faces show the person of this name, who may be new. ``target`` is the person or cluster they were listed under."""
    faces, wanted = _ids(body, "faces"), _text(body, "name")
    listed_under = _target(body, "target") if body.get("target") else None
    before = _changes_in_force(gallery)
    if listed_under is not None and listed_under.kind == "cluster" and not set(people.members(gallery, [listed_under])) <= set(faces):
        # Without this, the verdict on these faces would make that person the owner of the whole cluster.
        listed_under = Target("person", corrections.reject(gallery, None, listed_under.id, faces).id)
    person = corrections.confirm(gallery, people.add(gallery, wanted), faces)
    given = Target("person", person.id)
    return Outcome(f"{_faces(len(faces))} given to {_title(person)}", listed_under or given, _changes_in_force(gallery) - before, given)


def _changes_in_force(gallery: Gallery) -> int:
    return sum(not change.undone for change in undo.history(gallery))


def split(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Move faces to a new person without a name."""
    target, faces = _target(body, "target"), _ids(body, "faces")
    corrections.split(gallery, target, faces)
    return Outcome(f"{_faces(len(faces))} split off as a person of their own", target)


def hide(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Hide people or clusters, or show them again."""
    targets, hidden = _targets(body, "targets"), body.get("hidden") is not False
    with gallery.atomic():
        for target in targets:
            corrections.hide(gallery, target, hidden)
    return Outcome(f"{_people(len(targets))} {'hidden' if hidden else 'shown again'}", None, len(targets))


def ignore(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Hide all strangers: the people without a name that the view lists for this number of photos."""
    photos = body.get("photos")
    if not isinstance(photos, int) or isinstance(photos, bool) or not 1 <= photos <= 1000:
        raise InputError("'photos' must be a whole number from 1 to 1000")
    targets = [row.target for row in catalogue.view("strangers", photos=photos)][:_MAX_TARGETS]
    if not targets:
        raise InputError("there are no strangers to hide")
    return hide(gallery, catalogue, {"targets": [str(target) for target in targets]})


def different(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Say that two people are different, by a verdict on every face of the second; no run will join them."""
    first, second = _target(body, "first"), _target(body, "second")
    corrections.reject(gallery, *_person_or_cluster(first), people.members(gallery, [second]))
    return Outcome("Marked as two different people")


def undo_last(gallery: Gallery, catalogue: Catalogue, body: Body) -> Outcome:
    """Undo the last action, with all changes that it consists of."""
    last = next((change for change in undo.history(gallery) if not change.undone), None)
    if last is None:
        raise InputError("there is nothing to undo")
    steps = catalogue.changes_of_action.get(last.id, 1)
    undone = undo.undo(gallery, steps)
    return Outcome(f"Undone: {undone[0]}" if steps == 1 else f"Undone: {steps} changes")


def perform(gallery: Gallery, catalogue: Catalogue, action: str, body: Body) -> Outcome:
    """Do an action in one transaction, and remember the number of its changes, so that one undo takes all of them back."""
    with gallery.atomic():
        outcome = ACTIONS[action](gallery, catalogue, body)
        if outcome.steps > 1:
            catalogue.changes_of_action[undo.history(gallery, 1)[0].id] = outcome.steps
        return outcome


ACTIONS: dict[str, Callable[[Gallery, Catalogue, Body], Outcome]] = {
    "name": name,
    "merge": merge,
    "reject": reject,
    "confirm": confirm,
    "someone": give_to,
    "split": split,
    "hide": hide,
    "ignore": ignore,
    "different": different,
    "undo": undo_last,
}


def _person_or_cluster(target: Target) -> tuple[int | None, int | None]:
    """The id of a person and None, or None and the id of a cluster."""
    return (target.id, None) if target.kind == "person" else (None, target.id)


def _target(body: Body, field: str) -> Target:
    return target_from(body.get(field))


def _targets(body: Body, field: str) -> list[Target]:
    keys = body.get(field)
    if not isinstance(keys, list) or not 1 <= len(keys) <= _MAX_TARGETS:
        raise InputError("select people first")
    return [target_from(key) for key in keys]


def _ids(body: Body, field: str) -> list[int]:
    ids = body.get(field)
    if not isinstance(ids, list) or not 1 <= len(ids) <= _MAX_TARGETS or not all(type(i) is int and 0 < i < 1 << 62 for i in ids):
        raise InputError("select faces first")
    return ids


def _text(body: Body, field: str) -> str:
    text = body.get(field)
    if not isinstance(text, str):
        raise InputError(f"'{field}' must be a text")
    return text


def _title(person: Person) -> str:
    return person.name or f"the unnamed person p{person.id}"


def _faces(count: int) -> str:
    return "1 face" if count == 1 else f"{count} faces"


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
