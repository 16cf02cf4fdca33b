"""``facelib doctor`` finds what is wrong, names the mending, and ends with the code of the first failure."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from facelib.cli import machine_checks
from facelib.cli.machine_checks import _vulnerability
from facelib.settings import default_gallery, models_folder
from facelib.store.gallery import Gallery


@pytest.fixture
def checks(facelib):
    """Run doctor; give its exit code and the checks by subject."""

    def call(*arguments: str | Path):
        ended = facelib("doctor", "--json", *arguments)
        records = [json.loads(line) for line in ended.out.splitlines()]
        return ended.code, {record["check"]: record for record in records}

    return call


def test_a_good_installation(checks) -> None:
    code, found = checks()
    assert code == 0
    assert {"python", "torch", "processor", "memory", "disk", "HEIC", "configuration", "gallery", "face-embedder"} <= found.keys()
    assert not [check for check in found.values() if check["state"] == "fail"]
    assert not default_gallery().parent.exists(), "nothing is changed"


def test_text_and_quiet(facelib) -> None:
    ended = facelib("doctor")
    assert ended.code == 0
    assert "ok    python: 3." in ended.out
    quiet = facelib("doctor", "--quiet").out
    assert not [line for line in quiet.splitlines() if line.startswith("ok")]


def test_bad_configuration(checks, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[thresholds]\n\nnonsense = 1\n", encoding="utf-8")
    code, found = checks("--config", config)
    assert code == 2
    assert found["configuration"]["state"] == "fail"
    assert f"{config}:3" in found["configuration"]["found"]


def test_a_file_that_is_no_gallery(checks, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ana,", encoding="utf-8")
    code, found = checks("--gallery", path)
    assert code == 3
    assert found["gallery"]["state"] == "fail"
    assert found["gallery"]["advice"]
    assert path.read_text(encoding="utf-8") == "Dear Ana,"


def test_missing_weights(checks) -> None:
    Gallery.write(default_gallery(), "test").close()
    with Gallery.write(default_gallery(), "test") as gallery:
        gallery.use_model("face-detector", "yunet")
    code, found = checks()
    assert code == 5
    assert found["face-detector"]["advice"] == "run: facelib models fetch yunet"


def test_permissions_and_writer(checks) -> None:
    with Gallery.write(default_gallery(), "facelib index /photos"):
        _, found = checks()
        assert found["permissions"]["state"] == "ok"
        assert found["writer"]["state"] == "warn"
        assert "facelib index /photos" in found["writer"]["found"]
        assert str(os.getpid()) in found["writer"]["found"]
    default_gallery().chmod(0o644)
    code, found = checks()
    assert code == 0
    assert found["writer"]["state"] == "ok"
    assert found["permissions"]["state"] == "warn"
    assert "chmod 600" in found["permissions"]["advice"]
    assert stat.S_IMODE(default_gallery().stat().st_mode) == 0o644, "nothing is changed"


@pytest.mark.parametrize(
    ("name", "version", "faulty"),
    [
        ("pillow", "12.9.9", True),
        ("pillow", "13.0.0", False),
        ("torch", "2.6.0+cpu", True),
        ("torch", "2.6.1", False),
        ("torch", "2.10.0", False),
        ("pillow-heif", "1.3.0", True),
        ("pillow-heif", "1.8.1", False),
        ("numpy", "0.1", False),
    ],
)
def test_versions_with_known_faults(name: str, version: str, faulty: bool) -> None:
    assert (_vulnerability(name, version) is not None) == faulty


def test_a_faulty_version_is_a_warning(checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "version", lambda name: "1.0")
    code, found = checks()
    assert code == 0
    assert found["torch"]["state"] == "warn"
    assert "CVE-2025-32434" in found["torch"]["found"]
    assert found["torch"]["advice"] == "run: pip install --upgrade torch"


def test_too_many_threads(checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4096")
    assert checks()[1]["threads"]["state"] == "warn"


def test_models_folder_is_not_made(checks) -> None:
    checks()
    assert not models_folder().exists()
