"""``facelib models``: what is there, what is brought, what is in use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facelib.model_zoo import registry
from facelib.settings import default_gallery, models_folder
from facelib.store.gallery import Gallery


def lines_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_list_shows_every_card(facelib) -> None:
    ended = facelib("models", "list")
    assert ended.code == 0
    rows = ended.out.splitlines()[1:]
    assert len(rows) == len(registry.CARDS)
    for card, row in zip(registry.CARDS.values(), rows, strict=True):
        assert card.name in row
        assert card.licence_weights in row
        assert row.startswith("*") == (card.name in registry.DEFAULTS.values())


def test_list_as_json(facelib) -> None:
    records = lines_of(facelib("models", "--json", "list").out)
    assert [record["model"] for record in records] == list(registry.CARDS)
    assert {record["model"] for record in records if record["in_use"]} == set(registry.DEFAULTS.values())
    assert {record["schema"] for record in records} == {1}
    assert next(record for record in records if record["model"] == "yunet")["state"] == "missing"


@pytest.mark.parametrize("arguments", [["yunet"], ["recommended"]])
def test_fetch_asks_first_and_refuses_where_it_cannot(arguments: list[str], facelib, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/null", encoding="ascii") as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        ended = facelib("models", "fetch", *arguments)
    assert ended.code == 2
    for said in ("yunet", "0.3 MB", "Apache-2.0", "libfacedetection", "--yes"):
        assert said in ended.err
    assert ended.out == ""
    assert not models_folder().exists()


def test_fetch_from_a_folder_then_use(shared: Path, facelib) -> None:
    card = registry.card("yunet")
    ended = facelib("models", "fetch", card.name, "--from", shared / "weights", "--yes", "--json")
    assert ended.code == 0
    assert lines_of(ended.out) == [{"schema": 1, "model": "yunet", "files": [str(models_folder() / card.files["network"].name)]}]
    assert "already fetched" in facelib("models", "fetch", card.name, "--yes").err

    ended = facelib("models", "use", card.name)
    assert ended.code == 0
    assert "names and verdicts are kept" in ended.err
    with Gallery.read(default_gallery()) as gallery:
        assert gallery.models()[card.task] == card.name
    assert "already in use" in facelib("models", "use", card.name).err
    in_use = {record["model"] for record in lines_of(facelib("models", "list", "--json").out) if record["in_use"]}
    assert in_use == {"yunet", "face-geometry", "facelib-ensemble", "facelib-body", "facelib-judge"}


def test_use_without_weights_names_the_command_that_mends_it(facelib) -> None:
    ended = facelib("models", "use", "yunet")
    assert ended.code == 5
    assert "facelib models fetch yunet" in ended.err
    assert not default_gallery().exists()


def test_verify_finds_what_is_damaged(facelib) -> None:
    assert facelib("models", "verify").code == 0
    file = registry.card("yunet").files["network"]
    models_folder().mkdir(parents=True)
    (models_folder() / file.name).write_bytes(b"\0" * file.size)
    ended = facelib("models", "verify")
    assert ended.code == 5
    assert "yunet: damaged - run: facelib models fetch yunet" in ended.out
    assert facelib("models", "verify", "mtcnn").code == 0
    states = {record["model"]: record["state"] for record in lines_of(facelib("models", "verify", "yunet", "--json").out)}
    assert states == {"yunet": "damaged"}
    assert facelib("models", "verify", "yolox-nano").code == 5, "named, but missing"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["use", "nonsense"], "there is no model 'nonsense'"),
        (["fetch", "nonsense", "--yes"], "there is no model 'nonsense'"),
        (["fetch", "mtcnn", "--yes"], "there is nothing to fetch"),
        (["fetch", "yunet", "--yes", "--from", "/no/such/folder"], "there is no folder"),
        (["fetch"], "Missing argument"),
    ],
)
def test_bad_input(arguments: list[str], said: str, facelib) -> None:
    ended = facelib("models", *arguments)
    assert ended.code == 2
    assert said in ended.err
