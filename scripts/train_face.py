"""Train facelib-face: unpack the faces, run the teacher on them, train from the last checkpoint on, and write the weights.

    python scripts/train_face.py --data FOLDER --weights FOLDER --work FOLDER [--config configs/train-face.toml] [--out FILE]
                                 [--processes 2] [--start CHECKPOINT]

DATA holds faces-unlabelled.zip, .csv and -teacher.npz; WEIGHTS holds the files of the teacher. Unpacked faces, hints, the
checkpoint, a log of losses and the learning curves are written to WORK, and the weights to FILE (default:
WORK/facelib-face.safetensors). Run it again after an interruption. With --processes, several processes train one network, each
with its own batch and --threads threads. With --start, the run begins with the averaged weights of another run's checkpoint.
"""

from __future__ import annotations

from pathlib import Path

from training_runs.options import add_network_options, training_options


def main() -> None:
    parser = training_options(__doc__)
    add_network_options(parser, "train-face.toml")
    parser.add_argument("--weights", type=Path, required=True, help="folder with the files of the teacher")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--start", type=Path, help="checkpoint of another run to begin with")
    options = parser.parse_args()
    from training_runs import face

    face.run(options)


if __name__ == "__main__":
    main()
