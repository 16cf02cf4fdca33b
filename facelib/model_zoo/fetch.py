"""Bring weights here, after the user has read what they are.

A download goes to ``NAME.part`` beside its place, resumes there after an interruption, and takes its name only when
size and SHA-256 are those of the card.
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


def is_there(card: ModelCard, folder: Path) -> bool:
    """Whether all that would be fetched lies in ``folder`` already, and is right."""
    return all(weights.is_right(_kept(folder, file), file) for file in _fetched(card))


def fetch(
    card: ModelCard,
    folder: Path,
    source: Path | None = None,
    progress: Report | None = None,
    converter: Converter | None = None,
) -> list[Path]:
    """Put the files of a model into a folder, each only if its bytes are right.

    Parameters
    ----------
    folder : Path
        Made with mode 0700 where it does not exist; the files get mode 0600.
    source : Path or None
        A local folder to copy from; None: the addresses on the card.
    progress : callable or None
        Called with the bytes that are there and the bytes in all, over all files of the card.
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
    placed = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in files:

            def report(have: int, before: int = before) -> None:
                if progress:
                    progress(before + have, total)

            placed.append(_place(card, file, folder, source, report, converter))
            before += file.size
            report(0, before)
    except OSError as error:
        raise _disk_error(error, folder, total) from error
    return placed


def _fetched(card: ModelCard) -> list[ModelFile]:
    """The files that are fetched rather than installed."""
    return [file for file in card.files.values() if file.url]


def _kept(folder: Path, file: ModelFile) -> Path:
    """Where a file ends up."""
    return folder / (file.kept_as or file.name)


def _place(
    card: ModelCard, file: ModelFile, folder: Path, source: Path | None, report: Callable[[int], None], converter: Converter | None
) -> Path:
    """Bring one file, unless it is there and right; return where it lies."""
    path, kept = folder / file.name, _kept(folder, file)
    if weights.is_right(kept, file):
        return kept
    part = folder / f"{file.name}.part"
    if source is not None:
        origin = source / file.name
        if not origin.is_file():
            raise InputError(f"{source} holds no {file.name}")
        if not os.access(origin, os.R_OK):
            raise InputError(f"{origin} may not be read")
        with origin.open("rb") as incoming, open_part(part, "wb") as outgoing:
            copy(incoming, outgoing, 0, report)
    elif not weights.is_right(part, file):
        download(file, part, report)
    if not weights.is_right(part, file):
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
    """Make the new name last; where a system cannot sync a folder, the rename is as safe as it can be."""
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
