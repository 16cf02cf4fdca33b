"""What a run of the stage ``assign`` stores so that the next one answers only what has changed since."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass

import numpy as np

from facelib.store.cluster_state import ClusterStates
from facelib.store.gallery import Gallery

NOTE, PACKED_NOTE = "assign", "assign clusters"


@dataclass(frozen=True, eq=False)
class AssignInputs:
    """What all answers follow from: the recipe, a digest of the verdicts, and the clusters."""

    recipe: str
    verdicts: str
    clusters: ClusterStates

    def summary(self) -> str:
        """Three words without spaces."""
        return f"{self.recipe} {self.verdicts} {hashlib.sha256(self.clusters.tobytes()).hexdigest()[:16]}"

    def same(self, other: AssignInputs) -> bool:
        """Whether both give the same answers."""
        return self.summary() == other.summary()


@dataclass(frozen=True, eq=False)
class AssignCheckpoint:
    """The state of the last run.

    Attributes
    ----------
    inputs : AssignInputs
        What its answers follow from.
    chosen_sizes : ndarray of shape (n,), int64
        The size of each cluster of ``inputs`` when its exemplars were chosen.
    exemplars : ndarray of shape (a, 3), int64
        The dictionary of its answers, as :attr:`facelib.store.dictionary.Dictionary.rows`.
    """

    inputs: AssignInputs
    chosen_sizes: np.ndarray
    exemplars: np.ndarray

    def write(self, gallery: Gallery) -> None:
        """Store it beside the answers."""
        states = self.inputs.clusters.tobytes()
        sizes = np.array([len(states), len(self.chosen_sizes)], dtype="<i8")
        numbers = (self.chosen_sizes.astype("<i8").tobytes(), self.exemplars.astype("<i8").tobytes())
        packed = b"".join((sizes.tobytes(), states, *numbers))
        gallery.set_note(NOTE, self.inputs.summary())
        gallery.set_note(PACKED_NOTE, base64.b64encode(zlib.compress(packed, 1)).decode())

    @staticmethod
    def read(gallery: Gallery) -> AssignCheckpoint | None:
        """The state of the last run; None if there was none, or the note is damaged or of another version."""
        facts, packed = (gallery.note(NOTE) or "").split(" "), gallery.note(PACKED_NOTE)
        if len(facts) != 3 or packed is None:
            return None
        try:
            data = zlib.decompress(base64.b64decode(packed))
            states, chosen = np.frombuffer(data, dtype="<i8", count=2).tolist()
            inputs = AssignInputs(facts[0], facts[1], ClusterStates.frombytes(data[16 : 16 + states]))
            numbers = np.frombuffer(data, dtype="<i8", offset=16 + states).astype(np.int64)
            checkpoint = AssignCheckpoint(inputs, numbers[:chosen], numbers[chosen:].reshape(-1, 3))
        except (ValueError, TypeError, zlib.error):
            return None
        fits = inputs.summary() == " ".join(facts) and len(checkpoint.chosen_sizes) == len(inputs.clusters.id)
        return checkpoint if fits else None
