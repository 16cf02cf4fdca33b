"""Write the model cards, models/README.md, and the table of embedders in README.md, from the cards and their measured figures.

    python scripts/write_cards.py

The figures are those of models/evaluation.json, which ``scripts/evaluate.py --json`` writes; those of other weights than the
card names are left out, and said to be missing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from facelib.model_zoo import calibration, registry
from facelib.model_zoo.registry import FACE_DETECTOR, FACE_EMBEDDER, ModelCard
from facelib.model_zoo.runtimes import RUNTIMES
from facelib.thresholds import range_of

ROOT = Path(__file__).resolve().parents[1]
MODELS, README, FIGURES = ROOT / "models" / "README.md", ROOT / "README.md", ROOT / "models" / "evaluation.json"
BEGIN, END = "<!-- embedders: written by scripts/write_cards.py -->\n", "<!-- end of embedders -->\n"
Figures = Mapping[str, Any]

HEAD = """\
# Model cards

Written by `scripts/write_cards.py` from the cards and the calibrated values in `facelib/model_zoo/cards` and the
figures in `models/evaluation.json`. `facelib models list` shows what is installed and in use.

All figures are of the program's own detector, alignment and embeddings, by `scripts/evaluate.py`, on development sets that no
network of this project was trained on. Published nets may have been trained on people of these sets: their figures lean to
the good side. The thresholds were set on the same sets (`scripts/calibrate.py`).
"""

BUNDLED = """\
## Bundled files

What the program carries itself lies in this folder and is installed with it, as `facelib/models`. All other weights come with
ordinary Python packages or are fetched when you ask for them, by `facelib models fetch NAME`.

| file | bytes | of model | SHA-256 |
|---|---|---|---|
"""

FAIRNESS = """\
## For whom a model errs more

Two people are taken for one more often in some groups than in others. Measured on the faces of FairFace that no network of
this project was trained on: the part of the pairs *within* a group that lie below one threshold for all, in 1,000 pairs, with
95 % intervals by bootstrap over faces. The threshold is where 1 in 1,000 of all pairs of all faces is nearer, so the rates
within a group are mostly higher than 1. FairFace's words for the groups are used; they were given by annotators.

