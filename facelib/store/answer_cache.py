"""What the answers of observations depend on: records of one size, in blocks of neighbouring ids, so that all are read at once.

A million of them are a thousand large reads rather than a million small ones; to change one, its block is written.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facelib.store.connection import id_list
from facelib.store.gallery import Gallery

BLOCK = 64
"""Observations of a block; the trigger of the schema counts on it."""
_BATCH = 512


def record(dimension: int) -> np.dtype[np.void]:
    """The form of one observation's record, for faces of ``dimension`` numbers.

    ``cluster``, ``said`` (the person a verdict named) and ``first`` (whose exemplars came first: twice the person, or twice
    the cluster and one) are -1 for none. ``face`` and ``rest`` times their steps are vectors, off by no more than their errors
    in length; ``stranger`` is the cosine from which an exemplar is near enough to count as somebody else's.
    """
    scalars = ("stranger", "face_step", "face_error", "rest_step", "rest_error")
    return np.dtype(
        [(name, "<i8") for name in ("id", "cluster", "said", "first")]
        + [(name, "<f4") for name in scalars]
        + [(name, "i1", (dimension,)) for name in ("face", "rest")]
    )


def put_codes(gallery: Gallery, records: np.ndarray) -> None:
    """Keep records, in place of those of the same observations before."""
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
                (int(block), _merged(before.get(int(block)), part).tobytes())
                for block, part in zip(blocks, np.split(records, first[1:]), strict=True)
            ),
        )


def _merged(held: bytes | None, new: np.ndarray) -> np.ndarray:
    if held is None:
        return new
    old = np.frombuffer(held, dtype=new.dtype)
    return np.concatenate([old[~np.isin(old["id"], new["id"])], new])


def clear_codes(gallery: Gallery) -> None:
    """Keep none."""
    gallery.db.execute("DELETE FROM codes")


def codes(gallery: Gallery, dimension: int) -> Iterator[np.ndarray]:
    """All records, some thousands at a time: arrays of :func:`record`."""
    rows = gallery.db.execute("SELECT records FROM codes ORDER BY block")
    while batch := rows.fetchmany(_BATCH):
        yield np.frombuffer(b"".join(row[0] for row in batch), dtype=record(dimension))


def damaged(gallery: Gallery, dimension: int) -> bool:
    """Whether a block does not hold whole records: what is derived is made anew then, rather than read."""
    size = record(dimension).itemsize
    return bool(gallery.db.value("SELECT EXISTS (SELECT 1 FROM codes WHERE length(records) % ? <> 0)", (size,)))


def uncoded(gallery: Gallery) -> np.ndarray:
    """Observations whose block is gone: ndarray of shape (n,), int64, ascending."""
    rows = gallery.db.execute(f"SELECT id FROM observations WHERE id / {BLOCK} NOT IN (SELECT block FROM codes) ORDER BY id").fetchall()
    return np.array(rows, dtype=np.int64).reshape(-1)
