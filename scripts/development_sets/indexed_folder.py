"""A folder of photos, indexed by the program itself into a gallery of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from facelib.store.observations import ObservationRow


def index_folder(folder: Path, gallery: Path, models: Sequence[str]) -> None:
    """Run ``facelib index`` with these models; photos that fail are left out.

    Raises
    ------
    SystemExit
        If the program fails as a whole.
    """
    program = [sys.executable, "-m", "facelib", "--gallery", str(gallery), "--quiet"]
    for model in models:
        subprocess.run([*program, "models", "use", model], check=True, stdout=subprocess.DEVNULL)
    if subprocess.run([*program, "index", str(folder)], check=False).returncode not in (0, 1):
        raise SystemExit("facelib index failed")


def largest_face(rows: Sequence[ObservationRow]) -> ObservationRow | None:
    """The observation with the largest face box of one photo; None without a face."""
    areas = [(row.face.box[2] - row.face.box[0]) * (row.face.box[3] - row.face.box[1]) if row.face else 0.0 for row in rows]
    return rows[areas.index(max(areas))] if any(areas) else None
