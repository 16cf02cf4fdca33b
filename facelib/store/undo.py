"""Undo: take back what the user did, the newest change first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from facelib.errors import InputError
from facelib.store import changes, ownership, verdicts
from facelib.store import names as naming
from facelib.store.connection import IN_LIST, NO_LIMIT, id_list
from facelib.store.gallery import Gallery

UNDO = "undo"


@dataclass(frozen=True)
class Change:
    """A change: when (ISO 8601, UTC), the command, a description in one line, and whether it was undone since."""

    id: int
    at: str
    command: str
    text: str
    undone: bool


def history(gallery: Gallery, limit: int | None = None) -> list[Change]:
    """The changes, the newest first, including undone ones but not the undoing itself.

    Parameters
    ----------
    limit : int, optional
        The largest number of changes; all by default.
    """
    rows = gallery.db.execute(
        "SELECT id, at, command, detail, undone_by IS NOT NULL FROM changes WHERE command <> ? ORDER BY id DESC LIMIT ?",
        (UNDO, NO_LIMIT if limit is None else limit),
    ).fetchall()
    names = dict(gallery.db.execute("SELECT id, name FROM people").fetchall())
    return [Change(row[0], row[1], row[2], describe(row[2], json.loads(row[3]), names), bool(row[4])) for row in rows]


def undo(gallery: Gallery, steps: int = 1) -> list[str]:
    """Take back the last ``steps`` changes that were not undone yet, in one transaction.

    Returns
    -------
    list of str
        A description of each change, in the order in which they were taken back.

    Raises
    ------
    InputError
        If there are fewer changes.
    """
    undoable = [change for change in history(gallery) if not change.undone]
    if len(undoable) < steps or not undoable:
        many = f"only {len(undoable)} changes are left to undo" if undoable else "there is nothing to undo"
        raise InputError(many, "facelib undo --list shows what was done")
    texts = [change.text for change in undoable[:steps]]
    with gallery.atomic():
        undoing = changes.log(gallery, UNDO, {})
        for change in undoable[:steps]:
            _undo_one(gallery, change.id, undoing)
    return texts


def _undo_one(gallery: Gallery, change: int, undoing: int) -> None:
    detail = json.loads(gallery.db.value("SELECT detail FROM changes WHERE id = ?", (change,)))
    command = changes.command(gallery, change)
    photos = _photos_of(gallery, change)
    _undo_drawn(gallery, change)
    new_people = [row[0] for row in gallery.db.execute("SELECT id FROM people WHERE made_by = ?", (change,))]
    owned = gallery.db.execute(f"SELECT id FROM clusters WHERE person_id {IN_LIST}", (id_list(new_people),)).fetchall()
    gallery.db.execute("DELETE FROM verdicts WHERE made_by = ?", (change,))
    gallery.db.execute("UPDATE verdicts SET ended_by = NULL WHERE ended_by = ?", (change,))
    gallery.db.execute("DELETE FROM enrolled WHERE made_by = ?", (change,))
    gallery.db.execute("DELETE FROM people WHERE made_by = ?", (change,))
    gallery.db.execute("UPDATE people SET ended_by = NULL WHERE ended_by = ?", (change,))
    _restore_person(gallery, command, detail)
    for person, answers in detail.get("answers", {}).items():
        ownership.restore_answers(gallery, answers, int(person), int(detail["person"]))
    changed = {row[0] for row in owned} | ownership.restore_members(gallery, detail.get("left", ()))
    verdicts.attach(gallery, photos)
    observations = gallery.db.execute(f"SELECT id FROM observations WHERE photo_id {IN_LIST}", (id_list(photos),)).fetchall()
    ownership.update_owners(gallery, changed | ownership.clusters_of(gallery, (row[0] for row in observations)))
    gallery.db.execute("UPDATE changes SET undone_by = ? WHERE id = ?", (undoing, change))


def _photos_of(gallery: Gallery, change: int) -> list[int]:
    """Photos on which this change made or ended verdicts or drawn boxes."""
    rows = gallery.db.execute(
        "SELECT p.id FROM photos p WHERE p.sha256 IN (SELECT sha256 FROM verdicts WHERE made_by = ?1"
        " UNION SELECT sha256 FROM verdicts WHERE ended_by = ?1"
        " UNION SELECT sha256 FROM drawn WHERE made_by = ?1 OR ended_by = ?1) ORDER BY 1",
        (change,),
    )
    return [row[0] for row in rows]


def _undo_drawn(gallery: Gallery, change: int) -> None:
    """Delete the boxes that a change drew, with their observations, and restore those that it ended."""
    for part in ("face", "body"):
        gallery.db.execute(
            f"DELETE FROM observations WHERE source = 'user' AND EXISTS (SELECT 1 FROM drawn d JOIN photos p ON p.sha256 = d.sha256"
            f" WHERE d.made_by = ? AND d.part = '{part}' AND p.id = observations.photo_id AND d.x0 = {part}_x0 AND d.y0 = {part}_y0"
            f" AND d.x1 = {part}_x1 AND d.y1 = {part}_y1)",
            (change,),
        )
    gallery.db.execute("DELETE FROM drawn WHERE made_by = ?", (change,))
    gallery.db.execute("UPDATE drawn SET ended_by = NULL WHERE ended_by = ?", (change,))


def _restore_person(gallery: Gallery, command: str, detail: dict[str, Any]) -> None:
    if command == "rename":
        before = detail["from"]
        folded = None if before is None else naming.fold(before)
        gallery.db.execute("UPDATE people SET name = ?, folded = ? WHERE id = ?", (before, folded, detail["person"]))
    if command in ("hide", "unhide"):
        gallery.db.execute("UPDATE people SET hidden = ? WHERE id = ?", (int(detail["hidden"]), detail["person"]))


def describe(command: str, detail: dict[str, Any], names: dict[int, str | None]) -> str:
    """A change in one line for users.

    Parameters
    ----------
    names : dict of int to str or None
        The name of each person by id.
    """

    def who(person: object) -> str:
        return names.get(int(str(person))) or f"p{person}"

    person = detail.get("person")
    faces = _count(detail.get("observations", ()), "face")
    if command == "name":
        return f"named c{detail['cluster']} {detail['name']}"
    if command == "rename":
        return f"renamed {detail['from']} to {detail['to']}" if detail["from"] else f"named p{person} {detail['to']}"
    if command == "merge":
        return f"merged {', '.join(detail['targets'])} into {who(person)}"
    if command == "split":
        return f"split {faces} from {detail['target']}"
    if command in ("confirm", "reject") and "observations" in detail:
        verb = "are" if len(detail["observations"]) > 1 else "is"
        return f"said that {faces} {verb} {'not ' if command == 'reject' else ''}{who(person)}"
    if command in ("hide", "unhide") and person is not None:
        return f"{'hid' if command == 'hide' else 'showed'} {who(person)}"
    if command == "enroll":
        return f"enrolled {_count(detail.get('photos', ()), 'photo')} of {who(person)}"
    return str(detail.get("text") or command) if person is None else f"{command} {who(person)}"


def _count(items: Iterable[object], noun: str) -> str:
    n = len(list(items))
    return f"{n} {noun}{'' if n == 1 else 's'}"
