"""Why somebody is, or is not, recognised: each rule that can decide is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facelib.recognition.answers import Answers
from facelib.stages import index, worker_pool
from facelib.stages.index import Options, Report
from facelib.store import corrections, observations, people, unlisted
from facelib.store.gallery import Gallery
from facelib.store.photos import photos
from facelib.thresholds import Thresholds
from facelib.who.dictionary import NamedDictionary
from facelib.who.explanation import Explanation, explain
from facelib.who.recogniser import Recogniser
from tests import fakes

ALBUM = [(0, 1), (0,), (1, 2), (2,), (0, 2), (1,), (0, 1, 2)]


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gallery]:
    """Three people; the first is named Ana."""
    monkeypatch.setattr(worker_pool, "work", fakes.work_here())
    for number, shown in enumerate(ALBUM):
        fakes.write_photo(tmp_path / "album" / f"{number}.jpg", shown, number)
    with Gallery.write(tmp_path / "g.sqlite", "test") as opened:
        run(opened, tmp_path)
        people.name_cluster(opened, first_face(opened).cluster, "Ana")
        yield opened


def run(gallery: Gallery, folder: Path) -> None:
    list(index.run(gallery, fakes.SETUP, [folder / "album"], Options(), Report()))


def first_face(gallery: Gallery, number: int = 0) -> observations.ObservationRow:
    return observations.of_photo(gallery, list(photos(gallery))[number].id)[0]


def why(gallery: Gallery, path: Path) -> Explanation:
    recogniser = Recogniser(gallery, fakes.SETUP.models, fakes.THRESHOLDS, fakes.SETUP.photo_recipes())
    return explain(recogniser, gallery, fakes.THRESHOLDS, path)


def test_a_verdict_decides(gallery: Gallery, tmp_path: Path) -> None:
    told = why(gallery, tmp_path / "album" / "0.jpg")
    ana, other = told.reasons
    assert told.indexed and told.error is None
    assert ana.decided_by == "you" and "you said so (name, " in ana.rule
    assert (ana.identity.name, ana.number) == ("Ana", first_face(gallery).id)
    assert ana.candidates[0].name == "Ana" and ana.candidates[0].distance < 0.4
    assert [c.distance for c in ana.candidates] == sorted(c.distance for c in ana.candidates)
    assert other.identity.name is None and other.verdicts == ()


def test_a_rejection_decides_although_the_code_is_sure(gallery: Gallery, tmp_path: Path) -> None:
    corrections.reject(gallery, 1, None, [first_face(gallery, 1).id])
    (reason,) = why(gallery, tmp_path / "album" / "1.jpg").reasons
    assert reason.identity.person is None
    assert reason.decided_by == "you" and reason.rule == "you said that it is not Ana, who is nearest"
    assert [(verdict.says, verdict.how) for verdict in reason.verdicts] == [("not", "reject")]
    run(gallery, tmp_path)
    (reason,) = why(gallery, tmp_path / "album" / "1.jpg").reasons
    assert reason.identity.person is None


def test_the_sparse_code_decides(gallery: Gallery, tmp_path: Path) -> None:
    fakes.write_photo(tmp_path / "album" / "new.jpg", (0, 9), 99)
    run(gallery, tmp_path)
    ana, stranger = why(gallery, tmp_path / "album" / "new.jpg").reasons
    assert ana.identity.name == "Ana" and ana.decided_by in ("sparse code", "cluster") and ana.rule
    assert ana.residual is not None and 0 < ana.residual < 1
    assert stranger.identity.person is None and stranger.rule
    assert stranger.sentence == f"it is in c{stranger.identity.cluster}, which has no name" and ana.sentence.startswith("it is ")


def test_an_unknown_face_gets_the_nearest_name_and_the_command_that_gives_it(gallery: Gallery, tmp_path: Path) -> None:
    strict = fakes.THRESHOLDS.override({"certain_distance": 0.0, "likely_distance": 0.0})
    fakes.write_photo(tmp_path / "album" / "new.jpg", (0,), 99)
    run(gallery, tmp_path)
    number = first_face(gallery, -1).id
    for name in ("memberships", "answers", "exemplars"):
        gallery.db.execute(f"DELETE FROM {name} WHERE observation_id = ?", (number,))
    recogniser = Recogniser(gallery, fakes.SETUP.models, strict, fakes.SETUP.photo_recipes())
    (reason,) = explain(recogniser, gallery, strict, tmp_path / "album" / "new.jpg").reasons
    assert re.fullmatch(
        rf"nobody known\. Nearest is Ana, but too unlike \(distance 0\.\d\d, needs 0\.00\)\. If it is Ana: facelib confirm Ana {number}",
        reason.sentence,
    )
    assert reason.decided_by == "sparse code" and reason.rule.startswith("not likely: ") and "distance" in reason.rule


def test_a_photo_that_cannot_be_read(gallery: Gallery, tmp_path: Path) -> None:
    told = why(gallery, tmp_path / "none.jpg")
    assert told.error is not None and told.error.kind == "missing" and told.reasons == ()


def test_why_a_cluster_is_not_listed(gallery: Gallery, tmp_path: Path) -> None:
    ana, other = why(gallery, tmp_path / "album" / "0.jpg").reasons
    assert (ana.unlisted, other.unlisted) == ("", "")
    cluster = other.identity.cluster
    unlisted.put_unlisted(gallery, [cluster], {cluster: "one moment"}, [cluster])
    assert why(gallery, tmp_path / "album" / "0.jpg").reasons[1].unlisted == "one moment"
    fakes.write_photo(tmp_path / "album" / "new.jpg", (9,), 99)
    run(gallery, tmp_path)
    assert why(gallery, tmp_path / "album" / "new.jpg").reasons[0].unlisted == "few"


def unanswered(gallery: Gallery, number: int) -> None:
    """Take away what the gallery knows about an observation beside the photo."""
    for name in ("memberships", "answers", "exemplars"):
        gallery.db.execute(f"DELETE FROM {name} WHERE observation_id = ?", (number,))


@pytest.mark.parametrize(("field", "step"), [("distance", -2e-5), ("score", 2e-5)])
def test_numbers_that_differ_are_never_shown_as_equal(field: str, step: float, gallery: Gallery, tmp_path: Path) -> None:
    """A face that misses a bound by very little: the sentence and the rule show by how much."""
    fakes.write_photo(tmp_path / "album" / "new.jpg", (0,), 99)
    run(gallery, tmp_path)
    unanswered(gallery, first_face(gallery, -1).id)
    recogniser = Recogniser(gallery, fakes.SETUP.models, fakes.THRESHOLDS, fakes.SETUP.photo_recipes())
    vector = recogniser.recognise(tmp_path / "album" / "new.jpg").people[0].sighting.face_embedding
    answers = recogniser.dictionary.answer(np.asarray(vector, dtype=np.float32)[None], fakes.THRESHOLDS)
    bound = float(getattr(answers, field)[0]) + step
    strict = fakes.THRESHOLDS.override({f"likely_{field}": bound, f"certain_{field}": bound})
    (reason,) = explain(recogniser, gallery, strict, tmp_path / "album" / "new.jpg").reasons
    shown = re.search(r"\((?:distance|score) (-?[\d.]+), needs (-?[\d.]+)\)", reason.sentence)
    assert shown is not None and shown[1] != shown[2] and (float(shown[1]) > float(shown[2])) == (field == "distance")
    applied = re.search(r"(-?[\d.]+)(?: \(.*\))? is (above|below) (-?[\d.]+)", reason.rule)
    assert applied is not None and applied[1] != applied[3]


def test_a_best_match_is_not_called_the_nearest_if_another_one_is_nearer(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first candidate has the largest share; somebody else's exemplar may be nearer, and the list below the sentence says so."""
    strict = fakes.THRESHOLDS.override({"certain_distance": 0.0, "likely_distance": 0.0})
    fakes.write_photo(tmp_path / "album" / "new.jpg", (0,), 99)
    run(gallery, tmp_path)
    number = first_face(gallery, -1).id
    unanswered(gallery, number)
    answer = NamedDictionary.answer

    def nearer(self: NamedDictionary, faces: np.ndarray, thresholds: Thresholds) -> Answers:
        made = answer(self, faces, thresholds)
        return replace(made, other_distance=made.distance - 0.01)

    monkeypatch.setattr(NamedDictionary, "answer", nearer)
    recogniser = Recogniser(gallery, fakes.SETUP.models, strict, fakes.SETUP.photo_recipes())
    (reason,) = explain(recogniser, gallery, strict, tmp_path / "album" / "new.jpg").reasons
    assert reason.sentence.startswith("nobody known. Best match is Ana, but ")
    corrections.reject(gallery, 1, None, [number])
    (reason,) = explain(recogniser, gallery, strict, tmp_path / "album" / "new.jpg").reasons
    assert reason.sentence == "you said that it is not Ana, who is the best match"


