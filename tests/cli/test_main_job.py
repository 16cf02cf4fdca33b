"""The program as a user runs it, whole processes on real photos: index, people, name, who, faces, status, export."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facelib.geometry import iou

pytestmark = pytest.mark.slow
WITHOUT_PEOPLE = {"couple/13.jpg", "couple/14.jpg", "couple/15.jpg", "couple/19.jpg"}


def facelib(*arguments: str | Path, gallery: Path, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run the installed program in a process of its own."""
    command = [sys.executable, "-m", "facelib", "--gallery", str(gallery), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
    assert "Traceback" not in ended.stderr, ended.stderr
    if code is not None:
        assert ended.returncode == code, (ended.stdout, ended.stderr)
    return ended


def lines(ended: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.fixture(scope="module")
def couple(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The couple's album, and its gallery with both of them named."""
    folder = tmp_path_factory.mktemp("couple")
    with zipfile.ZipFile(shared / "data" / "albums.zip") as archive:
        for name in archive.namelist():
            if "/couple/" in f"/{name}" and name.endswith(".jpg"):
                target = folder / "album" / Path(name).name if "overlap" not in name else folder / "album" / "overlap" / Path(name).name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
    gallery = folder / "private" / "gallery.sqlite"
    ended = facelib("index", folder / "album", gallery=gallery)
    assert "23 new" in ended.stdout and "0 failed" in ended.stdout
    assert ended.stderr == "", "nothing but the summary is written where there is no terminal"
    return folder / "album", gallery


def test_exactly_two_people_have_more_than_one_photo(couple: tuple[Path, Path]) -> None:
    _, gallery = couple
    assert sum(row["photos"] > 1 for row in lines(facelib("people", "--all", "--json", gallery=gallery))) == 2


def test_names_come_back_on_photos_never_indexed_and_nothing_is_written(couple: tuple[Path, Path], tmp_path: Path) -> None:
    album, original = couple
    gallery = tmp_path / "g.sqlite"
    gallery.write_bytes(original.read_bytes())
    both = lines(facelib("who", album / "17.jpg", "--json", gallery=gallery, code=None))[0]["observations"]
    left, right = sorted(both, key=lambda o: o["face"]["box"][0])
    facelib("name", f"c{left['cluster']}", "Ben", gallery=gallery)
    facelib("name", str(right["cluster"]), "Ana María", gallery=gallery)
    stranger = tmp_path / "other.jpg"
    with Image.open(album / "overlap" / "2.jpg") as picture:
        picture.resize((picture.width * 3 // 4, picture.height * 3 // 4)).save(stranger, quality=85)
    before = gallery.read_bytes()
    drawn = tmp_path / "drawn.png"
    ended = facelib("who", stranger, album / "13.jpg", "--json", gallery=gallery)
    seen, empty = lines(ended)
    assert {o["person"]["name"] for o in seen["observations"] if o["person"]} == {"Ben", "Ana María"}
    assert all(o["id"] is None and o["source"] == "auto" for o in seen["observations"])
    assert empty["observations"] == [] and empty["error"] is None
    facelib("who", stranger, "--draw", drawn, gallery=gallery)
    with Image.open(drawn) as shown, Image.open(stranger) as plain:
        assert shown.size == plain.size and not np.array_equal(np.asarray(shown), np.asarray(plain.convert("RGB")))
    assert drawn.stat().st_mode & 0o777 == 0o600
    assert gallery.read_bytes() == before
    assert facelib("who", album / "13.jpg", gallery=gallery, code=1).stdout.strip().endswith("nobody")
    facelib("who", tmp_path / "missing.jpg", stranger, gallery=gallery, code=2)


def test_a_second_run_does_nothing_and_keeps_names(couple: tuple[Path, Path], tmp_path: Path) -> None:
    album, original = couple
    gallery = tmp_path / "g.sqlite"
    gallery.write_bytes(original.read_bytes())
    biggest = lines(facelib("people", "--json", gallery=gallery))[0]
    facelib("name", f"c{biggest['clusters'][0]}", "Ana", gallery=gallery)
    ended = facelib("index", album, "--json", gallery=gallery)
    report = lines(ended)[0]
    assert report["files"]["new"] == 0 and report["photos"]["worked_on"] == 0
    named = [row for row in lines(facelib("people", "--json", gallery=gallery)) if row["person"]]
    assert [row["person"]["name"] for row in named] == ["Ana"]
    assert named[0]["photos"] >= biggest["photos"]


def test_export_and_faces_speak_the_same_form(couple: tuple[Path, Path]) -> None:
    album, gallery = couple
    exported = {row["photo"]: row for row in lines(facelib("export", "json", gallery=gallery))}
    assert len(exported) == 23
    photo = str(album / "17.jpg")
    (raw,) = lines(facelib("faces", photo, "--json", "--embeddings", gallery=gallery))
    assert raw.keys() == exported[photo].keys() and raw["schema"] == 1
    for got, kept in zip(raw["observations"], exported[photo]["observations"], strict=True):
        assert got["face"]["box"] == pytest.approx(kept["face"]["box"], abs=0.02)
        vector = np.frombuffer(base64.b64decode(got["embedding"]["face"]), dtype="<f4")
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        assert got["id"] is None and kept["id"] is not None and got.keys() - {"embedding"} == kept.keys()


def test_the_eight_orientations_show_the_same_people(couple: tuple[Path, Path], tmp_path: Path) -> None:
    album, gallery = couple
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    with Image.open(album / "17.jpg") as opened:
        upright = opened.convert("RGB")
    for orientation in range(1, 9):
        stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored.save(tmp_path / f"{orientation}.jpg", exif=exif, quality=95)
    seen = lines(facelib("faces", *sorted(tmp_path.glob("*.jpg")), "--json", gallery=gallery))
    first = [o["face"]["box"] for o in seen[0]["observations"]]
    assert len(first) == 2
    for photo in seen[1:]:
        assert (photo["width"], photo["height"]) == upright.size
        boxes = [o["face"]["box"] for o in photo["observations"]]
        assert len(boxes) == 2 and iou(np.array(first), np.array(boxes)).diagonal().min() > 0.9


def test_files_are_private(couple: tuple[Path, Path]) -> None:
    _, gallery = couple
    assert gallery.parent.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in gallery.parent.iterdir())


def test_bad_files_are_lines_in_a_report(couple: tuple[Path, Path], tmp_path: Path) -> None:
    album, _ = couple
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    (mixed / "good.jpg").write_bytes((album / "17.jpg").read_bytes())
    (mixed / "truncated.jpg").write_bytes((album / "17.jpg").read_bytes()[:9000])
    (mixed / "empty.png").touch()
    (mixed / "text.heic").write_text("no picture")
    gallery = tmp_path / "g.sqlite"
    ended = facelib("index", mixed, gallery=gallery, code=1)
    assert "3 failed" in ended.stdout
    failed = lines(facelib("status", "--failed", "--json", gallery=gallery))
    assert [Path(row["path"]).name for row in failed] == ["empty.png", "text.heic", "truncated.jpg"]
    assert all(row["kind"] == "unreadable" for row in failed)
    facelib("status", "--check", gallery=gallery, code=1)


def test_killed_for_real_and_run_again_gives_the_same_gallery(couple: tuple[Path, Path], tmp_path: Path) -> None:
    album, whole = couple
    gallery = tmp_path / "g.sqlite"
    command = [sys.executable, "-m", "facelib", "--gallery", str(gallery), "index", str(album), "--workers", "1"]
    for seconds in (1.5, 6.0):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    facelib("index", album, gallery=gallery)

    def told(path: Path) -> list[dict[str, Any]]:
        return [{k: v for k, v in row.items() if k != "photo"} for row in lines(facelib("export", "json", gallery=path))]

    assert told(gallery) == told(whole)
