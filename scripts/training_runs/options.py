"""The options every training script has."""

from __future__ import annotations

import argparse
from pathlib import Path

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


def training_options(description: str) -> argparse.ArgumentParser:
    """``--data``, ``--work``, ``--out`` and ``--threads``."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the development sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints, logs and everything else the run writes")
    parser.add_argument("--out", type=Path, help="file to write the result to")
    parser.add_argument("--threads", type=int, help="CPU threads (default: those of PyTorch)")
    return parser


def add_network_options(parser: argparse.ArgumentParser, config: str) -> None:
    """Options of the runs that train a whole network: ``--config``, ``--device`` and ``--steps``."""
    parser.add_argument("--config", type=Path, default=CONFIGS / config)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps")
    parser.add_argument("--steps", type=int, help="end the run after this many steps instead of the configuration's")
