"""How well several embedders recognise people, side by side, and for whom they err more.

    python scripts/evaluate.py [REPORT...] [--embedders NAME...] [--data ../shared/data] [--cache FOLDER] [--json FILE] [--plots FOLDER]
    python scripts/evaluate.py clustering --photos FOLDER

REPORT is one or more of these (all, where none is named):

verification    LFW DevTest pairs, and all pairs of it, of families-dev and of celebrities-dev: accuracy, true accept rates
speed           milliseconds a face on one thread, single and in batches of 32
clustering      B-cubed and pairwise precision and recall by the program's own ``facelib index``, and ``who`` with one photo
                left out; of celebrities-dev, or of FOLDER, which holds one folder a person
identification  open-set identification on people that no threshold was fitted to
fairness        false match rates by race, gender and age of FairFace faces no network was trained on; non-matches by gender
detectors       faces not found, by race, gender and age
judges          true faces doubted, by race, gender and age, and of each set

Faces are found, aligned and embedded as the program does it. --cache keeps what is slow. --json adds the figures to a file
(``models/evaluation.json`` is what the model cards are made from); --plots writes ROC curves and rates by group as PNG.
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from development_sets.labelled_sets import JUDGE
from reports import clustering, fairness, identification, judges, speed, verification
from reports.provenance import provenance
from reports.request import Figures, Request

from facelib.evaluation import plots
from facelib.model_zoo import registry

SHOWN = {
    "verification": verification,
    "speed": speed,
    "clustering": clustering,
    "identification": identification,
    "fairness": fairness,
}
REPORTS = (*SHOWN, "detectors", "judges")


def figures_of(report: str, request: Request, options: argparse.Namespace) -> dict[str, Figures]:
    """The figures of one report, by model, printed too."""
    if report == "detectors":
        found = fairness.misses(request, options.detectors)
        fairness.show_misses(found)
        return found
    if report == "judges":
        found = {JUDGE: judges.run(request, JUDGE)}
        judges.show(found)
        return found
    embedders = options.embedders
    if report == "verification":
        found = {name: verification.run(request, name) for name in embedders}
    elif report == "speed":
        found = speed.run(embedders)
    elif report == "clustering":
        found = {name: clustering.run(request, name, options.photos and options.photos.absolute()) for name in embedders}
    elif report == "identification":
        found = {name: identification.run(request, name) for name in embedders}
    else:
        faces = fairness.Faces(request)
        found = {name: fairness.run(faces, name) for name in embedders}
    SHOWN[report].show(found)
    return found


def store_figures(path: Path, report: str, found: dict[str, Figures], request: Request) -> None:
    """Add figures to a file, with the weights and thresholds they were measured with, and the day."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"schema": 1}
    today = datetime.date.today().isoformat()
    for name, figures in found.items():
        about = {**provenance(report, name, request.detector), "date": today}
        if report not in ("speed", "detectors", "judges"):
            about["detector"] = request.detector
        document.setdefault(report, {})[name] = about | _rounded(figures)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    """Six significant digits, because the others differ between machines."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def draw(report: str, found: dict[str, Figures], folder: Path) -> None:
    if report == "verification":
        curves: dict[str, Callable[[Figures], Figures]] = {
            "LFW DevTest, all pairs": lambda f: f["lfw"]["all"]["curve"],
            "families": lambda f: f["families"]["curve"],
            "celebrities": lambda f: f["celebrities"]["curve"],
        }
        panels = {
            title: {name: (curve_of(f)["far"], curve_of(f)["tar"]) for name, f in found.items()} for title, curve_of in curves.items()
        }
        plots.roc_curves(panels, folder / "roc.png")
    elif report == "fairness":
        for rate in fairness.RATES:
            groups = {
                cut: {name: _intervals(f[f"at {rate:g}"][cut]["rates"]) for name, f in found.items()}
                for cut in ("race", "gender", "age", "race and gender")
            }
            plots.slice_rates(groups, rate, f"false match rate; dashed: over all pairs, {rate:g}", folder / f"false-matches-{rate:g}.png")
    elif report == "detectors":
        groups = {cut: {name: _intervals(f[cut]) for name, f in found.items()} for cut in ("race", "gender", "age")}
        overall = sum(f["overall"]["value"] for f in found.values()) / len(found)
        plots.slice_rates(groups, overall, "part of the faces not found; dashed: mean of all", folder / "detector-misses.png")


def _intervals(rates: Figures) -> dict[str, plots.Interval]:
    return {name: (rate["value"], rate["low"] or 0.0, rate["high"] or rate["value"]) for name, rate in rates.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="*", metavar="REPORT", help=", ".join(REPORTS))
    parser.add_argument("--embedders", nargs="+", default=[registry.DEFAULTS[registry.FACE_EMBEDDER]])
    parser.add_argument("--detector", default=registry.DEFAULTS[registry.FACE_DETECTOR])
    parser.add_argument("--detectors", nargs="+", default=["mtcnn"], help="those asked by the report 'detectors'")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the development sets")
    parser.add_argument("--photos", type=Path, help="for 'clustering': a folder with one folder a person")
    parser.add_argument("--cache", type=Path, help="keep faces found and embeddings here")
    parser.add_argument("--json", type=Path, help="add the figures to this file")
    parser.add_argument("--plots", type=Path, help="write pictures here")
    options = parser.parse_args()
    if unknown := set(options.reports) - set(REPORTS):
        parser.error(f"there is no report {', '.join(sorted(unknown))}; known: {', '.join(REPORTS)}")
    request = Request(options.data, options.cache, options.detector)
    for report in options.reports or REPORTS:
        found = figures_of(report, request, options)
        if options.json:
            store_figures(options.json, report, found, request)
        if options.plots:
            draw(report, found, options.plots)


if __name__ == "__main__":
    main()
