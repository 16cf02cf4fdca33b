"""Train facelib-face: unpack the faces, let the teacher look at them, train from the last checkpoint on, write the weights.

    python scripts/train_face.py --data FOLDER --weights FOLDER --work FOLDER [--config configs/train-face.toml] [--out FILE]

DATA holds faces-unlabelled.zip, .csv and -teacher.npz; WEIGHTS the teacher's files; WORK gets unpacked faces, hints, the
checkpoint, a log of losses and the learning curves. Run it again after an interruption.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import torch
from training_bar import follow, options_of

from facelib import model_cards
from facelib.training.augment import Augmentation
from facelib.training.face_task import FaceTask, Weights, read_faces
from facelib.training.faces_dataset import read_table, unpack_faces
from facelib.training.hints import Hint, make_hints
from facelib.training.loop import Schedule, train
from facelib.training.release import release
from facelib.vision.device import choose
from facelib.vision.nets.facelib_face import FacelibFace

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = options_of(__doc__.splitlines()[0], "facelib-face", ROOT / "configs" / "train-face.toml")
    parser.add_argument("--weights", type=Path, required=True, help="folder with the teacher's files")
    options = parser.parse_args()
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)

    table = read_table(options.data / "faces-unlabelled.csv")
    pictures = unpack_faces(options.data / "faces-unlabelled.zip", table.index, options.work / "faces.npy")
    teacher = model_cards.card(config["teacher"]["card"])
    hints = [Hint(*hint) for hint in config["teacher"]["hints"]]
    make_hints(teacher, options.weights / teacher.files[0].name, pictures, hints, options.work)
    embeddings = options.data / "faces-unlabelled-teacher.npz"
    limits = config["least_score"], config["clean_score"]
    faces = read_faces(options.work, embeddings, table.trained, table.score, *limits, [hint.side for hint in hints])

    template = model_cards.scaled(teacher.template or (), 112 / teacher.input_size[0])
    weights, kinds = Weights(**config["weights"]), Augmentation(**config["augmentation"])
    task = FaceTask(faces, template, weights, kinds, config["batch"], config["clean_until"], seed=config["seed"])
    schedule = Schedule(**config["schedule"] | ({"steps": options.steps} if options.steps else {}))
    steps = train(task, schedule, options.work / "face.checkpoint", config["seed"], choose(options.device))
    follow(steps, schedule, options.work)
    net = task.modules["net"]
    assert isinstance(net, FacelibFace)
    print(release(net, options.out or options.work / "facelib-face.safetensors"))


if __name__ == "__main__":
    main()
