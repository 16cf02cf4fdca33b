"""The names that are certain come back from what ``export json`` writes."""

from __future__ import annotations

import json
from pathlib import Path

from facelib.exchange import json_lines
from facelib.exchange.photo_record import PhotoRecord, RefusedFile

LINE = {
    "schema": 1, "photo": "/a.jpg", "sha256": "a1" * 32, "width": 640, "height": 480, "taken_at": None, "error": None,
    "observations": [
        {"id": 1, "face": {"box": [1, 2, 3, 4]}, "body": None, "person": {"id": 1, "name": "Ana"}, "standing": "certain"},
        {"id": 2, "face": None, "body": {"box": [5, 6, 7, 8]}, "person": {"id": 2, "name": "Ben"}, "standing": "certain"},
        {"id": 3, "face": {"box": [1, 2, 3, 4]}, "body": None, "person": {"id": 3, "name": "Cem"}, "standing": "likely"},
        {"id": 4, "face": {"box": [1, 2, 3, 4]}, "body": None, "person": None, "standing": "unknown"},
    ],
}  # fmt: skip


def test_json_of_what_is_certain(tmp_path: Path) -> None:
    lines = [json.dumps(LINE), "", '{"schema": 2}', "[]", "no json", json.dumps({**LINE, "sha256": "x"})]
    (tmp_path / "a.json").write_text("\n".join(lines))
    first, *rest = json_lines.read([tmp_path / "a.json"])
    assert isinstance(first, PhotoRecord) and (first.photo, first.sha256) == ("/a.jpg", "a1" * 32)
    assert [(region.name, region.kind, region.box) for region in first.regions] == [
        ("Ana", "face", (1, 2, 3, 4)),
        ("Ben", "body", (5, 6, 7, 8)),
    ]
    assert [each.why for each in rest if isinstance(each, RefusedFile)] == [
        f"line {n} is not a photo as facelib export json writes it" for n in (3, 4, 5, 6)
    ]
