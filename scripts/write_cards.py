"""Write the generated parts of models/README.md: the list of models, the tables of figures, and the cards.

    python scripts/write_cards.py

The figures are those of models/evaluation.json, which ``scripts/evaluate.py --json`` writes. Figures of other weights than the
card names are not shown; figures that were measured with other thresholds, or beside other models, are marked as stale.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from facelib.model_zoo import calibration, registry
from facelib.model_zoo.registry import FACE_DETECTOR, FACE_EMBEDDER, ModelCard
from facelib.model_zoo.runtimes import RUNTIMES
from facelib.thresholds import range_of

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
from reports.provenance import is_stale, same_weights  # noqa: E402

PAGE, FIGURES = ROOT / "models" / "README.md", ROOT / "models" / "evaluation.json"
BEGIN, END = "<!-- made by: python scripts/write_cards.py -->\n", "<!-- end -->\n"
STALE = "(stale)"
Figures = Mapping[str, Any]

BUNDLED = """\
## Bundled files

What the program carries itself lies in this folder and is installed with it, as `facelib/models`. All other weights come with
ordinary Python packages or are fetched when you ask for them, by `facelib models fetch NAME`.

| file | bytes | of model | SHA-256 |
|---|---|---|---|
"""

FAIRNESS = """\
## For whom a model errs more

False matches are more frequent in some groups of people than in others. Measured on the faces of FairFace that no network of
this project was trained on: the share of the pairs *within* a group that lie below one threshold for all, in 1,000 pairs, with
95 % intervals by bootstrap over faces. The threshold is where 1 in 1,000 of all pairs of all faces is nearer, so the rates
within a group are mostly higher than 1. The groups are FairFace's, in its words; annotators assigned them.

{notes}
"""

MISSES = """\
## Faces not found, by group

FairFace's faces are aligned and cut close. Each was set into a canvas, its edge repeated and blurred, and the detector was run as
the program runs it. All had been found by another detector before, so these rates are lower than in the wild; what counts is the
difference between groups. In 1,000 faces, with 95 % intervals.
"""

COMPARED = [
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
"""The rows of the comparison: title, where the figure is in models/evaluation.json, and its form."""


def text(page: str, figures: Figures) -> str:
    """models/README.md with the text between its marks replaced: first the tables, then the cards."""
    blocks = [overview(figures), cards(figures)]
    pieces = page.split(BEGIN)
    assert len(pieces) == 1 + len(blocks), f"models/README.md needs {len(blocks)} marks: {BEGIN.strip()}"
    made = [f"{BEGIN}\n{block}\n{END}{piece.partition(END)[2]}" for block, piece in zip(blocks, pieces[1:], strict=True)]
    return "".join([pieces[0], *made])


def overview(figures: Figures) -> str:
    """The list of models, and the figures that compare them."""
    embedders = [card for card in registry.CARDS.values() if card.task == FACE_EMBEDDER]
    title = "## Face embedders side by side\n"
    parts = [models(registry.CARDS.values()), title, comparison(embedders, figures), fairness(embedders, figures), detectors(figures)]
    return "\n".join(part for part in parts if part)


def cards(figures: Figures) -> str:
    """The card of each model, and the files that come with the program."""
    return "\n".join([*(card_text(card, figures) for card in registry.CARDS.values()), BUNDLED + bundled()])


def models(listed: Iterable[ModelCard]) -> str:
    """A row for each model."""
    lines = [_row(["model", "task", "runs on", "licence of the weights", "comes"]), "|---|---|---|---|---|"]
    for card in listed:
        task, comes = dict(facts(card))["task"], _comes(card)
        lines.append(_row([f"[`{card.name}`](#{card.name})", task, RUNTIMES[card.runtime].title, card.licence_weights, comes]))
    return "\n".join(lines) + "\n"


def figures_of(report: str, card: ModelCard, figures: Figures) -> Figures | None:
    """The figures of a report for exactly these weights, or None."""
    found = figures.get(report, {}).get(card.name)
    return found if found and same_weights(card.name, found) else None


def stale(report: str, card: ModelCard, figures: Figures) -> bool:
    """Whether a report has figures on a model that are out of date: other weights, thresholds, or other models beside."""
    found = figures.get(report, {}).get(card.name)
    return bool(found) and is_stale(report, card.name, found)


def column_heading(report: str, card: ModelCard, figures: Figures) -> str:
    """The heading of a model's column."""
    return f"`{card.name}`" + (f" {STALE}" if stale(report, card, figures) else "")


def comparison(embedders: Iterable[ModelCard], figures: Figures) -> str:
    """A column for each measured embedder; a stale figure is marked; one of other weights is left out."""
    measured = [card for card in embedders if card.name in figures.get("verification", {})]
    lines = [_row(["", *(f"`{card.name}`" for card in measured)]), "|---|" + "---|" * len(measured)]
    for title, path, form in COMPARED:
        report, *keys = path.split("/")
        cells = []
        for card in measured:
            number = _number(figures_of(report, card, figures), keys, form)
            cells.append(f"{number} {STALE}".strip() if stale(report, card, figures) else number)
        lines.append(_row([title, *cells]))
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(found: Figures | None, keys: list[str], form: str) -> str:
    for key in keys:
        found = found.get(key) if found else None
    return "" if found is None else form.format(found)


