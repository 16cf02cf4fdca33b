"""Naming faces by sparse coding, compared with simpler methods, in an open-set protocol.

    python scripts/bench_who.py SET.npz... [--embedder NAME] [--trials 60] [--seed 7] [--plot OUT.png]

The sets are made by ``scripts/embed_folder.py``. The trials are those of ``benching/open_set_questions.py``, on the half of the people
that no threshold was fitted to. Every method gives each face a first candidate and a score:

* nearest exemplar, nearest centroid: the cosine to it, of named people;
* k-NN vote: the sum of the cosines of those of the five nearest library faces that are the candidate's; unnamed faces vote too;
* linear SVM: one against all, the unnamed faces as a class of their own; with a single class, the nearest centroid.

One threshold for all trials of a set. Printed is the detection-and-identification rate: the share of the known faces named correctly
where 1 in 100, or 1 in 1,000, of the faces that must stay unknown gets a name; separately for strangers and siblings.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from benching.drawing import Curve, Panel, draw_panels
from benching.open_set_questions import answer_by_sparse_coding, draw_questions
from benching.vectors import read_labelled

from facelib.evaluation.open_set import KNOWN, SIBLING, STRANGER, halves, identification_rate
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds

NEIGHBOURS = 5
Answer = tuple[np.ndarray, np.ndarray]
"""The first candidate of each face, or whether it is right, and its score."""
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
    scores = machine.decision_function(y)
    if scores.ndim == 1:
        scores = np.stack([-scores, scores], axis=1)
    columns = scores[:, np.searchsorted(machine.classes_, people)]
    return people[columns.argmax(axis=1)], columns.max(axis=1)


BASELINES: dict[str, Callable[..., Answer]] = {
    "nearest exemplar": nearest_exemplar,
    "nearest centroid": nearest_centroid,
    "k-NN vote": vote,
    "linear SVM": linear_svm,
}
OURS = "sparse coding"


def answer_trials(path: Path, trials: int, seed: int, thresholds: Thresholds) -> tuple[np.ndarray, dict[str, Answer]]:
    """Kinds of all faces asked for, and for each method whether its candidate is right, and its score."""
    every = read_labelled(path)
    half = ~halves(every.family, 1)
    vectors, person, family = every.vectors[half], every.person[half], every.family[half]
    rng = np.random.default_rng(seed)
    kinds: list[np.ndarray] = []
    answers_of: dict[str, list[Answer]] = {name: [] for name in (OURS, *BASELINES)}
    for number in range(trials):
        asked = draw_questions(person, family, number, rng)
        probes, library = vectors[asked.probes], (vectors[asked.named], person[asked.named], vectors[asked.unnamed])
        kinds.append(asked.kind)
        for name in answers_of:
            if name == OURS:
                answers = answer_by_sparse_coding(probes, *library, asked.unnamed_labels(person), thresholds)
                candidate, score = answers.person, np.where(answers.person >= 0, answers.score, -np.inf)
            else:
                candidate, score = BASELINES[name](probes, *library)
            answers_of[name].append(((candidate == person[asked.probes]) & (asked.kind == KNOWN), score))
    joined = {name: (np.concatenate([r for r, _ in parts]), np.concatenate([s for _, s in parts])) for name, parts in answers_of.items()}
    return np.concatenate(kinds), joined


def panel_of(title: str, kind: np.ndarray, answers: dict[str, Answer]) -> Panel:
    """The identification rate of each method against the share of strangers and siblings that gets a name."""
    rates = np.logspace(-3.3, -0.5, 40)
    curves = []
    for name, (right, score) in answers.items():
        named = [identification_rate(score, right, kind, rate, (STRANGER, SIBLING))[0] for rate in rates]
        curves.append(Curve(rates.tolist(), named, name, {"linewidth": 2.5 if name == OURS else 1.2}))
    axes = {"title": title, "xscale": "log", "ylim": (0, 1)}
    return Panel("strangers and siblings named", "known faces named correctly", curves, axes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--embedder", default=registry.DEFAULTS[registry.FACE_EMBEDDER])
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    thresholds = Thresholds().override(dict(registry.card(options.embedder).thresholds))
    curves = {}
    for path in options.sets:
        kind, answers = answer_trials(path, options.trials, options.seed, thresholds)
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
        draw_panels([panel_of(title, *results) for title, results in curves.items()], options.plot, options.embedder, (5, 4))


if __name__ == "__main__":
    main()
