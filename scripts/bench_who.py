"""Naming faces by sparse coding, against what users would take instead, in an open-set protocol.

    python scripts/bench_who.py CARD SET.npz... [--trials 60] [--seed 7] [--plot OUT.png]

The sets are made by ``scripts/embed_folder.py``, the trials are those of ``scripts/calibrate_standing.py`` on the held-out
half of the people: 1 to 100 people have names, strangers lie nameless in the library, and photos of the known, of strangers
and of people of the families of the known are asked for. Every method gives each face a first candidate and a score:

* nearest exemplar, nearest centroid: the cosine to it, of named people;
* k-NN vote: the sum of the cosines of those of the five nearest library faces that are the candidate's; nameless ones count;
* linear SVM: one against all, the nameless faces being nobody's; without a second class, the nearest centroid.

One threshold for all trials of a set. Told is the detection-and-identification rate: the part of the known who are named
rightly, where 1 in 100, or 1 in 1,000, of those who must stay unknown is given a name, strangers and siblings apart.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from calibrate_standing import KNOWN_PEOPLE, MOST_ASKED, NAMELESS, people_of

from facelib.evaluation.open_set import KNOWN, SIBLING, STRANGER, halves, identification_rate, trial
from facelib.model_zoo import registry
from facelib.recognition.dictionary import ClusteredFaces, build_dictionary
from facelib.recognition.identify import identify
from facelib.thresholds import Thresholds

NEIGHBOURS = 5
Answer = tuple[np.ndarray, np.ndarray]
RATES = (1e-2, 1e-3)


def nearest_exemplar(y: np.ndarray, named: np.ndarray, label: np.ndarray, unnamed: np.ndarray) -> Answer:
    similar = y @ named.T
    return label[similar.argmax(axis=1)], similar.max(axis=1)


def nearest_centroid(y: np.ndarray, named: np.ndarray, label: np.ndarray, unnamed: np.ndarray) -> Answer:
    people = np.unique(label)
    means = np.stack([named[label == one].mean(axis=0) for one in people])
    similar = y @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T
    return people[similar.argmax(axis=1)], similar.max(axis=1)


def vote(y: np.ndarray, named: np.ndarray, label: np.ndarray, unnamed: np.ndarray) -> Answer:
    people, index = np.unique(label, return_inverse=True)
    owner = np.concatenate([index, np.full(len(unnamed), len(people))])
    similar = y @ np.concatenate([named, unnamed]).T
    near = np.argsort(-similar, axis=1)[:, :NEIGHBOURS]
    votes = np.zeros((len(y), len(people) + 1))
    np.add.at(votes, (np.arange(len(y))[:, None], owner[near]), np.take_along_axis(similar, near, axis=1))
    return people[votes[:, :-1].argmax(axis=1)], votes[:, :-1].max(axis=1)


def linear_svm(y: np.ndarray, named: np.ndarray, label: np.ndarray, unnamed: np.ndarray) -> Answer:
    from sklearn.svm import LinearSVC

    people = np.unique(label)
    target = np.concatenate([label, np.full(len(unnamed), -1)])
    if len(np.unique(target)) < 2:
        return nearest_centroid(y, named, label, unnamed)
    machine = LinearSVC(C=1.0, max_iter=5000).fit(np.concatenate([named, unnamed]), target)
    found = machine.decision_function(y)
    if found.ndim == 1:
        found = np.stack([-found, found], axis=1)
    columns = found[:, np.searchsorted(machine.classes_, people)]
    return people[columns.argmax(axis=1)], columns.max(axis=1)


def sparse_coding(
    thresholds: Thresholds, y: np.ndarray, named: np.ndarray, label: np.ndarray, unnamed: np.ndarray, alone: np.ndarray
) -> Answer:
    """The program's own way; ``alone`` are the clusters of the nameless faces."""
    faces = np.concatenate([named, unnamed])
    keys, cluster = np.unique(np.concatenate([label, alone]), return_inverse=True)
    owner = np.where(np.isin(keys, label), keys, -1)
    library = ClusteredFaces(faces, cluster, np.ones(len(faces)), np.full(len(faces), np.nan), owner)
    rows = build_dictionary(library, thresholds)
    answers = identify(y, faces[rows], cluster[rows], owner, thresholds)
    return answers.person, np.where(answers.person >= 0, answers.score, -np.inf)


