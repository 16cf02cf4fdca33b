"""The code keeps the order of the house: small files, one meaning for each name, tests beside what they test, no benchmark as a library."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "facelib").rglob("*.py"))
SCRIPTS = sorted((ROOT / "scripts").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
MAX_LINES = 300
LONG_FILES: dict[str, str] = {}
"""Files that may be longer, and why each is one noun."""
SHARED_NAMES = {"Suggestion": "review has a Protocol of what stages makes: siblings do not import each other"}
"""Public classes that two modules may define, and why both need the name."""
PROMISES = {
    "cli/test_bad_input.py",
    "cli/test_dry_runs.py",
    "cli/test_export_and_import.py",
    "cli/test_failing_model.py",
    "cli/test_main_job.py",
    "cli/test_names.py",
    "cli/test_references.py",
    "clustering/test_examples.py",
    "model_zoo/test_toy_model.py",
    "review/test_accessibility.py",
    "review/test_page.py",
    "scripts/test_help.py",
    "scripts/test_provenance.py",
    "stages/test_incremental_faults.py",
    "stages/test_names_stay.py",
    "store/test_full_disk.py",
    "store/test_gold.py",
    "vision/test_drawn_faces.py",
}
"""Tests of what several modules promise together; every other test is named after the module it tests."""


def of(path: Path, folder: str) -> str:
    return path.relative_to(ROOT / folder).as_posix()


def test_no_file_is_long() -> None:
    long = {of(path, "facelib"): lines for path in MODULES if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES}
    assert not {name: lines for name, lines in long.items() if name not in LONG_FILES}
    assert LONG_FILES.keys() <= long.keys(), "an exception that is no longer needed"


def test_a_public_class_has_its_name_alone() -> None:
    modules = defaultdict(list)
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].append(of(path, "facelib"))
    shared = {name: places for name, places in modules.items() if len(places) > 1}
    assert not {name: places for name, places in shared.items() if name not in SHARED_NAMES}
    assert SHARED_NAMES.keys() <= shared.keys(), "an exception that is no longer needed"


def test_no_script_is_a_library_of_another() -> None:
    """What two scripts need lies in a package beside them."""
    commands = {path.stem for path in SCRIPTS if "__main__" in path.read_text(encoding="utf-8")}
    used = set()
    for path in SCRIPTS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            used |= {(of(path, "scripts"), name) for name in names if name.split(".")[0] in commands}
    assert not used


def test_every_test_file_says_in_one_line_what_it_promises() -> None:
    def promises(path: Path) -> bool:
        line = path.read_text(encoding="utf-8").split("\n", 1)[0]
        return line.startswith('"""') and line.removesuffix('"""').endswith(".")

    assert not [of(path, "tests") for path in TESTS if not promises(path)]


def test_a_test_is_named_after_the_module_it_tests() -> None:
    tests = {of(path, "tests"): path for path in TESTS if path.parent != ROOT / "tests"}
    alone: set[str] = set()
    for name in tests:
        folder = ROOT if name.startswith("scripts/") else ROOT / "facelib"
        module = folder / name.replace("test_", "", 1)
        if not (module.exists() or module.with_suffix("").is_dir()):
            alone.add(name)
    assert not alone - PROMISES
    assert alone >= PROMISES, f"named after a module, or gone: {sorted(PROMISES - alone)}"
