"""Who is in a photo: from the gallery if the photo is in it, else by detection and embedding. Never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from facelib import photo_json
from facelib.errors import PhotoError
from facelib.look import look_at
from facelib.model_zoo import registry
from facelib.photos.content import read_photo
from facelib.records import NOBODY, STANDINGS, UNKNOWN, Capture, Identity, Sighting
from facelib.store import ledger, observations, photos, verdicts
from facelib.store.gallery import Gallery
from facelib.store.observations import ObservationRow
from facelib.store.photos import PhotoRow
from facelib.thresholds import Thresholds
from facelib.who.dictionary import NamedDictionary

if TYPE_CHECKING:
    from facelib.vision.observer import Observer


@dataclass(frozen=True)
class PersonSighting:
    """One person in a photo, and who that is; ``number`` is the id of the observation in the gallery, None if it has none."""

    sighting: Sighting
    identity: Identity
    number: int | None = None


@dataclass(frozen=True)
class RecognisedPhoto:
    """One photo with its people, or the error because of which it could not be analysed."""

    path: str
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    capture: Capture | None = None
    people: tuple[PersonSighting, ...] = ()
    error: PhotoError | None = None

    def json(self) -> dict[str, Any]:
        """The photo in the form of schema 1."""
        forms = [photo_json.observation(p.sighting.face, p.sighting.body, p.identity, p.number) for p in self.people]
        taken_at = self.capture.taken_at if self.capture else None
        return photo_json.photo(self.path, self.sha256, self.width, self.height, taken_at, forms, self.error)


class Recogniser:
    """Answers for photos against one gallery, opened for reading.

    Parameters
    ----------
    recipes : mapping of str to str
        The recipes in force; a photo that was indexed under other ones is analysed again.
    """

    def __init__(
        self, gallery: Gallery, models: Mapping[str, str], thresholds: Thresholds, recipes: Mapping[str, str], device: str = "auto"
    ) -> None:
        self._gallery = gallery
        self._models = models
        self._thresholds = thresholds
        self._recipes = recipes
        self._device = device

    @cached_property
    def dictionary(self) -> NamedDictionary:
        """The dictionary of the gallery, read when first needed."""
        digest = registry.card(self._models[registry.FACE_EMBEDDER]).digest
        return NamedDictionary.read(self._gallery, digest)

    @cached_property
    def _observer(self) -> Observer:
        from facelib.vision.observer import Observer

        return Observer(self._models, self._thresholds, self._device)

    def recognise(self, path: Path) -> RecognisedPhoto:
        """Who is in the photo at ``path``, indexed or not. If something goes wrong with the photo, the result has the error."""
        try:
            with read_photo(path) as content:
                stored = photos.photo_by_sha(self._gallery, content.fingerprint.sha256)
                if stored is not None and ledger.is_done(self._gallery, stored.id, self._recipes):
                    return replace(self.from_gallery([stored])[0], path=str(path))
                look = look_at(content, self._observer, self._thresholds)
        except PhotoError as error:
            return RecognisedPhoto(str(path), error=error)
        if look.error is not None:
            return RecognisedPhoto(str(path), error=look.error)
        identities = self._identify(look.sightings, np.zeros(len(look.sightings), dtype=np.int64))
        people = tuple(PersonSighting(s, i) for s, i in zip(look.sightings, identities, strict=True))
        return RecognisedPhoto(str(path), look.sha256, look.width, look.height, look.capture, people)

    def from_gallery(self, rows: Sequence[PhotoRow]) -> list[RecognisedPhoto]:
        """Who is in photos of the gallery, by its stored answers, with the shares of their sparse codes."""
        stored = observations.of_photos(self._gallery, [row.id for row in rows])
        errors = ledger.errors(self._gallery, [row.id for row in rows])
        groups = [stored.get(row.id, []) for row in rows]
        flat = [observation for group in groups for observation in group]
        digest = registry.card(self._models[registry.FACE_EMBEDDER]).digest
        ids, vectors = observations.embeddings(self._gallery, "face", digest, [observation.id for observation in flat])
        vector_of = {int(i): vector for i, vector in zip(ids, vectors, strict=True)}
        sightings = [Sighting(o.face, o.body, vector_of.get(o.id)) for o in flat]
        photo_of = np.array([o.photo_id for o in flat], dtype=np.int64)
        answers = self._identify(sightings, photo_of)
        given = verdicts.verdicts_of(self._gallery, [observation.id for observation in flat])
        rejected = {key: {verdict.person_id for verdict in of_row if verdict.says == "not"} for key, of_row in given.items()}
        people = iter(
            [
                PersonSighting(sighting, self._overlay(row, answer, rejected.get(row.id, set())), row.id)
                for row, sighting, answer in zip(flat, sightings, answers, strict=True)
            ]
        )
        return [
            RecognisedPhoto(
                row.path, row.sha256, row.width, row.height, row.capture, tuple(next(people) for _ in group), errors.get(row.id)
            )
            for row, group in zip(rows, groups, strict=True)
        ]

    def _identify(self, sightings: Sequence[Sighting], photo_of: np.ndarray) -> list[Identity]:
        vector_of = {k: s.face_embedding for k, s in enumerate(sightings) if s.face_embedding is not None}
        identities = [NOBODY] * len(sightings)
        if vector_of:
            faces = np.stack(list(vector_of.values())).astype(np.float32)
            answers = self.dictionary.identify(faces, photo_of[list(vector_of)], self._thresholds)
            for k, identity in zip(vector_of, answers, strict=True):
                identities[k] = identity
        return identities

    def _overlay(self, row: ObservationRow, answer: Identity, rejected: set[int]) -> Identity:
        """The stored answer of the gallery with the shares of ``answer``, or ``answer`` itself where the gallery has none yet.

        ``rejected`` are the people that the user said this is not: none of them is the answer.
        """
        if row.person_id is None and row.cluster is None and row.standing == STANDINGS[UNKNOWN]:
            return Identity(shares=answer.shares) if answer.person in rejected else answer
        name = self.dictionary.names.get(row.person_id) if row.person_id is not None else None
        return Identity(row.cluster, row.person_id, name, row.standing, row.assigned, answer.shares)