RIVALS: dict[str, Callable[..., Answer]] = {
    "nearest exemplar": nearest_exemplar,
    "nearest centroid": nearest_centroid,
    "k-NN vote": vote,
    "linear SVM": linear_svm,
}
OURS = "sparse coding"


def ask(path: Path, trials: int, seed: int, thresholds: Thresholds) -> tuple[np.ndarray, dict[str, Answer]]:
    """Kinds of all faces asked for, and for each method whether it is right and its score."""
    vectors, person, family = people_of(path)
    half = ~halves(family, 1)
    vectors, person, family = vectors[half], person[half], family[half]
    rng = np.random.default_rng(seed)
    kinds: list[np.ndarray] = []
    found: dict[str, list[Answer]] = {name: [] for name in (OURS, *RIVALS)}
    for number in range(trials):
        drawn = trial(person, family, KNOWN_PEOPLE[number % len(KNOWN_PEOPLE)], NAMELESS[number % len(NAMELESS)], rng)
        chosen = np.concatenate([rng.permutation(np.flatnonzero(drawn.kind == kind))[:MOST_ASKED] for kind in (KNOWN, STRANGER, SIBLING)])
        probes, kind = drawn.probes[chosen], drawn.kind[chosen]
        label, known = person[drawn.named], np.unique(person[drawn.named])
        loose = np.isin(person[drawn.unnamed], known)
        alone = np.where(loose, person.max() + 1 + np.arange(len(loose)), person[drawn.unnamed])
        library = (vectors[drawn.named], label, vectors[drawn.unnamed])
        kinds.append(kind)
        for name in found:
            y = vectors[probes]
            who, score = sparse_coding(thresholds, y, *library, alone) if name == OURS else RIVALS[name](y, *library)
            found[name].append(((who == person[probes]) & (kind == KNOWN), score))
    joined = {name: (np.concatenate([r for r, _ in parts]), np.concatenate([s for _, s in parts])) for name, parts in found.items()}
    return np.concatenate(kinds), joined


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("card")
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    thresholds = Thresholds().override(dict(registry.card(options.card).thresholds))
    curves = {}
    for path in options.sets:
        kind, answers = ask(path, options.trials, options.seed, thresholds)
        counts = [int((kind == one).sum()) for one in (KNOWN, STRANGER, SIBLING)]
        print("{}: {} known, {} strangers, {} siblings asked for".format(path.stem, *counts))
        impostors = [(STRANGER, "strangers")] + ([(SIBLING, "siblings")] if counts[2] else [])
        for name, (right, score) in answers.items():
            line = [f"  {name:<18}"]
            for one, word in impostors:
                line += [f"{word} {rate:g}: {identification_rate(score, right, kind, rate, (one,))[0]:.3f}" for rate in RATES]
            print("   ".join(line), flush=True)
        curves[path.stem] = (kind, answers)
    if options.plot:
        plot(curves, options.card, options.plot)


def plot(curves: dict[str, tuple[np.ndarray, dict[str, Answer]]], card: str, out: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(curves), figsize=(5 * len(curves), 4), squeeze=False)
    rates = np.logspace(-3.3, -0.5, 40)
    for axis, (title, (kind, answers)) in zip(axes[0], curves.items(), strict=True):
        for name, (right, score) in answers.items():
            told = [identification_rate(score, right, kind, rate, (STRANGER, SIBLING))[0] for rate in rates]
            axis.semilogx(rates, told, label=name, linewidth=2.5 if name == OURS else 1.2)
        axis.set(title=title, xlabel="strangers and siblings given a name", ylabel="known named rightly", ylim=(0, 1))
        axis.grid(alpha=0.3)
    axes[0][0].legend()
    figure.suptitle(card)
    figure.tight_layout()
    figure.savefig(out, dpi=110)


if __name__ == "__main__":
    main()
