"""``enroll``, ``verify`` and ``explain`` on real photos, with the models every installation brings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

PERSON, OTHER = "Albert_Costa", "Ali_Naimi"


@pytest.fixture(scope="module")
def faces(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Path]:
    """``faces(person, number)``: a photo of LFW."""
    import zipfile

    folder = tmp_path_factory.mktemp("lfw")
    with zipfile.ZipFile(shared / "data" / "lfw-devtest.zip") as archive:
        for name in archive.namelist():
            if name.endswith(".jpg") and any(f"/{person}_" in name for person in (PERSON, OTHER)):
                (folder / Path(name).name).write_bytes(archive.read(name))
    return lambda person, number: sorted(folder.glob(f"{person}_*.jpg"))[number]


@pytest.mark.slow
def test_a_face_is_known_by_references(faces: Callable[[str, int], Path], facelib, tmp_path: Path) -> None:
    def run(*arguments: object):
        return facelib("--gallery", tmp_path / "g.sqlite", *arguments)

    ended = run("enroll", "Albert", faces(PERSON, 0), faces(PERSON, 1))
    assert (ended.code, ended.out) == (0, "Albert (p1): 2 photos added as reference\n"), ended.err
    same = run("verify", "ALBERT", faces(PERSON, 2))
    assert same.code == 0 and same.out.startswith("same: Albert (distance 0.")
    other = run("verify", "Albert", faces(OTHER, 0), "--threshold", "far=1e-4", "--json")
    told = json.loads(other.out)
    assert other.code == 1 and told["same"] is False and told["distance"] > told["threshold"] and told["references"] == 2
    assert run("verify", "Albert", faces(PERSON, 2), "--threshold", "0").code == 1
    blank = tmp_path / "blank.png"
    Image.new("RGB", (300, 300), "grey").save(blank)
    ended = run("verify", "Albert", blank)
    assert ended.code == 1 and "no face was found" in ended.out
    refused = run("enroll", "Albert", faces(PERSON, 3), blank)
    assert refused.code == 2 and "no face was found" in refused.err
    told = json.loads(run("explain", faces(PERSON, 2), "--json").out)
    assert told["indexed"] is False and told["observations"][0]["person"]["name"] == "Albert"
    assert told["observations"][0]["nearest"][0]["name"] == "Albert"
    text = run("explain", faces(PERSON, 0)).out
    assert "why: you said so (enroll" in text and "observation 1" in text and "min_reliability" not in text
    strict = tmp_path / "strict.toml"
    strict.write_text("[thresholds]\nmin_reliability = 1.0\n")
    assert "is below 1 (min_reliability): it starts no cluster" in run("--config", strict, "explain", faces(PERSON, 2)).out
    assert run("undo").out == "undone: enrolled 2 photos of Albert\n"
    assert run("verify", "Albert", faces(PERSON, 2)).code == 2
