"""Photos whose file was rewritten with the same picture: verdicts on the former content hold for the new one too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from facelib.store import verdicts
from facelib.store.gallery import Gallery


def copy_verdicts(gallery: Gallery, old_sha256: str, new_sha256: str) -> int:
    """Copy all verdicts and drawn boxes of a content to another one with the same pixels, except those it has already.

    The copies belong to the changes of the originals, so that undo takes both back. The next ``index`` finds the new content and
    attaches the copies to its observations.

    Parameters
    ----------
    old_sha256, new_sha256 : str
        64 hexadecimal digits.

    Returns
    -------
    int
        The number of verdicts copied.
    """
    contents = bytes.fromhex(new_sha256), bytes.fromhex(old_sha256)
    if contents[0] == contents[1]:
        return 0
    with gallery.atomic():
        done = gallery.db.execute(
            f"INSERT INTO verdicts ({verdicts.COLUMNS})"
            f" SELECT ?1, {verdicts.BOX_COLUMNS}, person_id, says, how, at, made_by"
            " FROM verdicts v WHERE sha256 = ?2 AND ended_by IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM verdicts n WHERE n.sha256 = ?1 AND n.ended_by IS NULL AND n.person_id = v.person_id AND n.says = v.says"
            "  AND n.part = v.part AND n.x0 = v.x0 AND n.y0 = v.y0 AND n.x1 = v.x1 AND n.y1 = v.y1) ORDER BY id",
            contents,
        )
        copied = int(done.rowcount)
        gallery.db.execute(
            f"INSERT INTO drawn (sha256, {verdicts.BOX_COLUMNS}, at, made_by)"
            f" SELECT ?1, {verdicts.BOX_COLUMNS}, at, made_by FROM drawn d WHERE sha256 = ?2 AND ended_by IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM drawn n WHERE n.sha256 = ?1 AND n.ended_by IS NULL"
            "  AND n.part = d.part AND n.x0 = d.x0 AND n.y0 = d.y0 AND n.x1 = d.x1 AND n.y1 = d.y1) ORDER BY id",
            contents,
        )
        return copied


@dataclass(frozen=True)
class RewrittenFile:
    """A file with new content: the ids of its former photo and of its present one."""

    file_id: int
    former_id: int
    photo_id: int


def rewritten_files(gallery: Gallery) -> list[RewrittenFile]:
    """Files with new content whose verdicts were not transferred yet, by id."""
    rows = gallery.db.execute("SELECT id, former_id, photo_id FROM files WHERE former_id IS NOT NULL AND photo_id IS NOT NULL ORDER BY id")
    return [RewrittenFile(*row) for row in rows.fetchall()]


def transfer_verdicts(gallery: Gallery, file: RewrittenFile, pairs: Iterable[tuple[int, int]]) -> None:
    """Copy verdicts from observations of the former photo to those of the new one, and drop the reference to the former photo.

    Verdicts that a new observation has already take precedence. The copies belong to the changes of the originals.

    Parameters
    ----------
    pairs : iterable of (int, int)
        An observation of the former photo, and the observation of the same person in the new photo.
    """
    with gallery.atomic():
        gallery.db.executemany(_TRANSFER, pairs)
        verdicts.attach(gallery, [file.photo_id])
        gallery.db.execute("UPDATE files SET former_id = NULL WHERE id = ?", (file.file_id,))


_TRANSFER = f"""
INSERT INTO verdicts ({verdicts.COLUMNS})
SELECT p.sha256, {verdicts.OBSERVATION_BOX}, v.person_id, v.says, v.how, v.at, v.made_by
FROM attachments a JOIN verdicts v ON v.id = a.verdict_id JOIN observations o ON o.id = ?2 JOIN photos p ON p.id = o.photo_id
WHERE a.observation_id = ?1 AND v.ended_by IS NULL AND NOT EXISTS
      (SELECT 1 FROM attachments b JOIN verdicts w ON w.id = b.verdict_id
       WHERE b.observation_id = ?2 AND w.ended_by IS NULL AND (w.person_id = v.person_id OR w.says = 'is' AND v.says = 'is'))
"""
