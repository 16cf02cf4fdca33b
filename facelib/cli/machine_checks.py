"""What ``facelib doctor`` looks at in the installation and the machine. No package is imported to learn its version."""

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

FAULTS = {
    "pillow": ((13, 0), True, "CVE-2026-112403 and CVE-2026-96639"),
    "torch": ((2, 6), False, "CVE-2025-32434"),
    "pillow-heif": ((1, 3), False, "CVE-2026-28231"),
}
"""Least version without a known fault, whether that version itself is good, and the fault."""

PACKAGES = ("torch", "torchvision", "facenet-pytorch", "face-recognition-models", "numpy", "scikit-learn", "scipy", "pillow", "pillow-heif")
LEAST_MEMORY = 2.5e9
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
    if fault := _fault(name, installed):
        return Check(name, WARN, f"{installed} has a known fault: {fault}", f"run: pip install --upgrade {name}")
    return Check(name, OK, installed)


def _fault(name: str, installed: str) -> str | None:
    """The known fault of a version, if it has one."""
    if name not in FAULTS:
        return None
    least, included, fault = FAULTS[name]
    numbers = _numbers(installed)
    good = numbers >= least if included else numbers > least
    return None if good else fault


def _numbers(text: str) -> tuple[int, ...]:
    """``2.6.0+cpu`` as ``(2, 6)``: without zeros at the end, so that 2.6 and 2.6.0 are the same."""
    found = re.match(r"\d+(\.\d+)*", text)
    numbers = [int(part) for part in found.group().split(".")] if found else []
    while len(numbers) > 2 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _processor() -> Check:
    cores = cores_here()
    try:
        features = set(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return Check("processor", OK, f"{cores} cores; its features cannot be read here")
    fast = sorted(features & {"avx2", "avx512f", "asimd"})
    if not fast:
        return Check("processor", WARN, f"{cores} cores, without AVX2 or NEON", "it works, but slowly; let it run at night")
    return Check("processor", OK, f"{cores} cores, {', '.join(fast)}")


def cores_here() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> Check:
    free = _free_memory()
    if free is None:
        return Check("memory", OK, "cannot be read here")
    text = f"{free / 1e9:.1f} GB free"
    if free < LEAST_MEMORY:
        return Check("memory", WARN, f"{text}; up to {LEAST_MEMORY / 1e9:.1f} GB are used", "close other programs, or use --workers 1")
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
    cores = cores_here()
    too_many = [name for name, value in given.items() if value.isdigit() and int(value) > cores]
    text = ", ".join(f"{name}={value}" for name, value in given.items()) or "as the libraries choose"
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