{notes}
"""

UNKNOWN_WEAKNESS = {
    "facenet-vggface2": "Not measured, for its weights are not among those at hand here; its thresholds are not calibrated.",
    "facelib-body": "People in uniforms, teams and school classes look alike, and so do two people in plain black or white. It learned"
    " from few people, all of one set. It says nothing about who somebody is, and is only ever used inside a moment.",
    "colour-texture": "People in uniforms, teams and school classes look alike. It says nothing about who somebody is, and is only"
    " ever used inside a moment.",
    "body-reid-0286": "As every embedder of clothes: uniforms look alike; it is only ever used inside a moment.",
    "detector-view": "Trusts what a detector takes for a face if it is sharp and upright: cats, wheels and house numbers among them.",
    "face-geometry": "Sees nobody without a face, and guesses where the clothes are.",
    "yolox-nano": "Small and half hidden people are missed. Not measured by groups of people.",
}


def text(figures: Figures) -> str:
    """The whole of models/README.md."""
    embedders = [card for card in registry.CARDS.values() if card.task == FACE_EMBEDDER]
    parts = [HEAD, "## Face embedders side by side\n", comparison(embedders, figures), fairness(embedders, figures), detectors(figures)]
    parts += [one(card, figures) for card in registry.CARDS.values()]
    return "\n".join([*parts, BUNDLED + bundled()])


def of(report: str, card: ModelCard, figures: Figures) -> Figures | None:
    """The figures of a report for exactly these weights, or None."""
    found = figures.get(report, {}).get(card.name)
    return found if found and found["digest"] == card.digest else None


def comparison(cards: Iterable[ModelCard], figures: Figures) -> str:
    """A column for each measured embedder."""
    measured = [card for card in cards if of("verification", card, figures)]
    rows = [
        ("LFW DevTest, 1,000 pairs: accuracy", "verification/lfw/accuracy", "{:.3f}"),
        ("LFW DevTest, all pairs: true accepts at a false accept rate of 1e-3", "verification/lfw/all/tar at 0.001", "{:.3f}"),
        ("the same at 1e-4", "verification/lfw/all/tar at 0.0001", "{:.3f}"),
        ("families: true accepts at 1e-3", "verification/families/tar at 0.001", "{:.3f}"),
        ("families: kin accepted at that threshold", "verification/families/kin/accepted at 0.001", "{:.3f}"),
        ("celebrities: true accepts at 1e-3", "verification/celebrities/tar at 0.001", "{:.3f}"),
        ("celebrities, clusters: B-cubed precision", "clustering/b-cubed/precision", "{:.3f}"),
        ("celebrities, clusters: B-cubed recall", "clustering/b-cubed/recall", "{:.3f}"),
        ("celebrities, one photo left out: named rightly", "clustering/who/right", "{:.3f}"),
        ("the same: named wrongly, certain", "clustering/who/wrong and certain", "{}"),
        ("the same: named wrongly, likely", "clustering/who/wrong and likely", "{}"),
        ("open set: known named at 1 in 100 strangers named, celebrities", "identification/celebrities-dev/strangers/0.01", "{:.3f}"),
        ("the same, LFW DevTest", "identification/lfw-devtest/strangers/0.01", "{:.3f}"),
        ("the same, families", "identification/families-dev/strangers/0.01", "{:.3f}"),
        ("families, 1 in 100 siblings named", "identification/families-dev/siblings/0.01", "{:.3f}"),
        ("widest ratio of false matches between races, at 1e-3", "fairness/at 0.001/race/widest ratio/value", "{:.1f}"),
        ("passes through the network a face (two: its mirror image too)", "speed/passes", "{}"),
        ("milliseconds of CPU time a face on one thread, single", "speed/face/cpu 1", "{:.1f}"),
        ("milliseconds a face, in batches of 32", "speed/face/cpu 32", "{:.1f}"),
    ]
    lines = [_row(["", *(f"`{card.name}`" for card in measured)]), "|---|" + "---|" * len(measured)]
    for title, path, form in rows:
        report, *keys = path.split("/")
        lines.append(_row([title, *(_number(of(report, card, figures), keys, form) for card in measured)]))
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(found: Figures | None, keys: list[str], form: str) -> str:
    for key in keys:
        found = found.get(key) if found else None
    return "" if found is None else form.format(found)


def fairness(cards: Iterable[ModelCard], figures: Figures) -> str:
    """A table of false match rates by group, a column for each measured embedder."""
    measured = [(card, found) for card in cards if (found := of("fairness", card, figures))]
    if not measured:
        return ""
    first = measured[0][1]
    dropped = ", ".join(f"{count} ({why})" for why, count in first["dropped"].items())
    notes = f"{first['faces']:,} faces, {first['pairs']:,} pairs. Left out: {dropped}.\nFairFace names no people, and some are there"
    notes += " several times,\nwhich here two reference models must agree on. The centre that is taken away from dlib's vectors is a mean"
    notes += " over\n3,220 faces of FairFace, some of these among them."
    lines = [_row(["group", "faces", *(f"`{card.name}`" for card, _ in measured)]), "|---|---|" + "---|" * len(measured)]
    for cut in ("race", "gender", "age", "race and gender"):
        for name, rate in first["at 0.001"][cut]["rates"].items():
            rates = [_rate(found["at 0.001"][cut]["rates"].get(name)) for _, found in measured]
            lines.append(_row([f"{cut}: {name.replace('_', ' ')}", str(rate["units"]), *rates]))
        lines.append(_row([f"**widest ratio by {cut}**", "", *(_ratio(found["at 0.001"][cut]["widest ratio"]) for _, found in measured)]))
    return FAIRNESS.format(notes=notes) + "\n" + "\n".join(lines) + "\n\n" + non_matches(measured)


def _rate(rate: Figures | None) -> str:
    if not rate:
        return ""
    if rate["high"] is None:
        return f"none of {rate['trials']:,}"
    return f"{1000 * rate['value']:.2f} ({1000 * rate['low']:.2f} to {1000 * rate['high']:.2f})"


def _ratio(ratio: Figures) -> str:
    if ratio["value"] is None:
        return f"{ratio['highest']}; none in {ratio['lowest']}".replace("_", " ")
    span = f" ({ratio['low']:.1f} to {ratio['high']:.1f})" if ratio["low"] is not None and ratio["high"] is not None else ""
    return f"**{ratio['value']:.1f}**{span}: {ratio['highest']} to {ratio['lowest']}".replace("_", " ")


def non_matches(measured: list[tuple[ModelCard, Figures]]) -> str:
    """One person taken for two, by gender."""
    probe = measured[0][1]["non-matches"]["probe"]
    lines = [
        "One person taken for two: LFW DevTest, pairs of photos of one person that lie above the distance at which 1 in 1,000 pairs of",
        "strangers of that set is nearer, in 1,000 pairs. LFW states no gender; it is told by a linear probe fitted on FairFace's adults",
        f"(right for {probe['right on FairFace where sure']:.1%} of those it is sure of), for {probe['of them told']} of"
        f" {probe['people with pairs']} people, so these rows are a hint and no more.",
        "",
        _row(["gender, by the probe", "people", *(f"`{card.name}`" for card, _ in measured)]),
        "|---|---|" + "---|" * len(measured),
    ]
    for name, rate in measured[0][1]["non-matches"]["rates"].items():
        lines.append(_row([name, str(rate["units"]), *(_rate(found["non-matches"]["rates"].get(name)) for _, found in measured)]))
    return "\n".join(lines) + "\n"


def detectors(figures: Figures) -> str:
    """Faces not found, by group."""
    cards = [card for card in registry.CARDS.values() if card.task == FACE_DETECTOR]
    measured = [(card, found) for card in cards if (found := of("detectors", card, figures))]
    if not measured:
        return ""
    lines = [
        "## Faces not found, by group\n",
        "FairFace's faces are aligned and cut close; each was set into a canvas, its edge repeated and blurred, and the detector asked as",
        "the program asks it. All had been found by another detector before, so these rates are lower than in the wild; what counts is",
        "the difference between groups. In 1,000 faces, with 95 % intervals.\n",
        _row(["group", "faces", *(f"`{card.name}`" for card, _ in measured)]),
        "|---|---|" + "---|" * len(measured),
    ]
    for cut in ("race", "gender", "age"):
        for name, rate in measured[0][1][cut].items():
            rates = [_rate(found[cut].get(name)) for _, found in measured]
            lines.append(_row([f"{cut}: {name.replace('_', ' ')}", str(rate["units"]), *rates]))
    return "\n".join(lines) + "\n"


def one(card: ModelCard, figures: Figures) -> str:
    """The card of one model."""
    lines = [f"## `{card.name}`\n", f"{card.what[0].upper()}{card.what[1:]}.\n", "| | |", "|---|---|"]
    lines += [_row(fact) for fact in facts(card)]
    if card.files:
        lines += ["", "| file | bytes | SHA-256 |", "|---|---|---|"]
        lines += [_row([f"`{file.name}`", f"{file.size:,}", f"`{file.sha256}`"]) for file in card.files.values()]
    lines += ["", *thresholds(card), *weak(card, figures)]
    return "\n".join(lines) + "\n"


def facts(card: ModelCard) -> list[tuple[str, str]]:
    width, height = card.input_size
    default = ", the default" if registry.DEFAULTS.get(card.task) == card.name else ""
    found = [
        ("task", card.task + default),
        ("runs on", RUNTIMES[card.runtime].title),
        ("comes", _comes(card)),
        ("origin", card.origin),
        ("licence of the code", card.licence_code),
        ("licence of the weights", card.licence_weights),
        ("training data", card.training_data),
    ]
    if width:
        found.append(("input", f"{width} x {height} pixels, {card.colour}" + (", aligned by five landmarks" if card.template else "")))
    if card.dimension:
        found.append(("gives", f"{card.dimension} numbers, a vector of unit length"))
    return found


def _comes(card: ModelCard) -> str:
    if card.fetched:
        return f"`facelib models fetch {card.name}`"
    if card.packages:
        return f"with the package {', '.join(card.packages)}"
    return "with this program"


def thresholds(card: ModelCard) -> list[str]:
    """The calibrated values, part by part."""
    lines: list[str] = []
    for part in calibration.parts(card.name):
        lines += [f"Calibrated, {part}:\n", "| threshold | value | meaning |", "|---|---|---|"]
        for name, value in part.thresholds.items():
            meaning = f"{range_of(name).meaning} ({range_of(name).unit})"
            lines.append(_row([f"`{name}`", f"{value:g}", meaning.replace("|", "\\|")]))
        for rate, distance in part.far_distances.items():
            lines.append(_row([f"`far={rate:g}`", f"{distance:g}", f"1 in {1 / rate:,.0f} pairs of strangers is nearer (cosine distance)"]))
        lines.append("")
    return lines


def weak(card: ModelCard, figures: Figures) -> list[str]:
    """What is weak, and for whom."""
    found, pairs = of("fairness", card, figures), of("verification", card, figures)
    told = [UNKNOWN_WEAKNESS[card.name]] if card.name in UNKNOWN_WEAKNESS else []
    if found:
        told += [_weak_groups(found, cut, word) for cut, word in (("race", "faces of one group"), ("age", "ages"))]
        low, high = (found["at 0.001"]["gender"]["widest ratio"][end] for end in ("lowest", "highest"))
        ratio = found["at 0.001"]["gender"]["widest ratio"]["value"]
        told.append(f"Two faces labelled {high} are taken for one {ratio:.1f} times as often as two labelled {low}.")
    if pairs:
        kin = pairs["families"]["kin"]["accepted at 0.001"] / 1e-3
        told.append(
            f"Kin are alike: at the distance below which 1 in 1,000 pairs of people of `families-dev` lies, two of one family are taken for"
            f" one {kin:.0f} times as often as all pairs; and only {pairs['families']['tar at 0.001']:.0%} of the pairs of one person,"
            " many of them small, old or of children, are accepted there."
        )
    misses = of("detectors", card, figures)
    if misses:
        worst = max(misses["race"], key=lambda name: misses["race"][name]["value"])
        oldest = max(misses["age"], key=lambda name: misses["age"][name]["value"])
        told.append(
            f"Most faces are missed of {worst.replace('_', ' ')} people ({_rate(misses['race'][worst])} in 1,000) and of the age {oldest}"
            f" ({_rate(misses['age'][oldest])})."
        )
    doubts = of("judges", card, figures)
    if doubts:
        told.append(_doubted(doubts))
    if not told:
        told = ["Not measured."]
    return ["**Weak for.** " + " ".join(told)]


def _weak_groups(found: Figures, cut: str, word: str) -> str:
    rates = found["at 0.001"][cut]["rates"]
    overall = found["at 0.001"]["overall"]["value"]
    worse = sorted((name for name in rates if rates[name]["low"] > 2 * overall), key=lambda name: -rates[name]["value"])
    told = ", ".join(f"{name.replace('_', ' ')} ({rates[name]['value'] / overall:.0f} times)" for name in worse)
    return f"False matches among {word}, against pairs of all people: {told or 'none surely more than twice as many'}."


def _doubted(found: Figures) -> str:
    """True faces a judge is wrong about."""
    sets = ", ".join(f"{share:.1%} of {name}" for name, share in found["sets"].items())
    told = f"Doubts some true faces, which then start no cluster: {found['overall']['value']:.1%} of held-out FairFace, {sets}"
    for cut in ("race", "age"):
        worst = max(found[cut], key=lambda name: found[cut][name]["value"])
        told += f"; by {cut} most of {worst.replace('_', ' ')} ({_rate(found[cut][worst])} in 1,000)"
    return f"{told}. Drawn faces, dolls and animals may pass: it was trained against garments and parts of faces only."


def bundled() -> str:
    every = registry.CARDS.values()
    files = {file: [card.name for card in every if file in card.files.values()] for card in every for file in card.files.values()}
    named = [(file, ", ".join(f"`{name}`" for name in names)) for file, names in files.items() if file.bundled]
    lines = [_row([f"`{file.name}`", f"{file.size:,}", names, f"`{file.sha256}`"]) for file, names in named]
    lines.append(_row([f"`{FIGURES.name}`", "", "the figures above", ""]))
    note = (
        "`dlib-resnet-centre.safetensors` is the part of the mean face that is taken away from dlib's vectors, made by"
        " `scripts/make_dlib_centre.py` from FairFace faces (CC BY 4.0). `face-reid-0095-centres.safetensors` and"
        " `facelib-face-centres.safetensors` hold means of faces that are alike, `facelib-ensemble.safetensors` the axes that are kept of"
        " two networks' vectors, made by `scripts/make_centres.py` from faces of FairFace and All-Age-Faces; no face can be told from"
        " them. The files are Apache-2.0, as this program."
    )
    return "\n".join([*lines, "", note]) + "\n"


def renewed(readme: str, figures: Figures) -> str:
    """README.md with the table of embedders between its marks replaced."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin and end, "README.md has lost the marks of its table of embedders"
    return f"{before}{begin}\n{short([card for card in registry.CARDS.values() if card.task == FACE_EMBEDDER], figures)}\n{end}{after}"


