"""How well people are told apart on photos whose people are known: clusters, and ``who`` with one photo left out.

    python scripts/evaluate.py FOLDER [--detector mtcnn] [--embedder dlib-resnet] [--body-detector ...] [--gallery FILE]

FOLDER holds one folder a person with photos of that person; only the largest face of each photo counts. The program's
own ``facelib index`` runs on it, start to end; then

* clusters are compared with the truth by B-cubed and pairwise precision, recall and F;
* for each photo in turn the library is clustered without it, every cluster that ``facelib people`` would list gets the
  name of most of its faces, as a user would give it, and the photo's face is asked for: right, wrong, or unknown.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from facelib.evaluation.groups import b_cubed, pairwise
from facelib.identity import composition, grouping, selection
from facelib.identity.assignment import CERTAIN, LIKELY, UNKNOWN, assign
from facelib.identity.observations import Observations
from facelib.settings import Settings
from facelib.stages.rows import arrays
from facelib.stages.setup import Setup
from facelib.store import observations, photos
from facelib.store.gallery import Gallery
from facelib.store.table import table
from facelib.thresholds import Thresholds


def index(folder: Path, path: Path, models: list[str]) -> None:
    """Run the program itself."""
    program = [sys.executable, "-m", "facelib", "--gallery", str(path)]
    for model in models:
        subprocess.run([*program, "--quiet", "models", "use", model], check=True, stdout=subprocess.DEVNULL)
    if subprocess.run([*program, "index", str(folder)], check=False, env=dict(os.environ)).returncode not in (0, 1):
        raise SystemExit("facelib index failed")


def largest_faces(gallery: Gallery, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Observation ids of the largest face of each photo, and the person its folder names."""
    ids, names = [], []
    for photo in photos.photos(gallery):
        rows = [row for row in observations.of_photo(gallery, photo.id) if row.face is not None]
        if rows:
            best = max(rows, key=lambda row: (row.face.box[2] - row.face.box[0]) * (row.face.box[3] - row.face.box[1]) if row.face else 0)
            ids.append(best.id)
            names.append(Path(photo.path).relative_to(folder).parts[0])
    return np.array(ids), np.unique(names, return_inverse=True)[1]


def subset(rows: Observations, keep: np.ndarray) -> Observations:
    """Some rows, as a library of their own in which nothing was said."""
    none = np.full(int(keep.sum()), -1)
    return Observations(rows.faces[keep], rows.bodies[keep], rows.photo[keep], rows.moment[keep], rows.reliability[keep], none, none)


def ask(rows: Observations, seconds: np.ndarray, truth: np.ndarray, out: int, thresholds: Thresholds) -> tuple[int, bool]:
    """Leave the photo of row ``out`` out, cluster and name the rest, then ask for it: standing, and whether it is right."""
    keep = rows.photo != rows.photo[out]
    library, names = subset(rows, keep), truth[keep]
    found = grouping.cluster(library, thresholds).clusters
    m = int(found.max(initial=-1)) + 1
    listed = selection.people(library.faces, found, library.reliability, np.full(m, -1), thresholds)
    person = np.full(m, -1)
    for number in np.flatnonzero(listed):
        members = names[(found == number) & (names >= 0)]
        if len(members):
            person[number] = np.bincount(members).argmax()
    atoms = composition.compose(library.faces, found, library.reliability, seconds[keep], person, thresholds)
    answer = assign(rows.faces[out : out + 1], library.faces[atoms], found[atoms], person, thresholds)
    # Another nameless face is no name: it counts as unknown.
    standing = int(answer.standing[0]) if answer.person[0] >= 0 else UNKNOWN
    return standing, bool(answer.person[0] == truth[out])


def report(path: Path, folder: Path) -> None:
    with Gallery.read(path) as gallery:
        models = gallery.models()
        thresholds, _ = Settings().thresholds(models)
        every = table(gallery)
        rows = arrays(gallery, Setup(models, thresholds), every)
        ids, people = largest_faces(gallery, folder)
    truth = np.full(len(every), -1)
    place = np.searchsorted(every.id, ids)
    truth[place] = people
    # A face that no cluster holds is a cluster of its own.
    found = np.where(every.cluster[place] >= 0, every.cluster[place], -1 - np.arange(len(place)))
    print(f"models           {', '.join(models.values())}")
    print(f"faces            {len(place)} of {len(np.unique(people))} people, one a photo; {len(every)} observations in all")
    for title, measure in (("B-cubed", b_cubed), ("pairwise", pairwise)):
        score = measure(found, people)
        print(f"{title:<16} precision {score.precision:.4f}  recall {score.recall:.4f}  F {score.f:.4f}")
    answers = [ask(rows, every.seconds, truth, int(row), thresholds) for row in place]
    standing = np.array([s for s, _ in answers])
    right = np.array([r for _, r in answers])
    told = standing > UNKNOWN
    print(f"who, one out     right {np.mean(told & right):.1%}  of them certain {np.mean((standing == CERTAIN) & right):.1%}")
    wrong = {word: int(((standing == level) & ~right).sum()) for word, level in (("certain", CERTAIN), ("likely", LIKELY))}
    print(f"                 wrong and certain {wrong['certain']}, wrong and likely {wrong['likely']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--embedder", default="dlib-resnet")
    parser.add_argument("--gallery", type=Path, help="keep the gallery here; one that is there is brought up to date")
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    with tempfile.TemporaryDirectory() as scratch:
        path = arguments.gallery or Path(scratch) / "gallery.sqlite"
        index(folder, path, [arguments.detector, arguments.embedder])
        report(path, folder)


if __name__ == "__main__":
    main()
