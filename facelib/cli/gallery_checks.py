"""The checks of ``facelib doctor`` for the configuration, the gallery and its models. They change nothing."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from facelib.cli.check import FAIL, OK, WARN, Check, failed
from facelib.cli.context import Context
from facelib.cli.models_in_use import models_in_use
from facelib.errors import ExitCode, FacelibError
from facelib.model_zoo import registry

MIN_FREE_BYTES, LOW_FREE_BYTES = 100e6, 1e9


def gallery_checks(context: Context) -> Iterator[Check]:
    """Configuration, disk space, gallery, its permissions and writer, models in use."""
    yield _configuration(context)
    path = context.gallery
    yield _disk_space(path)
    used: Mapping[str, str] = registry.DEFAULTS
    try:
        used = models_in_use(path)
        yield Check("gallery", OK, str(path) if path.exists() else f"none yet at {path}; 'facelib index FOLDER' creates it")
    except FacelibError as error:
        yield failed("gallery", error)
    if path.is_file():
        yield _permissions(path)
        yield _writer(path)
        yield from _contents(path)
    yield from (_model(task, name) for task, name in used.items())


def _configuration(context: Context) -> Check:
    try:
        source = context.settings.source
    except FacelibError as error:
        return failed("configuration", error)
    return Check("configuration", OK, str(source) if source else "no file; every value is the default")


def _disk_space(path: Path) -> Check:
    folder = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB free at {folder}"
    if free < MIN_FREE_BYTES:
        return Check("disk", FAIL, text, "free some space, or choose another disk with --gallery", ExitCode.GALLERY)
    if free < LOW_FREE_BYTES:
        return Check("disk", WARN, text, "a large library needs about 1 GB; free some space")
    return Check("disk", OK, text)


def _contents(path: Path) -> Iterator[Check]:
    """What the checks of the store find."""
    from facelib.store import integrity
    from facelib.store.gallery import Gallery

    try:
        with Gallery.read(path) as gallery:
            problems = [problem for problem in integrity.check(gallery, quick=True) if problem.subject != "permissions"]
    except FacelibError:
        return  # already reported when the gallery was opened for its models
    states = {integrity.ERROR: FAIL, integrity.WARNING: WARN, integrity.NOTE: OK}
    for problem in problems:
        code = ExitCode.GALLERY if problem.level == integrity.ERROR else ExitCode.DONE
        yield Check(problem.subject, states[problem.level], problem.detail, problem.advice, code)
    if not any(problem.level == integrity.ERROR for problem in problems):
        yield Check("contents", OK, "the gallery is not damaged")


def _permissions(path: Path) -> Check:
    """Names and faces are private: only the owner may read the file."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Check("permissions", WARN, f"other users can open the gallery (mode {mode:04o})", f"run: chmod 600 '{path}'")
    if not os.access(path, os.W_OK):
        return Check("permissions", WARN, "the gallery can be read, but not written", f"run: chmod 600 '{path}'")
    return Check("permissions", OK, f"only its owner can open the gallery (mode {mode:04o})")


def _writer(path: Path) -> Check:
    """The process that holds the writer lock. The lock is only tested; the file of a process that died does not count."""
    try:
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return Check("writer", OK, "no process is writing")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return Check("writer", OK, "no process is writing")
    except OSError:
        holder = _holder(os.pread(descriptor, 4096, 0))
        return Check("writer", WARN, f"{holder} is writing; reading works meanwhile", "wait until it is done")
    finally:
        os.close(descriptor)


def _holder(content: bytes) -> str:
    try:
        holder = json.loads(content)
        return f"{holder['holder']} (process {holder['pid']} on {holder['host']}, since {holder['since']})"
    except (ValueError, KeyError, TypeError):
        return "another process"


def _model(task: str, name: str) -> Check:
    from facelib.model_zoo import weights

    try:
        weights.verify(registry.card(name))
    except FacelibError as error:
        return failed(task, error)
    return Check(task, OK, f"{name}: ready")
