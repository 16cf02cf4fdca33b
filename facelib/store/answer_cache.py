"""The tables of the answer cache: what the answer of each observation depends on, to know later which answers a change makes stale.

Records have one size and are stored in blocks of neighbouring ids, so that few large reads fetch all of them. To change one
record, its block is rewritten.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facelib.store.connection import id_list
from facelib.store.gallery import Gallery

BLOCK = 64
"""Observations of a block. The trigger ``codes_gone`` of the schema uses the same number."""
_BATCH = 512


def record_type(dimension: int) -> np.dtype[np.void]:
    """The type of one observation's record, for face embeddings of ``dimension`` numbers.

    ``cluster`` : NO_CLUSTER for none. ``verdict`` : the person a verdict names, or NO_PERSON. ``first`` : identity key of the
    first candidate (:func:`facelib.recognition.identities.identity_keys`), or NO_IDENTITY. ``other_cosine`` : the cosine from
    which an exemplar can be the nearest one of anybody else. ``face``, ``residual`` : times their steps, the face and the
    residual vector of its sparse code; their errors bound the length of what rounding left out.
    """
    scalars = ("other_cosine", "face_step", "face_error", "residual_step", "residual_error")
    return np.dtype(
        [(name, "<i8") for name in ("id", "cluster", "verdict", "first")]
        + [(name, "<f4") for name in scalars]
        + [(name, "i1", (dimension,)) for name in ("face", "residual")]
    )


def put_records(gallery: Gallery, records: np.ndarray) -> None:
    """Store records, shape (n,), of :func:`record_type`, in place of earlier ones of the same observations."""
    if not len(records):
        return
    records = records[np.argsort(records["id"], kind="stable")]
    blocks, first = np.unique(records["id"] // BLOCK, return_index=True)
    with gallery.atomic():
        rows = gallery.db.execute("SELECT block, records FROM codes WHERE block IN (SELECT value FROM json_each(?))", (id_list(blocks),))
        before = dict(rows.fetchall())
        gallery.db.executemany(
            "INSERT INTO codes (block, records) VALUES (?, ?) ON CONFLICT DO UPDATE SET records = excluded.records",
            (
                (int(block), _merged(before.get(int(block)), of_block).tobytes())
                for block, of_block in zip(blocks, np.split(records, first[1:]), strict=True)
            ),
        )


def _merged(stored: bytes | None, new: np.ndarray) -> np.ndarray:
    if stored is None:
        return new
    old = np.frombuffer(stored, dtype=new.dtype)
    return np.concatenate([old[~np.isin(old["id"], new["id"])], new])


def clear_records(gallery: Gallery) -> None:
    """Delete all records."""
    gallery.db.execute("DELETE FROM codes")


def read_records(gallery: Gallery, dimension: int) -> Iterator[np.ndarray]:
    """All records, some thousands at a time: arrays of shape (n,), of :func:`record_type`."""
    rows = gallery.db.execute("SELECT records FROM codes ORDER BY block")
    while batch := rows.fetchmany(_BATCH):
        yield np.frombuffer(b"".join(row[0] for row in batch), dtype=record_type(dimension))


def is_damaged(gallery: Gallery, dimension: int) -> bool:
    """Whether a block does not consist of whole records, so that all observations have to be answered again."""
    size = record_type(dimension).itemsize
    return bool(gallery.db.value("SELECT EXISTS (SELECT 1 FROM codes WHERE length(records) % ? <> 0)", (size,)))


def without_record(gallery: Gallery) -> np.ndarray:
    """Observations whose block is missing: ndarray of shape (n,), int64, ascending."""
    rows = gallery.db.execute(f"SELECT id FROM observations WHERE id / {BLOCK} NOT IN (SELECT block FROM codes) ORDER BY id").fetchall()
    return np.array(rows, dtype=np.int64).reshape(-1)
