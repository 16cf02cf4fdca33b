"""Why somebody is, or is not, recognised: each rule that can decide is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from facelib.stages import index, worker_pool
from facelib.stages.index import Options, Report
from facelib.store import corrections, observations, people, unlisted
from facelib.store.gallery import Gallery
from facelib.store.photos import photos
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
