"""Train the two branches of facelib-face on the features of the trained network, calibrate them, and write all as one file.

    python scripts/train_reliability.py --data FOLDER --work FOLDER [--out FILE]

WORK is the folder of scripts/train_face.py; the averaged weights of its checkpoint are used, even if that run has not finished.
The branches are trained with faces of faces-unlabelled and garments of upper-bodies, and evaluated with those held out (index or
position ending in 7). Printed are the area under the ROC curve and the share of the negatives that is rejected at the cost of 1 %
of the true faces; WORK/reliability.png shows how well the trust in a vector is calibrated. Presence, which is used with every
embedder, is shifted so that 0.5 costs 1 in 100 of the held-out faces as poor photos show them. FILE is by default
WORK/facelib-face.safetensors.
"""

from __future__ import annotations

from training_runs.options import training_options


def main() -> None:
    parser = training_options(__doc__)
    parser.add_argument("--faces", type=int, default=16000, help="number of faces to train with")
    options = parser.parse_args()
    from training_runs import reliability

    reliability.run(options)


if __name__ == "__main__":
    main()
