"""Upper bodies are read in the order of their names; each person is either trained on or held out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facelib.training.bodies_dataset import read_bodies


def archive(folder: Path, people: int, garments: int) -> Path:
    """A zip in which the brightness of a picture says which it is; the members stand in another order than their names."""
    place = folder / "bodies.zip"
    names = [(f"person/{k:03d}.webp", 2 * k) for k in range(people)]
    names += [(f"garment/{'ab'[k % 2]}/{k:03d}.webp", 255 - k) for k in range(garments)]
    with zipfile.ZipFile(place, "w") as out:
        for name, value in reversed(names):
            stream = io.BytesIO()
            Image.new("RGB", (96, 96), (value, value, value)).save(stream, "WEBP", lossless=True)
            out.writestr(name, stream.getvalue())
        out.writestr("person/", "")
    return place


def test_people_and_garments_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    bodies = read_bodies(archive(tmp_path, 11, 4))
    assert bodies.people.shape == (11, 96, 96, 3) and bodies.people.dtype == np.uint8
    assert bodies.people[:, 0, 0, 0].tolist() == [2 * k for k in range(11)]
    assert bodies.garments[:, 5, 5, 1].tolist() == [255, 253, 254, 252]


@pytest.mark.parametrize("people", [1, 5, 6, 17])
def test_each_person_is_either_trained_on_or_held_out(tmp_path: Path, people: int) -> None:
    bodies = read_bodies(archive(tmp_path, people, 1))
    trained, held = (part[:, 0, 0, 0].tolist() for part in (bodies.trained, bodies.held_out))
    assert not set(trained) & set(held)
    assert sorted(trained + held) == [2 * k for k in range(people)]
    assert len(held) == (people + 4) // 5
