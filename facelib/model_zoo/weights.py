"""Where the weights of a model are stored, and whether they are intact. Loads no network library and opens no socket."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from facelib import settings
from facelib.errors import WeightsError
from facelib.model_zoo import conversion
from facelib.model_zoo.card import ModelCard, ModelFile
from facelib.model_zoo.runtimes import RUNTIMES

READY, MISSING, DAMAGED, NO_RUNTIME = "ready", "missing", "damaged", "no runtime"

_PROGRAM = Path(__file__).resolve().parents[1]


def find(card: ModelCard) -> dict[str, Path]:
    """The files of a model by role, each checked by size, then by SHA-256, at every call.

    A file is looked for in the user's models folder, then among those that come with this program, then in the
    package that brings it, which is not imported. The first one that is intact is used.

    Raises
    ------
    WeightsError
        If a file is missing, or none of the files of its name has the right bytes; the advice is the command that repairs it.
    """
    return {role: _find_file(card, file) for role, file in card.files.items()}


def locate(card: ModelCard, role: str) -> Path:
    """The path of a file of a model. Its bytes are not checked: they may be newer than those the card names.

    Raises
    ------
    WeightsError
        If there is no file of that name.
    """
    file = card.files[role]
    paths = _candidates(file)
    if not paths:
        raise _missing(card, file)
    return paths[0]


def state(card: ModelCard) -> str:
    """``"ready"``, ``"missing"``, ``"damaged"``, or ``"no runtime"`` where the library that runs it is not installed."""
    if not _runtime_is_installed(card):
        return NO_RUNTIME
    if any(not _candidates(file) for file in card.files.values()):
        return MISSING
    return READY if all(_first_intact(file) for file in card.files.values()) else DAMAGED


def verify(card: ModelCard) -> None:
    """Check that a model is ready to run: its runtime is installed and each file has the right bytes.

    Raises
    ------
    WeightsError
        If not, with the command that repairs it.
    """
    require_runtime(card)
    find(card)


def require_runtime(card: ModelCard) -> None:
    """Raise a :class:`WeightsError` where the library that runs the model is not installed."""
    if not _runtime_is_installed(card):
        library = RUNTIMES[card.runtime]
        raise WeightsError(
            f"model '{card.name}' needs {library.module}, which is not installed", f"run: pip install '{library.requirement}'"
        )


def is_intact(path: Path, file: ModelFile) -> bool:
    """Whether a file has the size and the SHA-256 the card names; False also where it cannot be read."""
    if path.name == file.kept_as:
        return conversion.is_intact(path, file)
    try:
        if path.stat().st_size != file.size:
            return False
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError:
        return False


def bundled_folder() -> Path:
    """Where the weights that come with this program lie: inside an installed wheel, or beside the package in a checkout."""
    inside = _PROGRAM / "models"
    return inside if inside.is_dir() else _PROGRAM.parent / "models"


def _candidates(file: ModelFile) -> list[Path]:
    """The files of that name that exist, and their converted forms, in the order of preference."""
    names = [file.kept_as, file.name] if file.kept_as else [file.name]
    folders = [settings.models_folder(), bundled_folder(), *_package_folders(file)]
    return [folder / name for folder in folders for name in names if (folder / name).is_file()]


def _package_folders(file: ModelFile) -> list[Path]:
    """Where the file's package may keep weights: ``models`` or ``data``. The package is not imported, for that may fail."""
    spec = find_spec(file.package.replace("-", "_")) if file.package else None
    roots = (spec.submodule_search_locations or []) if spec else []
    return [Path(root) / folder for root in roots for folder in ("models", "data")]


def _runtime_is_installed(card: ModelCard) -> bool:
    module = RUNTIMES[card.runtime].module
    return module is None or find_spec(module) is not None


def _first_intact(file: ModelFile) -> Path | None:
    return next((path for path in _candidates(file) if is_intact(path, file)), None)


def _find_file(card: ModelCard, file: ModelFile) -> Path:
    intact = _first_intact(file)
    if intact:
        return intact
    candidates = _candidates(file)
    if not candidates:
        raise _missing(card, file)
    raise WeightsError(
        f"the weights of model '{card.name}' are damaged: {candidates[0]} has the wrong size or SHA-256", _advice(card, file)
    )


def _missing(card: ModelCard, file: ModelFile) -> WeightsError:
    return WeightsError(f"the weights of model '{card.name}' are missing: {file.name} was not found", _advice(card, file))


def _advice(card: ModelCard, file: ModelFile) -> str:
    """The command that fetches or installs the file again."""
    if file.url:
        return f"run: facelib models fetch {card.name}"
    return f"run: pip install --force-reinstall --no-deps {file.package or 'facelib'}"
