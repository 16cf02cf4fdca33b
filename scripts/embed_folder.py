"""Face embeddings of labelled photos, written to one file for the scripts that calibrate and compare.

    python scripts/embed_folder.py FOLDER OUT.npz [--detector mtcnn] [--embedder dlib-resnet]

FOLDER holds one folder of photos a person, in some sets within folders of families (``F0012/MID1``). ``facelib index`` runs on it;
the largest face of each photo counts. OUT holds ``vectors`` of shape (n, d) and ``labels`` of shape (n,), the folders.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from development_sets.indexed_folder import index_folder, largest_face

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
        index_folder(folder, path, [options.detector, options.embedder])
        with Gallery.read(path) as gallery:
            digest = registry.card(options.embedder).digest
            ids, vectors = observations.embeddings(gallery, "face", digest)
            row_of = {int(number): row for row, number in enumerate(ids)}
            rows, labels = [], []
            for photo in photos.photos(gallery):
                best = largest_face([row for row in observations.of_photo(gallery, photo.id) if row.id in row_of])
                if best is not None:
                    rows.append(row_of[best.id])
                    labels.append(Path(photo.path).relative_to(folder).parent.as_posix())
    np.savez(options.out, vectors=vectors[rows], labels=np.array(labels))
    print(f"{len(rows)} faces of {len(set(labels))} people in {options.out}")


if __name__ == "__main__":
    main()
