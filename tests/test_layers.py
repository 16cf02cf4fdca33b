"""Imports go down only, heavy libraries stay behind their fences, and nothing runs in circles."""

from __future__ import annotations

import ast
import re
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import facelib

ROOT = Path(facelib.__file__).parent
LAYERS = (
    {"errors", "records", "geometry", "log_odds", "thresholds", "settings", "photo_json", "parent_process"},
    {"model_zoo"},
    {"photos", "vision", "clustering", "recognition", "store", "evaluation"},
    {"look"},
    {"stages", "who", "review", "exchange", "training"},
    {"cli"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MAY_USE = {("recognition", "clustering")}
"""Members of one layer that may import each other nevertheless, and only in this direction."""
FENCES = {
    "torch torchvision facenet_pytorch openvino": {"vision", "training"},
    "sqlite3": {"store"},
    "sklearn scipy": {"clustering", "recognition", "evaluation"},
    "matplotlib": {"evaluation", "training"},
    "click tqdm": {"cli"},
}
ALLOWED = {library: parts for libraries, parts in FENCES.items() for library in libraries.split()}
LIGHT = (LAYERS[0] | LAYERS[1] | {"cli", "__version__"}) - {"geometry", "log_odds", "photo_json"}
"""What of facelib a module of the command line may import before its command runs: what loads no numpy."""

Import = tuple[str, bool]


def imports_of(path: Path) -> list[Import]:
    """Each module a file imports, in full, and whether that happens as soon as the file is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    later = {id(node) for outer in ast.walk(tree) if _runs_later(outer) for node in ast.walk(outer)}
    found: list[Import] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) not in later) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            base = node.module or ""
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.append((inner if _file_of(inner) else base, id(node) not in later))
    return found


def _runs_later(node: ast.AST) -> bool:
    typing_only = isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
    return typing_only or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def _file_of(module: str) -> Path | None:
    place = ROOT.parent.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists()), None)


FILES = {path: imports_of(path) for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "__init__.py"}


def test_the_map_and_the_layers_of_the_page_are_those_of_the_code() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    layers = page.partition("## Layers")[2].split("```")[1].strip().splitlines()
    assert [set(line.split()) for line in reversed(layers)] == list(LAYERS)
    on_map = page.partition("## Map")[2].partition("## Layers")[0]
    assert not [name for name in LEVEL if not {f"`{name}`", f"`{name}.py`", f"`{name}/`"} & set(re.findall("`[^`]+`", on_map))]


def part_of(path: Path) -> str:
    """The layer's member a file belongs to: ``vision`` of ``facelib/vision/faces.py``."""
    part = path.relative_to(ROOT).parts[0].removesuffix(".py")
    return "cli" if part == "__main__" else part


def broken_rules(path: Path, imports: list[Import]) -> list[str]:
    part = part_of(path)
    broken = []
    for module, at_once in imports:
        top, *inner = module.split(".")
        if top == "facelib" and inner and inner[0] != part:
            if LEVEL[inner[0]] > LEVEL[part]:
                broken.append(f"{path}: {module} is above it")
            if LEVEL[inner[0]] == LEVEL[part] > 0 and (part, inner[0]) not in MAY_USE:
                broken.append(f"{path}: {module} is a sibling")
        if top in ALLOWED and part not in ALLOWED[top]:
            broken.append(f"{path}: {module} is behind a fence")
        if part == "cli" and at_once and not _light(module):
            broken.append(f"{path}: {module} must be imported where it is used")
    return broken


def _light(module: str) -> bool:
    top, *inner = module.split(".")
    if top == "facelib":
        return not inner or inner[0] in LIGHT
    return top == "click" or top in sys.stdlib_module_names


def test_imports_go_down_and_fences_hold() -> None:
    broken = [line for path, imports in FILES.items() for line in broken_rules(path, imports)]
    assert not broken, "\n".join(broken)


def test_every_file_belongs_to_a_layer() -> None:
    assert {part_of(path) for path in FILES} <= LEVEL.keys()


def test_no_module_imports_itself_through_others() -> None:
    graph = {path: {_file_of(module) for module, _ in imports} & FILES.keys() - {path} for path, imports in FILES.items()}
    TopologicalSorter(graph).prepare()


def test_the_rules_can_be_broken() -> None:
    def broken(place: str, *modules: str) -> int:
        return len(broken_rules(ROOT / place, [(module, True) for module in modules]))

    assert broken("vision/faces.py", "torch", "facelib.errors", "facelib.vision.zoo") == 0
    assert broken("vision/faces.py", "facelib.cli.main", "facelib.store.gallery", "sqlite3", "scipy.linalg") == 4
    assert broken("errors.py", "facelib.settings") == 0
    assert broken("cli/who.py", "facelib.who.answer", "numpy") == 2