@pytest.mark.parametrize(("who", "called"), [(0, "Ana"), (1, "c{}, which has no name")])
def test_one_person_is_in_a_photo_once(who: int, called: str, gallery: Gallery, tmp_path: Path) -> None:
    """Also if that person has no name; and it is not said that the other face is more like that person, which a verdict need not be."""
    fakes.write_photo(tmp_path / "album" / "new.jpg", (who, who), 99)
    run(gallery, tmp_path)
    for seen in observations.of_photo(gallery, list(photos(gallery))[-1].id):
        unanswered(gallery, seen.id)
    reasons = why(gallery, tmp_path / "album" / "new.jpg").reasons
    (given,) = (reason for reason in reasons if reason.identity.cluster is not None)
    (other,) = (reason for reason in reasons if reason.identity.cluster is None)
    wanted = called.format(given.identity.cluster)
    assert other.decided_by == "one person once in a photo"
    assert other.sentence == f"another face of this photo is {wanted}, and one person is in a photo once"


def test_a_face_in_a_cluster_without_a_name_is_not_just_nobody(gallery: Gallery, tmp_path: Path) -> None:
    """Above the sentence it says that the face is of that cluster."""
    strict = fakes.THRESHOLDS.override({"certain_score": 100.0, "likely_score": 100.0})
    recogniser = Recogniser(gallery, fakes.SETUP.models, strict, fakes.SETUP.photo_recipes())
    reason = explain(recogniser, gallery, strict, tmp_path / "album" / "0.jpg").reasons[1]
    assert reason.identity.cluster is not None and reason.identity.person is None
    assert reason.sentence.startswith(f"it is in c{reason.identity.cluster}, which has no name; by its face alone: nobody known. ")
