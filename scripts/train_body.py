"""Train facelib-body from the last checkpoint on, and write the weights.

    python scripts/train_body.py --data FOLDER --work FOLDER [--config configs/train-body.toml] [--steps 700] [--out FILE]

DATA holds upper-bodies.zip. A picture of the views trained on, the checkpoint, a log of losses and the learning curves are written
to WORK, and the weights to FILE (default: WORK/facelib-body.safetensors). Run it again after an interruption. The weights that
ship were trained in two cycles of the learning rate: with --steps 700, then on from that checkpoint without it.
"""

from __future__ import annotations

from training_runs.options import add_network_options, training_options


def main() -> None:
    parser = training_options(__doc__)
    add_network_options(parser, "train-body.toml")
    options = parser.parse_args()
    from training_runs import body

    body.run(options)


if __name__ == "__main__":
    main()
