"""What the page changes: each action is what the command of the same name does, checked at this edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from facelib.errors import InputError
from facelib.review.catalogue import Catalogue, key_of, target_from
from facelib.store import corrections, names, people, undo
from facelib.store.gallery import Gallery
from facelib.store.people import Person, Target

Body = Mapping[str, Any]

_MOST = 5000


@dataclass(frozen=True)
class Done:
    """How an action ended.

    Attributes
    ----------
    message : str
        A sentence for the user.
    target : Target or None
        The person or cluster it was about.
    steps : int
        How many changes it was made of.
    given : Target or None
        Who got the faces, where that is somebody else than ``target``.
    """

    message: str
    target: Target | None = None
    steps: int = 1
    given: Target | None = None


def name(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """Give a person or cluster a name; one that somebody without a name gets and somebody else has joins the two."""
    target, wanted = _target(body, "target"), _text(body, "name")
    present = people.find(gallery, names.clean(wanted))
    if target.kind == "cluster":
        person = people.name_cluster(gallery, target.id, wanted)
    else:
        known = people.people(gallery).get(target.id)
        if present is not None and present.id != target.id:
            if known is not None and known.name is not None:
                raise InputError(
                    f"\u201c{present.name}\u201d is somebody else's name",
                    f"merge the two, or say what tells them apart: {present.name} (school)",
                )
            person = corrections.merge(gallery, [Target("person", present.id), target])
        else:
            person = people.name_person(gallery, target.id, wanted)
    joined = present is not None and Target("person", present.id) != target
    return Done(f"Added to {_called(person)}" if joined else f"Named {_called(person)}", Target("person", person.id))


def merge(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """Make people and clusters one person."""
    targets = _targets(body, "targets")
    person = corrections.merge(gallery, targets)
    return Done(f"Merged {len(targets)} into {_called(person)}", Target("person", person.id))


def reject(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """These faces are not that person."""
    target, faces = _target(body, "target"), _ids(body, "faces")
    person = corrections.reject(gallery, *_either(target), faces)
    return Done(f"{_faces(len(faces))} taken out of {_called(person)}", Target("person", person.id))


def confirm(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """These faces are that person."""
    target, faces = _target(body, "target"), _ids(body, "faces")
    person_id, cluster_id = _either(target)
    person = corrections.confirm(gallery, person_id, faces, cluster_id)
    return Done(f"{_faces(len(faces))} confirmed as {_called(person)}", Target("person", person.id))


def someone(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """These faces are the person of that name, who may be new; ``target`` is who they were shown as, and stays in view."""
    faces, wanted = _ids(body, "faces"), _text(body, "name")
    shown = _target(body, "target") if body.get("target") else None
    before = _standing_changes(gallery)
    if shown is not None and shown.kind == "cluster" and not set(people.members(gallery, [shown])) <= set(faces):
        # Else the one verdict on these faces would make the whole cluster that person's.
        shown = Target("person", corrections.reject(gallery, None, shown.id, faces).id)
    person = corrections.confirm(gallery, people.add(gallery, wanted), faces)
    given = Target("person", person.id)
    return Done(f"{_faces(len(faces))} given to {_called(person)}", shown or given, _standing_changes(gallery) - before, given)


def _standing_changes(gallery: Gallery) -> int:
    return sum(not change.undone for change in undo.history(gallery))


def split(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """These faces are one other person, whose name is not known yet."""
    target, faces = _target(body, "target"), _ids(body, "faces")
    corrections.split(gallery, target, faces)
    return Done(f"{_faces(len(faces))} split off as a person of their own", target)


def hide(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """Ignore people or clusters, or show them again."""
    targets, hidden = _targets(body, "targets"), body.get("hidden") is not False
    with gallery.atomic():
        for target in targets:
            corrections.hide(gallery, target, hidden)
    return Done(f"{'Ignored' if hidden else 'Showing again'} {_people(len(targets))}", None, len(targets))


def ignore(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """Ignore all strangers in one go: those without a name whom that view shows for so many photos."""
    photos = body.get("photos")
    if not isinstance(photos, int) or isinstance(photos, bool) or not 1 <= photos <= 1000:
        raise InputError("'photos' must be a whole number from 1 to 1000")
    targets = [row.target for row in catalogue.view("strangers", photos=photos)][:_MOST]
    if not targets:
        raise InputError("there is nobody to ignore")
    return hide(gallery, catalogue, {"targets": [key_of(target) for target in targets]})


def different(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """Two are not one person: kept as a verdict on every face of the second, so that no run joins them."""
    first, second = _target(body, "first"), _target(body, "second")
    corrections.reject(gallery, *_either(first), people.members(gallery, [second]))
    return Done("Kept apart for good")


def walk_back(gallery: Gallery, catalogue: Catalogue, body: Body) -> Done:
    """Undo the last action; all of it, where it was made of several changes."""
    last = next((change for change in undo.history(gallery) if not change.undone), None)
    if last is None:
        raise InputError("there is nothing to undo")
    steps = catalogue.together.get(last.id, 1)
    undone = undo.undo(gallery, steps)
    return Done(f"Undone: {undone[0]}" if steps == 1 else f"Undone: {steps} changes")


def perform(gallery: Gallery, catalogue: Catalogue, action: str, body: Body) -> Done:
    """Do one action, whole or not at all, and remember how many changes it was made of, so that one undo takes all back."""
    with gallery.atomic():
        done = ACTIONS[action](gallery, catalogue, body)
        if done.steps > 1:
            catalogue.together[undo.history(gallery, 1)[0].id] = done.steps
        return done


ACTIONS: dict[str, Callable[[Gallery, Catalogue, Body], Done]] = {
    "name": name,
    "merge": merge,
    "reject": reject,
    "confirm": confirm,
    "someone": someone,
    "split": split,
    "hide": hide,
    "ignore": ignore,
    "different": different,
    "undo": walk_back,
}


def _either(target: Target) -> tuple[int | None, int | None]:
    """A person's id and None, or None and a cluster's."""
    return (target.id, None) if target.kind == "person" else (None, target.id)


def _target(body: Body, field: str) -> Target:
    return target_from(body.get(field))


def _targets(body: Body, field: str) -> list[Target]:
    keys = body.get(field)
    if not isinstance(keys, list) or not 1 <= len(keys) <= _MOST:
        raise InputError("choose somebody first")
    return [target_from(key) for key in keys]


def _ids(body: Body, field: str) -> list[int]:
    ids = body.get(field)
    if not isinstance(ids, list) or not 1 <= len(ids) <= _MOST or not all(type(i) is int and 0 < i < 1 << 62 for i in ids):
        raise InputError("choose faces first")
    return ids


def _text(body: Body, field: str) -> str:
    text = body.get(field)
    if not isinstance(text, str):
        raise InputError(f"'{field}' must be a text")
    return text


def _called(person: Person) -> str:
    return person.name or f"the person without a name (p{person.id})"


def _faces(count: int) -> str:
    return "1 face" if count == 1 else f"{count} faces"


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
