"""What a run leaves for the next one comes back unchanged, and a damaged note is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facelib.stages import assign
from facelib.stages.assign_checkpoint import NOTE, PACKED_NOTE, AssignCheckpoint
from facelib.store.gallery import Gallery
from tests.stages.test_answer_cache import SETUP, fill


def test_a_note_that_is_damaged_or_of_another_version_is_none(tmp_path: Path) -> None:
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        fill(gallery, 0, np.repeat(np.arange(4), 6), np.random.default_rng(0))
        list(assign.run(gallery, SETUP))
        last = AssignCheckpoint.read(gallery)
        assert last is not None and len(last.exemplars) and len(last.chosen_sizes) == len(last.inputs.clusters.id)
        last.write(gallery)
        again = AssignCheckpoint.read(gallery)
        assert again is not None and again.inputs.same(last.inputs)
        assert (again.exemplars == last.exemplars).all() and (again.chosen_sizes == last.chosen_sizes).all()
        for damaged in ("AAAA", "", gallery.note(PACKED_NOTE)[:40]):  # type: ignore[index]
            gallery.set_note(PACKED_NOTE, damaged)
            assert AssignCheckpoint.read(gallery) is None
        gallery.set_note(NOTE, "old")
        assert AssignCheckpoint.read(gallery) is None
