"""The checks of ``facelib doctor`` for the installation and the machine. No package is imported for its version."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from facelib.cli.check import FAIL, OK, WARN, Check
from facelib.errors import ExitCode

VULNERABILITIES = {
    "pillow": ((13, 0), True, "CVE-2026-112403 and CVE-2026-96639"),
    "torch": ((2, 6), False, "CVE-2025-32434"),
    "pillow-heif": ((1, 3), False, "CVE-2026-28231"),
}
"""The version that fixes a known vulnerability, whether that version itself has the fix, and the vulnerability."""

PACKAGES = ("torch", "torchvision", "facenet-pytorch", "face-recognition-models", "numpy", "scikit-learn", "scipy", "pillow", "pillow-heif")
MIN_FREE_MEMORY = 2.5e9
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def machine_checks() -> Iterator[Check]:
    """Python, packages, processor, memory, threads, runtimes and picture formats."""
    yield Check("python", OK, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield from (_package(name) for name in PACKAGES)
    yield _processor()
    yield _memory()
    yield _threads()
    yield _openvino()
    yield from _formats()


def _package(name: str) -> Check:
    try:
        installed = version(name)
    except PackageNotFoundError:
        return Check(name, FAIL, "not installed", f"run: pip install {name}", ExitCode.USAGE)
    if fault := _vulnerability(name, installed):
        return Check(name, WARN, f"{installed} has a known vulnerability: {fault}", f"run: pip install --upgrade {name}")
    return Check(name, OK, installed)


def _vulnerability(name: str, installed: str) -> str | None:
    """The known vulnerability of a version, if it has one."""
    if name not in VULNERABILITIES:
        return None
    least, included, fault = VULNERABILITIES[name]
    numbers = _numbers(installed)
    good = numbers >= least if included else numbers > least
    return None if good else fault


def _numbers(text: str) -> tuple[int, ...]:
    """``2.6.0+cpu`` as ``(2, 6)``; zeros at the end are dropped, so that 2.6 equals 2.6.0."""
    found = re.match(r"\d+(\.\d+)*", text)
    numbers = [int(part) for part in found.group().split(".")] if found else []
    while len(numbers) > 2 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _processor() -> Check:
    cores = available_cores()
    try:
        features = set(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return Check("processor", OK, f"{cores} cores; its features cannot be read here")
    fast = sorted(features & {"avx2", "avx512f", "asimd"})
    if not fast:
        return Check("processor", WARN, f"{cores} cores, without AVX2 or NEON", "it works, but slowly; run it at night")
    return Check("processor", OK, f"{cores} cores, {', '.join(fast)}")


def available_cores() -> int:
    """The number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> Check:
    free = _free_memory()
    if free is None:
        return Check("memory", OK, "cannot be read here")
    text = f"{free / 1e9:.1f} GB free"
    if free < MIN_FREE_MEMORY:
        return Check("memory", WARN, f"{text}; up to {MIN_FREE_MEMORY / 1e9:.1f} GB are needed", "close other programs, or use --workers 1")
    return Check("memory", OK, text)


def _free_memory() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return int(found.group(1)) * 1024 if found else None


def _threads() -> Check:
    given = {name: os.environ[name] for name in THREAD_VARIABLES if name in os.environ}
    cores = available_cores()
    too_many = [name for name, value in given.items() if value.isdigit() and int(value) > cores]
    text = ", ".join(f"{name}={value}" for name, value in given.items()) or "chosen by the libraries"
    if too_many:
        return Check("threads", WARN, f"{text}, but there are {cores} cores", f"unset {' '.join(too_many)}")
    return Check("threads", OK, text)


def _openvino() -> Check:
    try:
        return Check("openvino", OK, version("openvino"))
    except PackageNotFoundError:
        advice = "for the faster and better models, run: pip install 'facelib[openvino]'"
        return Check("openvino", WARN, "not installed; the recommended models need it", advice)


def _formats() -> Iterator[Check]:
    from PIL import features

    yield Check("JPEG, PNG, WebP", OK, "readable")
    yield _format("HEIC", find_spec("pillow_heif") is not None, "run: pip install pillow-heif")
    yield _format("AVIF", bool(features.check("avif")), "run: pip install --upgrade pillow")
    yield _format("RAW", find_spec("rawpy") is not None, "to read camera raw files, run: pip install 'facelib[raw]'")


def _format(name: str, readable: bool, advice: str) -> Check:
    return Check(name, OK, "readable") if readable else Check(name, WARN, "not readable", advice)
