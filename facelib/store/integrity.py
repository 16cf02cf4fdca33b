"""Checks of a gallery: damage, contradictions between tables, and permissions. Nothing is changed."""

from __future__ import annotations

import stat
from dataclasses import dataclass

from facelib.errors import FacelibError
from facelib.store.gallery import Gallery

ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass(frozen=True)
class Problem:
    """What a check found. ``level`` is ``"error"`` (data may be wrong), ``"warning"`` (should be repaired) or ``"note"`` (harmless)."""

    level: str
    subject: str
    detail: str
    advice: str


_ROWS = (
    (
        ERROR,
        "attachments",
        "SELECT count(*) FROM attachments a JOIN verdicts v ON v.id = a.verdict_id WHERE v.ended_by IS NOT NULL",
        "attachments of verdicts that have ended",
        "run facelib index --recluster",
    ),
    (
        ERROR,
        "verdicts",
        "SELECT count(*) FROM (SELECT 1 FROM attachments a JOIN verdicts v ON v.id = a.verdict_id WHERE v.says = 'is'"
        " AND v.ended_by IS NULL GROUP BY a.observation_id HAVING count(*) > 1)",
        "observations with verdicts for two people",
        "confirm one of them",
    ),
    (
        ERROR,
        "answers",
        "SELECT count(*) FROM attachments a JOIN verdicts v ON v.id = a.verdict_id"
        " LEFT JOIN answers s ON s.observation_id = a.observation_id WHERE v.says = 'is' AND v.ended_by IS NULL"
        " AND s.person_id IS NOT v.person_id",
        "observations whose person is not the one the verdict names",
        "run facelib index --recluster",
    ),
    (
        WARNING,
        "clusters",
        "SELECT count(*) FROM (SELECT m.cluster_id FROM memberships m JOIN attachments a ON a.observation_id = m.observation_id"
        " JOIN verdicts v ON v.id = a.verdict_id WHERE v.says = 'is' AND v.ended_by IS NULL AND m.cluster_id IS NOT NULL"
        " GROUP BY 1 HAVING count(DISTINCT v.person_id) > 1)",
        "clusters with verdicts for two people",
        "run facelib index --recluster",
    ),
    (
        NOTE,
        "verdicts",
        "SELECT count(*) FROM verdicts v WHERE ended_by IS NULL AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.verdict_id = v.id)",
        "verdicts without an observation: their photos are not indexed, or no detector sees anybody there now",
        "nothing to do: they are attached again when the photo is indexed",
    ),
    (
        NOTE,
        "photos",
        "SELECT count(*) FROM photos p WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.photo_id = p.id AND f.missing = 0)",
        "photos without a present file",
        "nothing to do: they are present again when a file is",
    ),
)


def check(gallery: Gallery, quick: bool = False) -> list[Problem]:
    """All problems of a gallery, the worst first.

    Parameters
    ----------
    quick : bool
        Leave out the comparison of every index with its table, which takes minutes for a large gallery.
    """
    problems = _modes(gallery)
    try:
        for row in gallery.db.execute("PRAGMA quick_check(20)" if quick else "PRAGMA integrity_check(20)").fetchall():
            if row[0] != "ok":
                problems.append(Problem(ERROR, "file", row[0], "restore a backup"))
        broken = gallery.db.execute("PRAGMA foreign_key_check").fetchall()
        for table in sorted({row[0] for row in broken}):
            rows = sum(row[0] == table for row in broken)
            problems.append(Problem(ERROR, table, f"{rows} rows of {table} refer to rows that do not exist", "restore a backup"))
        for level, subject, sql, what, advice in _ROWS:
            if count := gallery.db.value(sql):
                problems.append(Problem(level, subject, f"{count} {what}", advice))
    except FacelibError as error:
        problems.append(Problem(ERROR, "file", str(error), error.advice or "restore a backup"))
    return sorted(problems, key=lambda problem: (ERROR, WARNING, NOTE).index(problem.level))


def _modes(gallery: Gallery) -> list[Problem]:
    """Files of the gallery that other users of the machine can read."""
    problems = []
    name = gallery.path.name
    beside = sorted(p for p in gallery.path.parent.glob("*") if p.name == name or p.name.startswith((name + "-", name + ".")))
    for path in beside:
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue
        if path.is_file() and mode & 0o077:
            problems.append(Problem(WARNING, "permissions", f"{path} can be read by other users (mode {mode:o})", f"chmod 600 {path}"))
    return problems
