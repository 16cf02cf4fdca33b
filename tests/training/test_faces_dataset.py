"""Faces are unpacked once with black corners filled, and one in ten is held out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facelib.training.faces_dataset import HELD_OUT, SIDE, chunks, fill_corners, read_table, unpack_faces


def test_table_keeps_one_face_in_ten_out(tmp_path: Path) -> None:
    place = tmp_path / "faces.csv"
    ages = ["0-2", "3-9", "10-19", "09", "10", "more than 70", ""]
    place.write_text("index,detector_score,age\n" + "".join(f"{k},{'' if k == 3 else 0.9},{ages[k % 7]}\n" for k in range(40)))
    table = read_table(place)
    assert table.child[:7].tolist() == [True, True, False, True, False, False, False]
    assert table.index[~table.trained].tolist() == [HELD_OUT, 17, 27, 37]
    assert table.score[3] == 0 and (np.delete(table.score, 3) > 0.89).all()


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 1000))
def test_black_corners_are_filled_and_the_face_is_kept(left: int, top: int, seed: int) -> None:
    face = np.random.default_rng(seed).integers(40, 256, (64, 64, 3), dtype=np.uint8)
    before = face.copy()
    face[:top] = 0
    face[:, :left] = 0
    filled = fill_corners(face)
    assert filled.max(axis=2).min() >= 40
    assert (filled[top + 1 :, left + 1 :] == before[top + 1 :, left + 1 :]).all()


def test_a_picture_without_black_borders_stays_and_a_black_one_does_not_fail() -> None:
    face = np.full((8, 8, 3), 200, np.uint8)
    face[3, 3] = 0
    assert (fill_corners(face) == face).all()
    assert (fill_corners(np.zeros((8, 8, 3), np.uint8)) == 0).all()


def test_faces_are_unpacked_once(tmp_path: Path) -> None:
    archive = tmp_path / "faces.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for index in (4, 9):
            packed = io.BytesIO()
            Image.new("RGB", (SIDE, SIDE), (20 * index, 90, 90)).save(packed, "WEBP", lossless=True)
            out.writestr(f"{index:05d}.webp", packed.getvalue())
    place = tmp_path / "faces.npy"
    faces = unpack_faces(archive, np.array([9, 4]), place)
    assert faces.shape == (2, SIDE, SIDE, 3) and faces[:, 5, 5, 0].tolist() == [180, 80]
    archive.unlink()
    assert (unpack_faces(archive, np.array([9, 4]), place) == faces).all()


def test_chunks_cover_all_rows_once() -> None:
    data = np.arange(1300)
    assert np.concatenate([part for _, part in chunks(data)]).tolist() == data.tolist()
