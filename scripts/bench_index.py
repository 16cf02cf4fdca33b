"""Speed and memory of ``facelib index`` on 12-megapixel photos, compared with a plain pipeline in the same run.

    python scripts/bench_index.py PHOTOS... [--count 48] [--runs 3] [--detector mtcnn] [--embedder dlib-resnet]

The album consists of real photos, upscaled to 12 megapixels (long side 4000 to 4600) and saved as JPEG of quality 90. The plain
pipeline is what most tutorials do: facenet-pytorch's MTCNN at full size with min_face_size 20, then InceptionResnetV1 on one face
at a time (its weights do not matter for time). Both are timed as whole processes, including their start. Memory is the proportional
set size of the process tree, sampled. The last line says how many of the faces that the plain pipeline found above facelib's
minimum size facelib found.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from facelib.geometry import iou
from facelib.thresholds import Thresholds

MEGAPIXELS = 12e6

PLAIN = """
import json, sys, torch
from PIL import Image
from facenet_pytorch import MTCNN, InceptionResnetV1
mtcnn = MTCNN(keep_all=True, min_face_size=20)
net = InceptionResnetV1(pretrained=None, num_classes=2).eval()
for path in sys.argv[1:]:
    picture = Image.open(path).convert("RGB")
    boxes, scores = mtcnn.detect(picture)
    found = [] if boxes is None else [[*map(float, box), float(score)] for box, score in zip(boxes, scores)]
    for face in (mtcnn.extract(picture, boxes, None) if boxes is not None else []):
        with torch.no_grad():
            net(face[None])
    print(json.dumps({"photo": path, "boxes": found}), flush=True)
"""


def make_album(sources: list[Path], folder: Path, count: int) -> list[Path]:
    """Upscale ``count`` photos, spread over the sources, to 12 megapixels."""
    chosen = [sources[i] for i in np.linspace(0, len(sources) - 1, min(count, len(sources))).astype(int)]
    made = []
    for number, source in enumerate(chosen):
        with Image.open(source) as opened:
            picture = opened.convert("RGB")
        factor = (MEGAPIXELS / (picture.width * picture.height)) ** 0.5
        size = (round(picture.width * factor), round(picture.height * factor))
        path = folder / f"{number:04d}.jpg"
        picture.resize(size, Image.Resampling.LANCZOS).save(path, quality=90)
        made.append(path)
    return made


def memory_of_tree(pid: int) -> int:
    """Bytes of the process and its children: proportional set size, so that shared pages count once."""
    total, todo = 0, [pid]
    while todo:
        process = todo.pop()
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += 1024 * int(next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")))
            for task in Path(f"/proc/{process}/task").iterdir():
                todo += map(int, (task / "children").read_text().split())
        except (OSError, StopIteration, ValueError):
            continue
    return total


def run_command(command: list[str], environment: dict[str, str], out: Path) -> tuple[float, int]:
    """Seconds and peak memory in bytes of a process with its children."""
    start, peak = time.monotonic(), 0
    with out.open("w") as stdout, subprocess.Popen(command, stdout=stdout, env=environment) as process:
        while process.poll() is None:
            peak = max(peak, memory_of_tree(process.pid))
            time.sleep(0.1)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command[:4]} ended with exit code {process.returncode}")
    return time.monotonic() - start, peak


def compare_faces(plain: dict[str, list], ours: dict[str, list], min_face: float) -> tuple[int, int]:
    """Faces of the plain pipeline above the minimum size, and how many of them facelib has at IoU 0.4."""
    wanted = found = 0
    for path, boxes in plain.items():
        with Image.open(path) as opened:
            least = min_face * max(opened.size)
        large = [box[:4] for box in boxes if box[3] - box[1] >= least and box[4] >= 0.9]
        wanted += len(large)
        if large and ours.get(path):
            found += int((iou(np.array(large), np.array(ours[path])).max(axis=1) >= 0.4).sum())
    return wanted, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=Path, help="photos, or folders of them, to make the album from")
    parser.add_argument("--count", type=int, default=48, help="photos in the album")
    parser.add_argument("--runs", type=int, default=3, help="runs of facelib; the median is shown")
    parser.add_argument("--plain", type=int, default=12, help="photos the plain pipeline is run on (it is slow)")
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--embedder", default="dlib-resnet")
    options = parser.parse_args()
    sources = sorted(f for p in options.photos for f in ([p] if p.is_file() else p.rglob("*")) if f.suffix.lower() in (".jpg", ".jpeg"))
    program = [sys.executable, "-m", "facelib"]

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "album"
        folder.mkdir()
        album = make_album(sources, folder, options.count)
        out = Path(scratch) / "out.jsonl"
        rates, peaks = [], []
        for run in range(options.runs):
            environment = os.environ | {"FACELIB_GALLERY": f"{scratch}/{run}.sqlite"}
            for model in (options.detector, options.embedder):
                subprocess.run([*program, "--quiet", "models", "use", model], check=True, env=environment, stdout=subprocess.DEVNULL)
            seconds, peak = run_command([*program, "--quiet", "index", str(folder)], environment, out)
            rates.append(len(album) / seconds)
            peaks.append(peak)
        subprocess.run([*program, "export", "json"], check=True, env=environment, stdout=out.open("w"))
        ours = {}
        for line in out.read_text().splitlines():
            photo = json.loads(line)
            ours[photo["photo"]] = [o["face"]["box"] for o in photo["observations"] if o["face"]]

        subset = [str(path) for path in album[:: max(1, len(album) // options.plain)]]
        seconds, plain_peak = run_command([sys.executable, "-c", PLAIN, *subset], dict(os.environ), out)
        plain = {row["photo"]: row["boxes"] for row in map(json.loads, out.read_text().splitlines())}
        wanted, found = compare_faces(plain, ours, Thresholds().min_face)

    rate = statistics.median(rates)
    print(f"album            {len(album)} photos of 12 megapixels, JPEG quality 90; {sum(map(len, ours.values()))} faces")
    print(f"facelib          {rate:.2f} photos/s (runs: {', '.join(f'{r:.2f}' for r in rates)}), peak {max(peaks) / 1e9:.2f} GB")
    print(f"plain pipeline   {len(subset) / seconds:.2f} photos/s on {len(subset)} of them, peak {plain_peak / 1e9:.2f} GB")
    print(f"ratio            {rate * seconds / len(subset):.1f} times as fast")
    print(f"faces            {found} of {wanted} that the plain pipeline found above the minimum size ({found / max(wanted, 1):.1%})")


if __name__ == "__main__":
    main()
