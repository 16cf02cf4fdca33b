"""Whether a gallery is whole: what ``doctor`` and ``audit`` tell. Reads only."""

from __future__ import annotations

import stat
from dataclasses import dataclass

from facelib.errors import FacelibError
from facelib.store.gallery import Gallery

ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass(frozen=True)
class Finding:
    """Something amiss. ``level`` is ``"error"`` (data may be wrong), ``"warning"`` (mend it) or ``"note"`` (harmless)."""

    level: str
    subject: str
    detail: str
    advice: str


_ROWS = (
    (
        ERROR,
        "attachments",
        "SELECT count(*) FROM attachments a JOIN verdicts v ON v.id = a.verdict_id WHERE v.ended_by IS NOT NULL",
        "attachments of verdicts that hold no longer",
        "run facelib index --recluster",
    ),
    (
        ERROR,
        "verdicts",
        "SELECT count(*) FROM (SELECT 1 FROM attachments a JOIN verdicts v ON v.id = a.verdict_id WHERE v.says = 'is'"
        " AND v.ended_by IS NULL GROUP BY a.observation_id HAVING count(*) > 1)",
        "observations that verdicts give to two people",
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
        "clusters that hold verdicts of two people",
        "run facelib index --recluster",
    ),
    (
        NOTE,
        "verdicts",
        "SELECT count(*) FROM verdicts v WHERE ended_by IS NULL AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.verdict_id = v.id)",
        "verdicts without an observation: their photos are not indexed, or nobody is seen at that place now",
        "nothing to do: they are kept, and come back with the photo",
    ),
    (
        NOTE,
        "photos",
        "SELECT count(*) FROM photos p WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.photo_id = p.id AND f.missing = 0)",
        "photos of which no file is there now",
        "nothing to do: they come back with the file",
    ),
)


def check(gallery: Gallery, quick: bool = False) -> list[Finding]:
    """All that is amiss, worst first; an empty list for a healthy gallery.

    Parameters
    ----------
    quick : bool
        Leave out the comparison of every index with its table, which takes minutes on a large gallery.
    """
    found = _modes(gallery)
    try:
        for row in gallery.db.execute("PRAGMA quick_check(20)" if quick else "PRAGMA integrity_check(20)").fetchall():
            if row[0] != "ok":
                found.append(Finding(ERROR, "file", row[0], "restore a backup"))
        broken = gallery.db.execute("PRAGMA foreign_key_check").fetchall()
        for table in sorted({row[0] for row in broken}):
            rows = sum(row[0] == table for row in broken)
            found.append(Finding(ERROR, table, f"{rows} rows of {table} point nowhere", "restore a backup"))
        for level, subject, sql, what, advice in _ROWS:
            if count := gallery.db.value(sql):
                found.append(Finding(level, subject, f"{count} {what}", advice))
    except FacelibError as error:
        found.append(Finding(ERROR, "file", str(error), error.advice or "restore a backup"))
    return sorted(found, key=lambda finding: (ERROR, WARNING, NOTE).index(finding.level))


def _modes(gallery: Gallery) -> list[Finding]:
    """Files that others may read."""
    found = []
    name = gallery.path.name
    beside = sorted(p for p in gallery.path.parent.glob("*") if p.name == name or p.name.startswith((name + "-", name + ".")))
    for path in beside:
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue
        if path.is_file() and mode & 0o077:
            found.append(Finding(WARNING, "permissions", f"{path} can be read by others (mode {mode:o})", f"chmod 600 {path}"))
    return found