def fairness(embedders: Iterable[ModelCard], figures: Figures) -> str:
    """A table of false match rates by group, a column for each measured embedder."""
    measured = [(card, found) for card in embedders if (found := figures_of("fairness", card, figures))]
    if not measured:
        return ""
    first = measured[0][1]
    dropped = ", ".join(f"{count} ({why})" for why, count in first["dropped"].items())
    notes = (
        f"{first['faces']:,} faces, {first['pairs']:,} pairs. Left out: {dropped}.\nFairFace does not name people, and shows some"
        " several times: two faces count as one person if two reference\nmodels agree. The centre of `dlib-resnet` is a mean over"
        " 3,220 faces of FairFace, some of these among them."
    )
    heads = [column_heading("fairness", card, figures) for card, _ in measured]
    lines = [_row(["group", "faces", *heads]), "|---|---|" + "---|" * len(measured)]
    for cut in ("race", "gender", "age", "race and gender"):
        for name, rate in first["at 0.001"][cut]["rates"].items():
            rates = [_rate(found["at 0.001"][cut]["rates"].get(name)) for _, found in measured]
            lines.append(_row([f"{cut}: {name.replace('_', ' ')}", str(rate["units"]), *rates]))
        lines.append(_row([f"**widest ratio by {cut}**", "", *(_ratio(found["at 0.001"][cut]["widest ratio"]) for _, found in measured)]))
    table = _folded("False matches by race, gender and age", lines)
    return "\n".join([FAIRNESS.format(notes=notes), table, non_matches(measured, heads)])


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


def non_matches(measured: list[tuple[ModelCard, Figures]], heads: list[str]) -> str:
    """False non-matches, by gender."""
    probe = measured[0][1]["non-matches"]["probe"]
    lines = [
        "False non-matches on LFW DevTest: pairs of photos of one person that lie above the distance below which 1 in 1,000 pairs of",
        "strangers of that set lies, in 1,000 pairs. LFW states no gender. A linear probe fitted on FairFace's adults guesses it",
        f"(right for {probe['right on FairFace where sure']:.1%} of those it is sure of) for {probe['of them told']} of"
        f" {probe['people with pairs']} people, so these rows are a hint only.",
        "",
        _row(["gender, by the probe", "people", *heads]),
        "|---|---|" + "---|" * len(measured),
    ]
    for name, rate in measured[0][1]["non-matches"]["rates"].items():
        lines.append(_row([name, str(rate["units"]), *(_rate(found["non-matches"]["rates"].get(name)) for _, found in measured)]))
    return "\n".join(lines) + "\n"


def detectors(figures: Figures) -> str:
    """Faces not found, by group."""
    listed = [card for card in registry.CARDS.values() if card.task == FACE_DETECTOR]
    measured = [(card, found) for card in listed if (found := figures_of("detectors", card, figures))]
    if not measured:
        return ""
    heads = [column_heading("detectors", card, figures) for card, _ in measured]
    lines = [_row(["group", "faces", *heads]), "|---|---|" + "---|" * len(measured)]
    for cut in ("race", "gender", "age"):
        for name, rate in measured[0][1][cut].items():
            rates = [_rate(found[cut].get(name)) for _, found in measured]
            lines.append(_row([f"{cut}: {name.replace('_', ' ')}", str(rate["units"]), *rates]))
    return f"{MISSES}\n{_folded('Faces not found by race, gender and age', lines)}"


def _folded(title: str, lines: list[str]) -> str:
    """A long table that a reader opens."""
    return "\n".join([f"<details><summary>{title}</summary>\n", *lines, "\n</details>"]) + "\n"


def card_text(card: ModelCard, figures: Figures) -> str:
    """The card of one model."""
    lines = [f"## `{card.name}`\n", f"{card.what[0].upper()}{card.what[1:]}.\n", "| | |", "|---|---|"]
    lines += [_row(fact) for fact in facts(card)]
    lines += [_row([f"`{file.name}`", f"{file.size:,} bytes, SHA-256 `{file.sha256}`"]) for file in card.files.values()]
    lines += ["", *thresholds(card), *weaknesses(card, figures)]
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
    """The calibrated values in one table, and below it how each part was calibrated."""
    parts = calibration.parts(card.name)
    if not parts:
        return []
    lines = [_row(["threshold", "value", "part", "meaning"]), "|---|---|---|---|"]
    for part in parts:
        for name, value in part.thresholds.items():
            meaning = f"{range_of(name).meaning} ({range_of(name).unit})"
            lines.append(_row([f"`{name}`", f"{value:g}", part.name, meaning.replace("|", "\\|")]))
        for rate, distance in part.far_distances.items():
            meaning = f"1 in {1 / rate:,.0f} pairs of strangers is nearer (cosine distance)"
            lines.append(_row([f"`far={rate:g}`", f"{distance:g}", part.name, meaning]))
    return [_folded("Calibrated thresholds", [*lines, "", *(f"* {part}" for part in parts)])]


