"""What the reports of scripts/evaluate.py make of their data."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

Import = Callable[[str], ModuleType]


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_figures_are_found_by_path_and_shown(script: Import, capsys: pytest.CaptureFixture[str]) -> None:
    request = script("reports.request")
    figures = {"lfw": {"tar at 0.001": 0.5, "photos": 7}}
    assert request.value(figures, "lfw/tar at 0.001") == 0.5
    assert request.value(figures, "lfw/nothing") is None
    rows = [("rate", "lfw/tar at 0.001"), ("photos", "lfw/photos"), ("none", "x"), ("own", lambda f: "cell")]
    request.table("title", {"net": figures}, rows)
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("net", "0.5000", "7", "-", "cell"))


def test_the_pairs_of_the_protocol(script: Import, tmp_path: Path) -> None:
    verification, sets, request = script("reports.verification"), script("development_sets.labelled_sets"), script("reports.request")
    people = [f"P{k}" for k in range(20)]
    lines = [f"{name}\t1\t12" for name in people] + [f"{a}\t1\t{b}\t12" for a, b in zip(people, people[1:] + people[:1])]
    with zipfile.ZipFile(tmp_path / "lfw-devtest.zip", "w") as archive:
        archive.writestr("pairsDevTest.txt", "20\n" + "\n".join(lines))
    pairs, same = verification.devtest_pairs(tmp_path / "lfw-devtest.zip")
    assert pairs[0] == ("P0/P0_0001.jpg", "P0/P0_0012.jpg") and pairs[39] == ("P19/P19_0001.jpg", "P0/P0_0012.jpg")
    assert same.tolist() == [True] * 20 + [False] * 20
    # In the photo P0_0001 nobody was found: the pair of one person it is in is told apart, all else is clear.
    files = np.array([f"{name}/{name}_{number}.jpg" for name in people for number in ("0001", "0012")][1:])
    labels = np.array([file.split("/")[0] for file in files])
    vectors = np.eye(20, dtype=np.float32)[[people.index(label) for label in labels.tolist()]]
    lfw = sets.Labelled(files, labels, vectors, np.ones(39), 40)
    found = verification.protocol(request.Request(tmp_path, None, "mtcnn"), lfw)
    assert found == {"pairs": 40, "accuracy": pytest.approx(39 / 40), "tar": pytest.approx(19 / 20)}


def test_kin_are_counted_apart(script: Import) -> None:
    verification, sets = script("reports.verification"), script("development_sets.labelled_sets")
    rng = np.random.default_rng(0)
    centres = np.repeat(rng.normal(size=(8, 32)), 2, axis=0) + 0.3 * rng.normal(size=(16, 32))
    labels = np.repeat([f"F{k // 2}/M{k % 2}" for k in range(16)], 5)
    vectors = unit(np.repeat(centres, 5, axis=0) + 0.2 * rng.normal(size=(80, 32)))
    found = verification.families(sets.Labelled(labels, labels, vectors, np.ones(80), 80))
    assert found["genuine"] == 160 and found["impostors"] == 80 * 79 // 2 - 160 and found["kin"]["impostors"] == 200
    assert found["kin"]["accepted at 0.001"] > 0.001
    assert found["tar at 0.001"] >= found["kin"]["tar at 0.001"]
    assert found["curve"]["tar"] == sorted(found["curve"]["tar"])


def test_a_person_who_is_there_twice_counts_once(script: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    fairface = script("development_sets.fairface")
    rng = np.random.default_rng(1)
    faces = fairface.Table(np.arange(5), *(np.array(["x"] * 5),) * 3)
    vectors = unit(rng.normal(size=(5, 64)))
    vectors[3] = vectors[1]
    other = vectors.copy()
    # For one model alone faces 0 and 4 are near as well: that is not enough.
    other[4] = other[0]
    monkeypatch.setattr(fairface, "teacher_embeddings", lambda data, index: vectors)
    monkeypatch.setattr(fairface, "embedded", lambda *_: other)
    blocks = rng.integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    pixels = np.kron(blocks, np.ones((1, 16, 16, 1), dtype=np.uint8))
    pixels[2] = pixels[0]
    keep, dropped = fairface.different_people(Path(), faces, pixels, None)
    assert keep.tolist() == [True, True, False, False, True]
    assert list(dropped.values()) == [1, 1]


def test_figures_are_added_to_a_file_without_touching_others(script: Import, tmp_path: Path) -> None:
    evaluate, request = script("evaluate"), script("reports.request")
    out = tmp_path / "figures.json"
    asked = request.Request(tmp_path, None, "mtcnn")
    evaluate.store_figures(out, "speed", {"dlib-resnet": {"a": 1 / 3}}, asked)
    evaluate.store_figures(out, "verification", {"dlib-resnet": {"b": [2.0]}}, asked)
    held = json.loads(out.read_text())
    assert held["speed"]["dlib-resnet"]["a"] == 0.333333 and "detector" not in held["speed"]["dlib-resnet"]
    assert held["verification"]["dlib-resnet"]["detector"] == "mtcnn" and len(held["verification"]["dlib-resnet"]["digest"]) == 16


def test_a_part_takes_the_place_of_the_old_one(script: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calibrate = script("calibrate")
    from facelib.model_zoo import calibration

    monkeypatch.setattr(calibration, "FOLDER", tmp_path)
    calibration.parts.cache_clear()
    part = calibration.Part("clusters", ("a",), "none", "", "2026-11-24", {"linkage_threshold": 0.3, "group_threshold": 0.2})
    old = {"moments": {"group_threshold": 0.1, "alpha": 0.5}, "photo": {"linkage_threshold": 0.1}}
    for name, values in old.items():
        calibrate.write_part("net", calibration.Part(name, (), "by hand", "", "2026-11", values), dry=False)
    calibrate.write_part("net", part, dry=True)
    assert [old.name for old in calibration.parts("net")] == ["moments", "photo"]
    calibrate.write_part("net", part, dry=False)
    moments, last = calibration.parts("net")
    assert last == part and moments.thresholds == {"alpha": 0.5}
    calibration.parts.cache_clear()
