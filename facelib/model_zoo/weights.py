"""Where the weights of a model lie, and whether they are the right ones. Loads no network library and opens no socket."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from facelib import settings
from facelib.errors import WeightsError
from facelib.model_zoo import conversion
from facelib.model_zoo.registry import ModelCard, ModelFile

READY, MISSING, DAMAGED, NO_RUNTIME = "ready", "missing", "damaged", "no runtime"

_PACKAGE = Path(__file__).resolve().parents[1]
_MODULE_OF_RUNTIME = {"torch": "torch", "openvino": "openvino"}


def find(card: ModelCard) -> list[Path]:
    """The files of a model, each checked by size, then by SHA-256, at every call.

    A file is looked for in the user's models folder, then among those that come with this program, then in the
    package that brings it, which is not imported. The first that is right is taken.

    Raises
    ------
    WeightsError
        If a file is nowhere, or none found has the right bytes; the advice is the command that mends it.
    """
    return [_find_file(card, file) for file in card.files]


def state(card: ModelCard) -> str:
    """``"ready"``, ``"missing"``, ``"damaged"``, or ``"no runtime"`` where the library that runs it is not installed."""
    module = _MODULE_OF_RUNTIME.get(card.runtime)
    if module and find_spec(module) is None:
        return NO_RUNTIME
    if card.package and not card.files:
        return READY if find_spec(_module_name(card.package)) else MISSING
    if any(not _places(card, file) for file in card.files):
        return MISSING
    return READY if all(_right_place(card, file) for file in card.files) else DAMAGED


def verify(card: ModelCard) -> None:
    """Check that a model is ready to run: its runtime is installed and each file has the right bytes.

    Raises
    ------
    WeightsError
        If not, with the command that mends it.
    """
    need_runtime(card)
    if card.package and not card.files and find_spec(_module_name(card.package)) is None:
        raise WeightsError(f"model '{card.name}' needs the package {card.package}", f"run: pip install {card.package}")
    find(card)


def need_runtime(card: ModelCard) -> None:
    """Raise a :class:`WeightsError` where the library that runs the model is not installed."""
    module = _MODULE_OF_RUNTIME.get(card.runtime)
    if module and find_spec(module) is None:
        extra = "facelib[openvino]" if module == "openvino" else module
        raise WeightsError(f"model '{card.name}' needs {module}, which is not installed", f"run: pip install '{extra}'")


def is_right(path: Path, file: ModelFile) -> bool:
    """Whether a file has the size and the SHA-256 the card names; False also where it cannot be read."""
    if file.converted and path.name != file.name and path.suffix == ".safetensors":
        return conversion.is_right(path, file)
    try:
        if path.stat().st_size != file.size:
            return False
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError:
        return False


def bundled_folder() -> Path:
    """Where the weights that come with this program lie: inside an installed wheel, or beside the package in a checkout."""
    inside = _PACKAGE / "models"
    return inside if inside.is_dir() else _PACKAGE.parent / "models"


def folders(card: ModelCard) -> list[Path]:
    """Where files of a model are looked for, the first first."""
    return [settings.models_folder(), bundled_folder(), *_package_folders(card)]


def _places(card: ModelCard, file: ModelFile) -> list[Path]:
    """The files of that name that exist, or their converted forms, in the order in which they are preferred."""
    names = [conversion.converted(Path(file.name)).name, file.name] if file.converted else [file.name]
    return [folder / name for folder in folders(card) for name in names if (folder / name).is_file()]


def _package_folders(card: ModelCard) -> list[Path]:
    """Where packages keep weights (``models``, ``data``) in the card's package; none of its code is run, for it may fail here."""
    spec = find_spec(_module_name(card.package)) if card.package else None
    places = (spec.submodule_search_locations or []) if spec else []
    return [Path(place) / folder for place in places for folder in ("models", "data")]


def _module_name(package: str) -> str:
    return package.replace("-", "_")


def _right_place(card: ModelCard, file: ModelFile) -> Path | None:
    return next((path for path in _places(card, file) if is_right(path, file)), None)


def _find_file(card: ModelCard, file: ModelFile) -> Path:
    right = _right_place(card, file)
    if right:
        return right
    places = _places(card, file)
    advice = _mending(card, file)
    if places:
        raise WeightsError(f"the weights of model '{card.name}' are damaged: {places[0]} is not the file expected", advice)
    raise WeightsError(f"the weights of model '{card.name}' are missing: {file.name} is nowhere", advice)


def _mending(card: ModelCard, file: ModelFile) -> str:
    if file.url:
        return f"run: facelib models fetch {card.name}"
    if card.package and not file.bundled:
        return f"run: pip install --force-reinstall --no-deps {card.package}"
    return "run: pip install --force-reinstall --no-deps facelib"