def weaknesses(card: ModelCard, figures: Figures) -> list[str]:
    """What is weak, and for whom."""
    found, pairs = figures_of("fairness", card, figures), figures_of("verification", card, figures)
    sentences = [card.weakness] if card.weakness else []
    if found:
        sentences += [_weak_groups(found, cut, word) for cut, word in (("race", "races"), ("age", "ages"))]
        low, high = (found["at 0.001"]["gender"]["widest ratio"][end] for end in ("lowest", "highest"))
        ratio = found["at 0.001"]["gender"]["widest ratio"]["value"]
        sentences.append(
            f"False matches are {ratio:.1f} times as frequent between two faces labelled {high} as between two labelled {low}."
        )
    if pairs:
        kin = pairs["families"]["kin"]["accepted at 0.001"] / 1e-3
        sentences.append(
            f"Relatives are alike: at the distance below which 1 in 1,000 pairs of people of `families-dev` lies, false matches within a"
            f" family are {kin:.0f} times as frequent as among all pairs. Only {pairs['families']['tar at 0.001']:.0%} of the pairs of one"
            " person are accepted there; many of these photos are small, old or of children."
        )
    misses = figures_of("detectors", card, figures)
    if misses:
        worst = max(misses["race"], key=lambda name: misses["race"][name]["value"])
        oldest = max(misses["age"], key=lambda name: misses["age"][name]["value"])
        sentences.append(
            f"It misses most faces of {worst.replace('_', ' ')} people: {_rate(misses['race'][worst])} in 1,000; by age, of {oldest}:"
            f" {_rate(misses['age'][oldest])}."
        )
    doubts = figures_of("judges", card, figures)
    if doubts:
        sentences.append(_doubted(doubts))
    if not sentences:
        sentences = ["Not measured."]
    old = [report for report in figures if isinstance(figures[report], dict) and stale(report, card, figures)]
    if old:
        sentences.append(f"Stale, measured with other weights or thresholds: {', '.join(old)}. {_advice(card, old)}")
    return ["**Weak for.** " + " ".join(sentences)]


def _advice(card: ModelCard, reports: list[str]) -> str:
    option = {FACE_EMBEDDER: f" --embedders {card.name}", FACE_DETECTOR: f" --detectors {card.name}"}.get(card.task, "")
    return f"Run `python scripts/evaluate.py {' '.join(reports)}{option} --json models/evaluation.json`."


def _weak_groups(found: Figures, cut: str, word: str) -> str:
    rates = found["at 0.001"][cut]["rates"]
    overall = found["at 0.001"]["overall"]["value"]
    worse = sorted((name for name in rates if rates[name]["low"] > 2 * overall), key=lambda name: -rates[name]["value"])
    groups = ", ".join(f"{name.replace('_', ' ')} ({rates[name]['value'] / overall:.0f} times)" for name in worse)
    return f"False matches within {word}, against pairs of all people: {groups or 'in no group surely more than twice as many'}."


def _doubted(found: Figures) -> str:
    """The true faces that a judge doubts."""
    sets = ", ".join(f"{share:.1%} of {name}" for name, share in found["sets"].items())
    sentence = f"It doubts some true faces, which then start no cluster: {found['overall']['value']:.1%} of held-out FairFace, {sets}"
    for cut in ("race", "age"):
        worst = max(found[cut], key=lambda name: found[cut][name]["value"])
        sentence += f"; by {cut} most often of {worst.replace('_', ' ')}, {_rate(found[cut][worst])} in 1,000"
    return f"{sentence}. Drawn faces, dolls and animals may pass, because it was trained against garments and parts of faces only."


def bundled() -> str:
    every = registry.CARDS.values()
    files = {file: [card.name for card in every if file in card.files.values()] for card in every for file in card.files.values()}
    named = [(file, ", ".join(f"`{name}`" for name in names)) for file, names in files.items() if file.bundled]
    lines = [_row([f"`{file.name}`", f"{file.size:,}", names, f"`{file.sha256}`"]) for file, names in named]
    lines.append(_row([f"`{FIGURES.name}`", "", "the figures above", ""]))
    note = (
        "`dlib-resnet-centre.safetensors` is the part of the mean face that is subtracted from dlib's vectors."
        " `scripts/make_dlib_centre.py` makes it from FairFace faces (CC BY 4.0). `face-reid-0095-centres.safetensors` and"
        " `facelib-face-centres.safetensors` hold means of faces that are alike, and `facelib-ensemble.safetensors` the axes that are"
        " kept of two networks' vectors. `scripts/make_centres.py` makes them from faces of FairFace and All-Age-Faces. No face can be"
        " recovered from them. The files are Apache-2.0, like this program."
    )
    return "\n".join([*lines, "", note]) + "\n"


def measured() -> Figures:
    """The committed figures."""
    return json.loads(FIGURES.read_text(encoding="utf-8"))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    PAGE.write_text(text(PAGE.read_text(encoding="utf-8"), measured()), encoding="utf-8")
