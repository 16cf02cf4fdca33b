"""Files that another program rewrote (tags, a crop, a rotation): verdicts on the former content are transferred to the new one."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from facelib.geometry import iou, match_boxes
from facelib.model_zoo import registry
from facelib.stages.setup import Setup
from facelib.store import ledger, observations, rewritten
from facelib.store.gallery import Gallery
from facelib.store.observations import ObservationRow
from facelib.store.photos import photos, prune
from facelib.store.rewritten import RewrittenFile

MIN_OVERLAP = 0.5
"""Intersection over union from which two boxes are the same."""


def run(gallery: Gallery, setup: Setup, postponed: Collection[int] = ()) -> int:
    """Copy verdicts to the new contents of rewritten files, and delete the former contents from the gallery.

    Two faces show the same person if pass 1 would join them by their distance; two bodies without a face, if their boxes are the same in
    pictures of one size. Files whose new content is still due are left for the next run.

    Parameters
    ----------
    postponed : collection of int
        Ids of photos that are not deleted yet: their file changed during the run, so another file may hold them now.

    Returns
    -------
    int
        The number of files whose verdicts were transferred.
    """
    recipes = setup.photo_recipes()
    done = [
        rewrite
        for rewrite in rewritten.rewritten_files(gallery)
        if rewrite.former_id not in postponed and ledger.is_done(gallery, rewrite.photo_id, recipes)
    ]
    for rewrite in done:
        rewritten.transfer_verdicts(gallery, rewrite, _pairs(gallery, setup, rewrite))
    if done:
        prune(gallery)
    return len(done)


def _pairs(gallery: Gallery, setup: Setup, rewrite: RewrittenFile) -> list[tuple[int, int]]:
    """Observations of the former and the new photo that show the same person, one to one."""
    if rewrite.former_id == rewrite.photo_id:
        return []
    digest = setup.card(registry.FACE_EMBEDDER).digest
    both = [observations.of_photo(gallery, photo) for photo in (rewrite.former_id, rewrite.photo_id)]
    (old, before), (new, after) = (observations.embeddings(gallery, "face", digest, [row.id for row in rows]) for rows in both)
    pairs = []
    if len(old) and len(new):
        near = match_boxes(before @ after.T, 1 - setup.thresholds.group_threshold)
        pairs = [(int(old[i]), int(new[j])) for i, j in near]
    sizes = {(photo.width, photo.height) for photo in photos(gallery, [rewrite.former_id, rewrite.photo_id])}
    if len(sizes) == 1:
        pairs += _same_boxes(*([row for row in rows if row.face is None] for rows in both))
    return pairs


def _same_boxes(old: list[ObservationRow], new: list[ObservationRow]) -> list[tuple[int, int]]:
    boxes = [np.array([row.body.box for row in rows if row.body], dtype=np.float64).reshape(-1, 4) for rows in (old, new)]
    return [(old[i].id, new[j].id) for i, j in match_boxes(iou(*boxes), MIN_OVERLAP)]
