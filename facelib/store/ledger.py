"""The ledger: which recipe was applied to which photo, and how that ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from facelib.errors import PhotoError
from facelib.store import photos
from facelib.store.connection import id_list, now
from facelib.store.gallery import Gallery
from facelib.store.photos import BATCH, PhotoRow, path_text

MAX_ATTEMPTS = 3
"""After so many failures under one recipe, a photo is not processed until its recipe changes or the user asks for a retry."""

READ = "read"
"""The stage of files that could not be read."""

_DONE, _DUE, _GIVEN_UP = 0, 1, 2


@dataclass(frozen=True)
class Due:
    """A photo, and the stages that are due for it, in order."""

    photo: PhotoRow
    stages: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """A file whose processing failed: the path, the stage, the error, the number of attempts and the time (ISO 8601, UTC)."""

    path: str
    stage: str
    kind: str
    detail: str
    attempts: int
    at: str


def due(gallery: Gallery, recipes: Mapping[str, str], order: Sequence[str], under: Sequence[str] | None = None) -> list[Due]:
    """The stages that are due for photos with a present file.

    Parameters
    ----------
    recipes : mapping of str to str
        The recipe in force for each stage.
    order : sequence of str
        The stages. Each needs those before it: after a stage that is due all later ones are due, after one that has failed for good
        none is.
    under : sequence of str, optional
        Only photos with a file at or below one of these paths.

    Returns
    -------
    list of Due
        By photo id.
    """
    if not order:
        return []
    where, roots = photos.under("f.path", under)
    states, joins, stages = [], [], []
    for n, stage in enumerate(order):
        states.append(
            f"CASE WHEN l{n}.recipe IS NOT ?{3 * n + 1} THEN {_DUE} WHEN l{n}.error_kind IS NULL THEN {_DONE}"
            f" WHEN l{n}.attempts < ?{3 * n + 2} THEN {_DUE} ELSE {_GIVEN_UP} END AS s{n}"
        )
        joins.append(f"LEFT JOIN ledger l{n} ON l{n}.photo_id = p.id AND l{n}.stage = ?{3 * n + 3}")
        stages += [recipes[stage], MAX_ATTEMPTS, stage]
    rows = gallery.db.execute(
        f"SELECT * FROM (SELECT p.id, {', '.join(states)} FROM photos p {' '.join(joins)}"
        f" WHERE EXISTS (SELECT 1 FROM files f WHERE f.photo_id = p.id AND f.missing = 0 AND {where}))"
        f" WHERE {' OR '.join(f's{n} = {_DUE}' for n in range(len(order)))}",
        [*stages, *roots],
    )
    wanted: dict[int, tuple[str, ...]] = {}
    while batch := rows.fetchmany(BATCH):
        for photo_id, *state in batch:
            if names := _due_stages(order, state):
                wanted[photo_id] = names
    if not wanted:
        return []
    return [Due(photo, wanted[photo.id]) for photo in photos.photos(gallery, wanted)]


def _due_stages(order: Sequence[str], states: Sequence[int]) -> tuple[str, ...]:
    due_stages: list[str] = []
    for stage, state in zip(order, states, strict=True):
        if due_stages or state == _DUE:
            due_stages.append(stage)
        elif state == _GIVEN_UP:
            break
    return tuple(due_stages)


def is_done(gallery: Gallery, photo_id: int, recipes: Mapping[str, str]) -> bool:
    """Whether every stage succeeded for a photo under these recipes."""
    rows = gallery.db.execute("SELECT stage, recipe FROM ledger WHERE photo_id = ? AND error_kind IS NULL", (photo_id,)).fetchall()
    return recipes.items() <= dict(rows).items()


def record(gallery: Gallery, photo_id: int, stage: str, recipe: str, error: PhotoError | None = None) -> None:
    """Store how a stage ended for a photo: with success (None) or with an error. Errors are counted for each recipe."""
    kind, detail = (error.kind, error.detail) if error else (None, None)
    with gallery.atomic():
        gallery.db.execute(
            "INSERT INTO ledger (photo_id, stage, recipe, error_kind, error_detail, attempts, at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?4 IS NOT NULL, ?6) ON CONFLICT DO UPDATE SET"
            " attempts = excluded.attempts + iif(excluded.error_kind IS NOT NULL AND recipe = excluded.recipe, attempts, 0),"
            " recipe = excluded.recipe, error_kind = excluded.error_kind, error_detail = excluded.error_detail, at = excluded.at",
            (photo_id, stage, recipe, kind, detail, now()),
        )


def errors(gallery: Gallery, photo_ids: Iterable[int]) -> dict[int, PhotoError]:
    """The error of each of these photos that failed."""
    rows = gallery.db.execute(
        "SELECT photo_id, error_kind, error_detail FROM ledger WHERE error_kind IS NOT NULL"
        " AND photo_id IN (SELECT value FROM json_each(?)) ORDER BY photo_id, at, stage",
        (id_list(photo_ids),),
    )
    return {photo_id: PhotoError(kind, detail) for photo_id, kind, detail in rows.fetchall()}


def failures(gallery: Gallery) -> list[Failure]:
    """The present files that could not be read, or whose photo failed in a stage (the latest error), by path."""
    rows = gallery.db.execute(
        "SELECT path, ?, error_kind, error_detail, attempts, at FROM files WHERE error_kind IS NOT NULL AND missing = 0"
        " UNION ALL SELECT f.path, l.stage, l.error_kind, l.error_detail, l.attempts, l.at"
        " FROM ledger l JOIN files f ON f.photo_id = l.photo_id WHERE l.error_kind IS NOT NULL AND f.missing = 0"
        " ORDER BY 1, 6, 2",
        (READ,),
    ).fetchall()
    by_path = {row[0]: Failure(path_text(row[0]), *row[1:]) for row in rows}
    return list(by_path.values())


def retry(gallery: Gallery) -> None:
    """Reset the attempts of all failures, so that the next ``index`` tries again."""
    with gallery.atomic():
        gallery.db.execute("UPDATE ledger SET attempts = 0 WHERE error_kind IS NOT NULL")
        gallery.db.execute("UPDATE files SET attempts = 0 WHERE error_kind IS NOT NULL")
