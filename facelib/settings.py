"""The folders of the program, and the user's configuration file."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facelib import thresholds
from facelib.errors import InputError

INDEX_KEYS: dict[str, type] = {"exclude": list, "workers": int, "photo_timeout": float, "device": str, "clusterer": str}


def _xdg(variable: str, fallback: str) -> Path:
    set_to = os.environ.get(variable, "")
    return Path(set_to) if os.path.isabs(set_to) else Path.home() / fallback


def data_folder() -> Path:
    """The folder of galleries and fetched weights: ``$XDG_DATA_HOME/facelib``."""
    return _xdg("XDG_DATA_HOME", ".local/share") / "facelib"


def state_folder() -> Path:
    """The folder of logs: ``$XDG_STATE_HOME/facelib``."""
    return _xdg("XDG_STATE_HOME", ".local/state") / "facelib"


def cache_folder() -> Path:
    """The folder of files that can be made again, such as crops of faces: ``$XDG_CACHE_HOME/facelib``."""
    return _xdg("XDG_CACHE_HOME", ".cache") / "facelib"


def models_folder() -> Path:
    """The folder into which ``facelib models fetch`` puts weights: ``$FACELIB_MODELS``, else ``models`` in the data folder."""
    set_to = os.environ.get("FACELIB_MODELS", "")
    return Path(set_to) if set_to else data_folder() / "models"


def default_gallery() -> Path:
    """The gallery used where neither ``--gallery`` nor ``$FACELIB_GALLERY`` says otherwise."""
    return data_folder() / "gallery.sqlite"


def default_config() -> Path:
    """The configuration read where ``--config`` does not say otherwise, if it exists."""
    return _xdg("XDG_CONFIG_HOME", ".config") / "facelib" / "config.toml"


@dataclass(frozen=True)
class Settings:
    """The user's configuration, checked.

    Attributes
    ----------
    overrides : mapping of str to number
        Thresholds the file sets.
    index : mapping
        Options of ``index`` the file sets; the command line wins.
    source : Path or None
        The file, or None where there is none.
    """

    overrides: Mapping[str, float] = field(default_factory=dict)
    index: Mapping[str, Any] = field(default_factory=dict)
    source: Path | None = None


def read_settings(path: Path | None) -> Settings:
    """Read a TOML file with the tables ``[thresholds]`` and ``[index]``.

    Parameters
    ----------
    path : Path or None
        None: the default file, which may be absent. A file that is named must exist.

    Raises
    ------
    InputError
        If the file is not TOML, or has an unknown table or key, a wrong type or a value out of range; it names file and line.
    """
    named = path is not None
    path = path or default_config()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if named:
            raise InputError(f"there is no configuration file {path}") from None
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the configuration file {path}: {error}") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: {error}") from error

    for table, content in document.items():
        if table not in ("thresholds", "index"):
            raise InputError(f"{_location(path, text, table)}: unknown table or key '{table}'", "known: [thresholds], [index]")
        if not isinstance(content, dict):
            raise InputError(f"{_location(path, text, table)}: '{table}' must be a table")
    overrides: dict[str, float] = {}
    for name, value in document.get("thresholds", {}).items():
        current = thresholds.current_name(name)
        if current in overrides:
            old = next(old for old in thresholds.RENAMED if thresholds.RENAMED[old] == current)
            raise InputError(f"{_location(path, text, name)}: '{current}' is set twice: '{old}' is its old name")
        try:
            thresholds.check(current, value)
        except InputError as error:
            raise InputError(f"{_location(path, text, name)}: {error}", error.advice) from error
        overrides[current] = value
    index = document.get("index", {})
    for name, value in index.items():
        if name not in INDEX_KEYS:
            raise InputError(f"{_location(path, text, name)}: unknown key '{name}' in [index]", f"known: {', '.join(INDEX_KEYS)}")
        kind = INDEX_KEYS[name]
        fits = isinstance(value, (int, float) if kind is float else kind) and not isinstance(value, bool)
        if not fits or (kind is list and not all(isinstance(item, str) for item in value)):
            raise InputError(f"{_location(path, text, name)}: '{name}' must be a {'list of strings' if kind is list else kind.__name__}")
    return Settings(overrides, index, path)


def _location(path: Path, text: str, key: str) -> str:
    """``file:line`` of a key; tomllib keeps no positions, so the line is looked up in the text."""
    pattern = re.compile(rf"""^\s*(\[\s*)?["']?{re.escape(key)}["']?\s*(\]|=|\.)""")
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.match(line):
            return f"{path}:{number}"
    return str(path)
