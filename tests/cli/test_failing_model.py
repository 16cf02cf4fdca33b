"""A model that fails on one photo: every command that looks at photos says so in the same words, and goes on with the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facelib.look import Look
from facelib.records import Picture, Sighting
from facelib.stages import worker, worker_pool
from facelib.stages.setup import Setup
from facelib.stages.worker import Job
from facelib.vision.observer import Observer
from tests import fakes

SEEN = fakes.sighting(0, 0, 1)


def raising(error: Exception) -> Callable[[list[Sighting]], list[Sighting]]:
    def fail(seen: list[Sighting]) -> list[Sighting]:
        raise error

    return fail


def not_finite(seen: list[Sighting]) -> list[Sighting]:
    """The last number of what is there last is NaN: of the embedding, or of the landmarks."""
    last = seen[-1]
    if last.face_embedding is not None:
        return [*seen[:-1], replace(last, face_embedding=np.append(last.face_embedding[:-1], np.float32(np.nan)))]
    assert last.face is not None
    return [*seen[:-1], replace(last, face=replace(last.face, landmarks=np.full((5, 2), np.nan, np.float32)))]


FAILURES = {
    "exception": (raising(IndexError("too few numbers")), "bug", "IndexError: too few numbers (test_failing_model.py:"),
    "NaN": (not_finite, "bug", "the model returned NaN or infinity"),
    "no memory": (raising(MemoryError()), "memory", "not enough memory to work on this photo"),
    "no memory on a device": (raising(RuntimeError("CUDA out of memory")), "memory", "not enough memory to work on this photo"),
}


@pytest.fixture(params=["detect", "embed"])
def failing(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[list[Sighting]], list[Sighting]]], None]:
    """``failing(failure)``: from now on, detecting or embedding fails in red pictures; all others show the same person."""
    failures: list[Callable[[list[Sighting]], list[Sighting]]] = []

    def done(step: str, picture: Picture, seen: list[Sighting]) -> list[Sighting]:
        red = bool(picture.pixels[0, 0, 0] > 200)
        return failures[-1](seen) if red and failures and request.param == step else seen

    def detect(self: Observer, picture: Picture) -> list[Sighting]:
        return done("detect", picture, [Sighting(SEEN.face, SEEN.body)])

    def embed(self: Observer, picture: Picture, sightings: Sequence[Sighting]) -> list[Sighting]:
        return done("embed", picture, [SEEN])

    def work(setup: Setup, jobs: Iterable[tuple[Any, Job]], workers: int, timeout: float) -> Generator[tuple[Any, Look], None, None]:
        for key, job in jobs:
            yield key, worker.do_with(Observer(setup.models, setup.thresholds), job, setup.thresholds)

    monkeypatch.setattr(Observer, "detect", detect)
    monkeypatch.setattr(Observer, "embed", embed)
    monkeypatch.setattr(worker_pool, "work", work)
    return failures.append


@pytest.mark.parametrize("name", FAILURES)
def test_every_command_says_the_same(name: str, failing, facelib, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    failure, kind, words = FAILURES[name]
    album = tmp_path / "album"
    album.mkdir()
    good, bad, reference = album / "good.png", album / "bad.png", tmp_path / "reference.png"
    for path, colour in ((good, "teal"), (bad, "red"), (reference, "navy")):
        Image.new("RGB", (1000, 800), colour).save(path)

    def run(*arguments: object):  # type: ignore[no-untyped-def]
        return facelib("--gallery", tmp_path / "g.sqlite", *arguments)

    def errors(ended) -> list[object]:  # type: ignore[no-untyped-def]
        return [json.loads(line)["error"] for line in ended.out.splitlines()]

    assert run("enroll", "Ana", reference).code == 0
    failing(failure)
    told = {}
    for command in (["who"], ["faces", "--embeddings"]):
        ended = run(*command, bad, good, "--json")
        told[command[0]], nothing = errors(ended)
        assert (ended.code, nothing) == (2, None), "the other photo is answered"
        ended = run(*command, bad, good)
        assert ended.code == 2 and f"{bad}: {told[command[0]]['detail']}\n" in ended.err and f"{good}: " in ended.out
    ended = run("explain", bad, "--json")
    (told["explain"],) = errors(ended)
    assert ended.code == 2
    detail = told["explain"]["detail"]
    assert told["who"] == told["faces"] == told["explain"] == {"kind": kind, "detail": detail}
    assert detail.startswith(words)
    for command, says in ((["enroll", "Ben", good, bad], "cannot be a reference"), (["verify", "Ana", bad], "cannot be compared")):
        ended = run(*command)
        assert (ended.code, ended.err) == (2, f"facelib: {bad} {says}: {detail}\n")
    assert run("verify", "Ana", good).code == 0
    assert [json.loads(line)["person"]["name"] for line in run("people", "--json").out.splitlines()] == ["Ana"], "Ben was not added"
    ended = run("index", album, "--json")
    report = json.loads(ended.out)
    assert (ended.code, report["photos"]["worked_on"], report["photos"]["failed"]) == (1, 1, 1)
    (row,) = [json.loads(line) for line in run("status", "--failed", "--json").out.splitlines()]
    assert (row["path"], row["kind"], row["detail"]) == (str(bad), kind, detail)
