"""Face embeddings of labelled photos, kept in one file for the scripts that calibrate and compare.

    python scripts/embed_folder.py FOLDER OUT.npz [--detector mtcnn] [--embedder dlib-resnet]

FOLDER holds folders of photos of one person each, perhaps within folders of families (``F0012/MID1``). The program's own
``facelib index`` runs on it; the largest face of each photo counts. OUT holds ``vectors`` (n, d) and ``labels`` (n), the folder.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from facelib.model_zoo import registry
from facelib.store import observations, photos
from facelib.store.gallery import Gallery


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--embedder", default="dlib-resnet")
    options = parser.parse_args()
    folder = options.folder.absolute()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "gallery.sqlite"
        program = [sys.executable, "-m", "facelib", "--gallery", str(path)]
        for model in (options.detector, options.embedder):
            subprocess.run([*program, "--quiet", "models", "use", model], check=True, stdout=subprocess.DEVNULL)
        if subprocess.run([*program, "index", str(folder)], check=False, env=dict(os.environ)).returncode not in (0, 1):
            raise SystemExit("facelib index failed")
        with Gallery.read(path) as gallery:
            digest = registry.card(options.embedder).digest
            ids, vectors = observations.embeddings(gallery, "face", digest)
            row_of = {int(number): row for row, number in enumerate(ids)}
            rows, labels = [], []
            for photo in photos.photos(gallery):
                seen = [o for o in observations.of_photo(gallery, photo.id) if o.face is not None and o.id in row_of]
                if seen:
                    best = max(seen, key=lambda o: (o.face.box[2] - o.face.box[0]) * (o.face.box[3] - o.face.box[1]) if o.face else 0)
                    rows.append(row_of[best.id])
                    labels.append(Path(photo.path).relative_to(folder).parent.as_posix())
    np.savez(options.out, vectors=vectors[rows], labels=np.array(labels))
    print(f"{len(rows)} faces of {len(set(labels))} people in {options.out}")


if __name__ == "__main__":
    main()