def short(cards: Iterable[ModelCard], figures: Figures) -> str:
    """A row for each measured embedder."""
    columns = [
        ("verification/lfw/accuracy", "{:.3f}"),
        ("verification/lfw/all/tar at 0.001", "{:.3f}"),
        ("verification/families/tar at 0.001", "{:.3f}"),
        ("clustering/b-cubed/precision", "{:.3f}"),
        ("clustering/b-cubed/recall", "{:.3f}"),
        ("clustering/who/right", "{:.3f}"),
        ("fairness/at 0.001/race/widest ratio/value", "{:.1f}"),
        ("speed/face/cpu 32", "{:.1f}"),
    ]
    heads = ["LFW accuracy", "TAR", "families: TAR", "celebrities: B-cubed precision", "recall", "named rightly", "race ratio", "ms a face"]
    lines = [_row(["embedder", *heads]), "|---|" + "---|" * len(columns)]
    for card in cards:
        if of("verification", card, figures):
            cells = [_number(of(path.split("/")[0], card, figures), path.split("/")[1:], form) for path, form in columns]
            lines.append(_row([f"[{card.name}](models/README.md#{card.name})", *cells]))
    return "\n".join(lines) + "\n"


def measured() -> Figures:
    """The committed figures."""
    return json.loads(FIGURES.read_text(encoding="utf-8"))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    MODELS.write_text(text(measured()), encoding="utf-8")
    README.write_text(renewed(README.read_text(encoding="utf-8"), measured()), encoding="utf-8")
