"""How much each loss helps: facelib-face trained on with distillation only, with the contrastive loss, and with margin-mining softmax.

    python scripts/ablate_face.py --data FOLDER --work FOLDER [--cache FOLDER] [--steps 250] [--out FILE.json]

WORK is the folder of scripts/train_face.py. Every variant starts with the averaged weights of WORK/face.checkpoint and trains for
the same number of steps, with the same faces in the same order. Half of the people of families-dev (whole families) and of LFW
DevTest, drawn by seed 0, are used as named people; the other half and all of celebrities-dev are only used for evaluation. Printed
are true accept rates over all pairs where 1 of 1,000 pairs of two people is accepted. These sets are for research: the weights
trained here are not stored.
"""

from __future__ import annotations

from pathlib import Path

from training_runs.options import training_options


def main() -> None:
    parser = training_options(__doc__)
    parser.add_argument("--cache", type=Path, help="store detected faces here")
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--rate", type=float, default=3e-4, help="highest learning rate")
    options = parser.parse_args()
    from training_runs import ablation

    ablation.run(options)


if __name__ == "__main__":
    main()
