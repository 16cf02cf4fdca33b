"""Photos whose file was rewritten with the same picture: what people said of them goes with the picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from facelib.store import verdicts
from facelib.store.gallery import Gallery

_BOX = "part, x0, y0, x1, y1"


def carry_over(gallery: Gallery, old_sha256: str, new_sha256: str) -> int:
    """Say of a content all that is said of another one with the same pixels; what is said there already is not said twice.

    The copies belong to the changes the originals belong to, so that undo takes both back. The next ``index`` finds the new content,
    and attaches them.

    Returns
    -------
    int
        How many verdicts were copied.
    """
    contents = bytes.fromhex(new_sha256), bytes.fromhex(old_sha256)
    if contents[0] == contents[1]:
        return 0
    with gallery.atomic():
        done = gallery.db.execute(
            f"INSERT INTO verdicts (sha256, {_BOX}, person_id, says, how, at, made_by)"
            f" SELECT ?1, {_BOX}, person_id, says, how, at, made_by FROM verdicts v WHERE sha256 = ?2 AND ended_by IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM verdicts n WHERE n.sha256 = ?1 AND n.ended_by IS NULL AND n.person_id = v.person_id AND n.says = v.says"
            "  AND n.part = v.part AND n.x0 = v.x0 AND n.y0 = v.y0 AND n.x1 = v.x1 AND n.y1 = v.y1) ORDER BY id",
            contents,
        )
        copied = int(done.rowcount)
        gallery.db.execute(
            f"INSERT INTO drawn (sha256, {_BOX}, at, made_by)"
            f" SELECT ?1, {_BOX}, at, made_by FROM drawn d WHERE sha256 = ?2 AND ended_by IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM drawn n WHERE n.sha256 = ?1 AND n.ended_by IS NULL"
            "  AND n.part = d.part AND n.x0 = d.x0 AND n.y0 = d.y0 AND n.x1 = d.x1 AND n.y1 = d.y1) ORDER BY id",
            contents,
        )
        return copied


@dataclass(frozen=True)
class Rewrite:
    """A file that was written anew: the photo it held, and the one it holds."""

    file_id: int
    former_id: int
    photo_id: int


def rewrites(gallery: Gallery) -> list[Rewrite]:
    """Files written anew of which it is still to be found out what holds of their new content; by file."""
    rows = gallery.db.execute("SELECT id, former_id, photo_id FROM files WHERE former_id IS NOT NULL AND photo_id IS NOT NULL ORDER BY id")
    return [Rewrite(*row) for row in rows.fetchall()]


def inherit(gallery: Gallery, rewrite: Rewrite, pairs: Iterable[tuple[int, int]]) -> None:
    """Say of observations of the new photo what was said of their counterparts, and consider the file settled.

    What people said of a new observation itself counts more. The copies belong to the changes the originals belong to.

    Parameters
    ----------
    pairs : iterable of (int, int)
        An observation of the former photo, and the one of the new photo that shows the same person.
    """
    with gallery.atomic():
        gallery.db.executemany(_INHERIT, pairs)
        verdicts.attach(gallery, [rewrite.photo_id])
        gallery.db.execute("UPDATE files SET former_id = NULL WHERE id = ?", (rewrite.file_id,))


_INHERIT = """
INSERT INTO verdicts (sha256, part, x0, y0, x1, y1, person_id, says, how, at, made_by)
SELECT p.sha256, iif(n.face_x0 IS NULL, 'body', 'face'),
       coalesce(n.face_x0, n.body_x0), coalesce(n.face_y0, n.body_y0), coalesce(n.face_x1, n.body_x1), coalesce(n.face_y1, n.body_y1),
       v.person_id, v.says, v.how, v.at, v.made_by
FROM attachments a JOIN verdicts v ON v.id = a.verdict_id JOIN observations n ON n.id = ?2 JOIN photos p ON p.id = n.photo_id
WHERE a.observation_id = ?1 AND v.ended_by IS NULL AND NOT EXISTS
      (SELECT 1 FROM attachments b JOIN verdicts w ON w.id = b.verdict_id
       WHERE b.observation_id = ?2 AND w.ended_by IS NULL AND (w.person_id = v.person_id OR w.says = 'is' AND v.says = 'is'))
"""
