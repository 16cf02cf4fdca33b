"""Write configs/default.toml from the thresholds' own definitions, so that its text can never differ from the program.

    python scripts/write_configs.py
"""

from __future__ import annotations

import argparse
from pathlib import Path

from facelib import thresholds
from facelib.thresholds import FIELDS, FOLLOWS

TARGET = Path(__file__).resolve().parents[1] / "configs" / "default.toml"

HEAD = """\
# The configuration of facelib, with every key at its default. Written by scripts/write_configs.py.
#
# Copy the lines you want to change, without the '#', into ~/.config/facelib/config.toml, or name a file with
# --config. An unknown key, a wrong type or a value outside its range is an error that names file and line.

[index]
# Patterns of files and folders to leave out, beside those of --exclude. List of strings.
# exclude = []

# Processes that look at photos. Whole number; left out: one a core, 8 at most.
# workers = 2

# A photo that takes longer than this is noted as failed. Seconds.
# photo_timeout = 120.0

# Where the networks run: "auto", "cpu", "cuda", "cuda:1" or "mps".
# device = "auto"

# What joins faces into people: "average", with distances calibrated for the model, or "hdbscan".
# clusterer = "average"

[thresholds]
# A value here wins over the value of the model's card: distances of another model mean something else, so look at
# 'facelib status', which shows the values in force and where each comes from, before you change one.
# Changing one makes the next 'facelib index' redo the stages that read it. Names people gave are always kept.
"""


def text() -> str:
    """The whole file."""
    return HEAD + "".join(f"\n{_entry(name)}" for name in FIELDS)


def _entry(name: str) -> str:
    limits = thresholds.range_of(name)
    left_out = f"; left out: {FOLLOWS[name]}" if name in FOLLOWS else ""
    meaning = f"{limits.meaning[0].upper()}{limits.meaning[1:]}. {limits.unit}, {limits}{left_out}"
    return f"# {meaning}\n# {name} = {thresholds.default_of(name)!r}\n"


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    TARGET.write_text(text(), encoding="utf-8")
