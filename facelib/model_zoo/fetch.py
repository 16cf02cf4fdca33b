"""Fetch weights, after the user has read what they are.

A download is written to ``NAME.part``, is resumed there after an interruption, and gets its final name only when its size
and SHA-256 are those of the card.
"""

from __future__ import annotations

import errno
import os
import shutil
import urllib.parse
from collections.abc import Callable
from pathlib import Path

from facelib.errors import InputError, WeightsError
from facelib.model_zoo import conversion, weights
from facelib.model_zoo.card import ModelCard, ModelFile
from facelib.model_zoo.conversion import Converter
from facelib.model_zoo.download import copy, download, open_part

Report = Callable[[int, int], None]


def describe(card: ModelCard) -> str:
    """What would be fetched: size, origin and licences, for people to read before they agree."""
    files = _fetched(card)
    hosts = sorted({urllib.parse.urlsplit(file.url or "").netloc for file in files})
    lines = [
        f"{card.name}: {card.what}",
        f"  files          {', '.join(file.name for file in files) or 'none to fetch'}",
        f"  size           {sum(file.size for file in files) / 1e6:.1f} MB",
        f"  from           {', '.join(hosts) or 'nowhere'} ({card.origin})",
        f"  licence        code {card.licence_code}, weights {card.licence_weights}",
        f"  training data  {card.training_data}",
    ]
    return "\n".join(lines)


def is_present(card: ModelCard, folder: Path) -> bool:
    """Whether all files that would be fetched are in ``folder`` already, and intact."""
    return all(weights.is_intact(_final_path(folder, file), file) for file in _fetched(card))


def fetch(
    card: ModelCard,
    folder: Path,
    source: Path | None = None,
    progress: Report | None = None,
    converter: Converter | None = None,
) -> list[Path]:
    """Put the files of a model into a folder, each only if its SHA-256 is right.

    Parameters
    ----------
    folder : Path
        Made with mode 0700 where it does not exist; the files get mode 0600.
    source : Path or None
        A local folder to copy from; None: the addresses on the card.
    progress : callable or None
        Called with the bytes received and the bytes in all, over all files of the card.
    converter : callable or None
        What the model's module offers for a file that is kept in another form; needed only where the card has such a file.

    Returns
    -------
    list of Path
        One for each file of the card that is fetched, not those an installation brings.

    Raises
    ------
    InputError
        If there is nothing to fetch, or ``source`` is no folder or lacks a file.
    WeightsError
        If the network, the disk or the bytes fail; a part that was downloaded stays and is resumed next time,
        unless its bytes are wrong.
    """
    files = _fetched(card)
    if not files:
        raise InputError(f"there is nothing to fetch for model '{card.name}'", "it is part of the installation")
    if source is not None and not source.is_dir():
        raise InputError(f"there is no folder {source}")
    if converter is None and any(file.kept_as for file in files):
        raise ValueError(f"model '{card.name}' has a file to convert, but no converter was given")
    total = sum(file.size for file in files)
    before = 0
    paths = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in files:

            def report(have: int, before: int = before) -> None:
                if progress:
                    progress(before + have, total)

            paths.append(_fetch_file(card, file, folder, source, report, converter))
            before += file.size
            report(0, before)
    except OSError as error:
        raise _disk_error(error, folder, total) from error
    return paths


def _fetched(card: ModelCard) -> list[ModelFile]:
    """The files that are fetched rather than installed."""
    return [file for file in card.files.values() if file.url]


def _final_path(folder: Path, file: ModelFile) -> Path:
    """The path of a file that is fetched and, if need be, converted."""
    return folder / (file.kept_as or file.name)


def _fetch_file(
    card: ModelCard, file: ModelFile, folder: Path, source: Path | None, report: Callable[[int], None], converter: Converter | None
) -> Path:
    """Fetch one file, unless it is present and intact; return its path."""
    path, final = folder / file.name, _final_path(folder, file)
    if weights.is_intact(final, file):
        return final
    part = folder / f"{file.name}.part"
    if source is not None:
        origin = source / file.name
        if not origin.is_file():
            raise InputError(f"{source} does not contain {file.name}")
        if not os.access(origin, os.R_OK):
            raise InputError(f"no permission to read {origin}")
        with origin.open("rb") as incoming, open_part(part, "wb") as outgoing:
            copy(incoming, outgoing, 0, report)
    elif not weights.is_intact(part, file):
        download(file, part, report)
    if not weights.is_intact(part, file):
        size = part.stat().st_size
        part.unlink()
        wrong = f"has {size} bytes, not {file.size}" if size != file.size else "has another SHA-256 than the card names"
        raise WeightsError(f"{file.name} {wrong}; nothing was installed", f"try again, or: facelib models fetch {card.name} --from FOLDER")
    os.replace(part, path)
    if file.kept_as:
        assert converter is not None
        path = conversion.convert(path, file, converter)
    _sync_folder(folder)
    return path


def _sync_folder(folder: Path) -> None:
    """Write the new name to the disk. Some systems cannot sync a folder; then nothing more can be done."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def _disk_error(error: OSError, folder: Path, size: int) -> WeightsError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        free = shutil.disk_usage(folder).free if folder.exists() else 0
        return WeightsError(
            f"the disk of {folder} is full: {size / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free",
            "make room, or set FACELIB_MODELS to a folder elsewhere",
        )
    return WeightsError(f"cannot write to {folder}: {error.strerror or error}", "set FACELIB_MODELS to a folder you may write to")
