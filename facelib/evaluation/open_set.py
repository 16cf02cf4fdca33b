"""Open-set trials: some people have names, and all others must stay unknown, even brothers and sisters of those."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KNOWN, STRANGER, SIBLING = 0, 1, 2
KINDS = ("known", "stranger", "sibling")


@dataclass(frozen=True, eq=False)
class Trial:
    """A library in which some people have names, and the faces to identify.

    Attributes
    ----------
    named : ndarray of shape (g,), int64
        Rows of the library that have the name of a known person.
    unnamed : ndarray of shape (u,), int64
        Rows of the library without a name: of strangers, and some more of known people.
    probes : ndarray of shape (p,), int64
        Rows to identify, none of a stranger who is in the library.
    kind : ndarray of shape (p,), int64
        What each probe is: KNOWN, STRANGER, or SIBLING, which is a stranger of a known person's family.
    """

    named: np.ndarray
    unnamed: np.ndarray
    probes: np.ndarray
    kind: np.ndarray


def halves(groups: np.ndarray, seed: int = 0) -> np.ndarray:
    """Split people at random into two halves, whole families (``groups``) at a time: ndarray of bool, like ``groups``."""
    names, index = np.unique(groups, return_inverse=True)
    first = np.zeros(len(names), dtype=bool)
    first[np.random.default_rng(seed).permutation(len(names))[: len(names) // 2]] = True
    return first[index]


def trial(
    person: np.ndarray, family: np.ndarray, known: int, nameless: int, rng: np.random.Generator, most_named: int = 8
) -> Trial:
    """Draw one trial from labelled faces.

    ``known`` people with at least three photos are drawn. Of each, two to ``most_named`` photos get the name, sometimes one
    photo is in the library without a name, and the rest, at least one, are probes. Half of the people outside the known
    families are strangers of the library, with ``nameless`` photos at most; everybody else is a probe.

    Parameters
    ----------
    person, family : ndarray of shape (n,), int64
    known : int
        How many people have a name; fewer if the data has fewer.
    nameless : int
        Most photos of strangers in the library.
    rng : numpy.random.Generator
    most_named : int
        Most photos of a person that have the name.
    """
    people, index, count = np.unique(person, return_inverse=True, return_counts=True)
    family_of = np.zeros(len(people), dtype=np.int64)
    family_of[index] = family
    chosen = rng.permutation(np.flatnonzero(count >= 3))[:known]
    named, unnamed, probes, kinds = [], [], [], []
    for one in chosen.tolist():
        rows = rng.permutation(np.flatnonzero(index == one))
        size = int(rng.integers(2, min(most_named, len(rows) - 1) + 1))
        named.append(rows[:size])
        rest = rows[size:]
        loose = int(len(rest) > 1 and rng.random() < 0.3)
        unnamed.append(rest[:loose])
        probes.append(rest[loose:])
        kinds.append(np.full(len(rest) - loose, KNOWN))
    related = np.isin(family_of, family_of[chosen])
    others = rng.permutation(np.flatnonzero(~related))
    unnamed.append(rng.permutation(np.flatnonzero(np.isin(index, others[: len(others) // 2])))[:nameless])
    strangers = np.flatnonzero(np.isin(index, others[len(others) // 2 :]))
    siblings = np.flatnonzero(related[index] & ~np.isin(index, chosen))
    probes += [strangers, siblings]
    kinds += [np.full(len(strangers), STRANGER), np.full(len(siblings), SIBLING)]
    join = [np.concatenate(parts).astype(np.int64) if parts else np.empty(0, dtype=np.int64) for parts in (named, unnamed, probes, kinds)]
    return Trial(*join)


def identification_rate(
    score: np.ndarray, right: np.ndarray, kind: np.ndarray, rate: float, impostors: tuple[int, ...]
) -> tuple[float, float]:
    """Detection-and-identification rate at the threshold where at most a share ``rate`` of the impostors is given a name.

    Parameters
    ----------
    score : ndarray of shape (p,)
        The greater, the surer that the first candidate is right.
    right : ndarray of shape (p,), bool
        Whether the first candidate is right.
    kind : ndarray of shape (p,), int64
    impostors : tuple of int
        Kinds that count as impostors.

    Returns
    -------
    share : float, 0..1
        The part of the known probes whose first candidate is right and scores above the threshold.
    threshold : float
    """
    others = np.sort(score[np.isin(kind, impostors)])[::-1]
    allowed = int(rate * len(others))
    threshold = float(others[allowed]) if allowed < len(others) else -np.inf
    known = kind == KNOWN
    return float((right[known] & (score[known] > threshold)).mean()), threshold
