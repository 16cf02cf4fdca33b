"""Digests of the inputs of whole-library stages: as long as a digest is equal, its input is unchanged."""

from __future__ import annotations

from facelib.store.gallery import Gallery


def observations_digest(gallery: Gallery) -> str:
    """A text that changes whenever an observation or an embedding is added or deleted; ids are never reused."""
    parts = []
    for table, key in (("observations", "id"), ("face_embeddings", "observation_id"), ("body_embeddings", "observation_id")):
        row = gallery.db.execute(f"SELECT count(*), coalesce(max({key}), 0), coalesce(sum({key}), 0) FROM {table}").fetchone()
        parts.append("/".join(map(str, row)))
    return " ".join(parts)


def verdicts_digest(gallery: Gallery) -> str:
    """A text that changes whenever the verdicts on observations do, and with every undo.

    Undo restores the verdicts, but not the results of a run that was made before it.
    """
    undone = gallery.db.value("SELECT coalesce(max(id), 0) FROM changes WHERE command = 'undo'")
    row = gallery.db.execute(
        "SELECT count(*), coalesce(sum(a.verdict_id), 0), coalesce(sum(a.observation_id), 0), coalesce(sum(v.person_id), 0)"
        " FROM attachments a JOIN verdicts v ON v.id = a.verdict_id WHERE v.ended_by IS NULL"
    ).fetchone()
    return "/".join(map(str, (*row, undone)))
