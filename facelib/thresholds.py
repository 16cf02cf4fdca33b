"""Every number that decides, in one place: what it means, its unit, its range, where it comes from.

A distance means nothing without the model that made it, so each embedder's card has calibrated values of its own
(:mod:`facelib.model_zoo.registry`); the defaults here are for thresholds that no card sets. Some thresholds follow another one
unless they are set: each number has one meaning, but not each is calibrated on its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facelib.errors import InputError


@dataclass(frozen=True)
class Range:
    """What one threshold means and which values it may take; a bound is open where ``open_*`` is set."""

    meaning: str
    unit: str
    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    def contains(self, value: float) -> bool:
        """Whether a threshold may have this value."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def __str__(self) -> str:
        return f"{'(' if self.open_low else '['}{self.low:g}, {self.high:g}{')' if self.open_high else ']'}"


@dataclass(frozen=True)
class Follows:
    """The value of a threshold that is not set: that of another one times a factor, at most ``maximum``."""

    name: str
    factor: float = 1.0
    maximum: float = float("inf")

    def value(self, thresholds: Thresholds) -> float:
        """The value that follows from these thresholds."""
        return min(self.factor * float(getattr(thresholds, self.name)), self.maximum)

    def __str__(self) -> str:
        factor = f"{self.factor:g} times " if self.factor != 1 else ""
        return f"{factor}{self.name}{f', at most {self.maximum:g}' if self.maximum < float('inf') else ''}"


def _number(default: float | Follows, meaning: str, unit: str, low: float, high: float, **bounds: bool) -> Any:
    metadata = {"range": Range(meaning, unit, low, high, **bounds)}
    if isinstance(default, Follows):
        return dataclasses.field(default=None, metadata=metadata | {"follows": default})
    return dataclasses.field(default=default, metadata=metadata)


def _distance(default: float | Follows, meaning: str, **bounds: bool) -> Any:
    return _number(default, meaning, "cosine distance", 0, 2, **bounds)


@dataclass(frozen=True)
class Thresholds:
    """The numbers that decide. Immutable; :meth:`override` gives a changed copy."""

    # decode
    working_side: int = _number(1280, "long side of the picture in which faces are detected", "pixels", 160, 8192)
    max_pixels: int = _number(300_000_000, "pictures with more pixels are not decoded", "pixels", 1e6, 2e9)
    # detect
    min_face: float = _number(0.02, "least face height as a fraction of the picture's long side", "fraction", 0.005, 0.5)
    face_score: float = _number(0.9, "least score of a face", "score", 0, 1)
    body_score: float = _number(0.4, "least score of a person found without a face", "score", 0, 1)
    # reliability
    min_reliability: float = _number(0.5, "less reliable faces start no cluster and are not in the dictionary", "probability", 0, 1)
    # moments
    moment_gap: float = _number(1800.0, "a longer pause between two photos starts a new moment", "seconds", 0, 86400, open_low=True)
    moment_jump: float = _number(2.0, "a longer distance between two photos starts a new moment", "kilometres", 0, 20000, open_low=True)
    # clustering; distances are cosine distances of unit vectors
    alpha: float = _number(0.6, "weight of the face in the blended distance of pass 1", "factor", 0, 2)
    beta: float = _number(0.4, "weight of the upper body in the blended distance of pass 1", "factor", 0, 2)
    gamma: float = _number(1.0, "weight of the upper body where one of the two has no face", "factor", 0, 10)
    group_threshold: float = _distance(0.40, "pass 1 joins below this blended distance", open_low=True)
    body_threshold: float = _number(0.15, "a body without a face joins a group of its moment below this", "gamma * cosine distance", 0, 2)
    linkage_threshold: float = _distance(0.60, "pass 2 joins clusters of many faces below this mean distance", open_low=True)
    pair_threshold: float = _distance(
        0.45, "pass 2 joins two single faces below this, clusters of many below linkage_threshold", open_low=True
    )
    intra_distance: float = _distance(
        Follows("group_threshold"), "expected mean distance of two faces of one person; nearer ones count as fewer faces", open_low=True
    )
    neighbour_reach: float = _distance(
        Follows("linkage_threshold"), "new faces may bring together existing clusters that are nearer to them than this"
    )
    singleton_margin: float = _distance(
        0.06, "a face left alone joins a known person beyond the threshold if all else is farther by this; 2: never"
    )
    singleton_reach: float = _distance(
        Follows("linkage_threshold"), "a face left alone joins a known person only nearer than this or than stranger_distance"
    )
    stranger_distance: float = _distance(0.8, "mean distance to the nearest strangers below which distances are corrected by cohort_weight")
    cohort_weight: float = _number(0.0, "share of the correction of distances where strangers are nearer; 0: none", "factor", 0, 1)
    same_photo_threshold: float = _distance(0.05, "two faces of one photo are one person only below this")
    split_threshold: float = _distance(
        Follows("linkage_threshold"), "split tries this threshold first, then lower ones until the person comes apart", open_low=True
    )
    suggestion_reach: float = _distance(
        Follows("linkage_threshold", 1.3, 1.0), "two clusters nearer than this are suggested as one person", open_low=True
    )
    # people
    min_cluster_size: int = _number(3, "reliable faces an unnamed cluster needs to count as a person", "faces", 1, 1000)
    min_moments: int = _number(2, "moments an unnamed cluster must be seen in, or it is a guest or a passer-by", "moments", 1, 1000)
    moment_faces: int = _number(12, "with so many reliable faces a cluster counts whatever its moments", "faces", 1, 100_000)
    library_moments: int = _number(12, "in a library of fewer moments, one moment is enough", "moments", 1, 100_000)
    picture_distance: float = _distance(0.02, "a cluster whose mean distance is below this is one picture: a poster, a statue, a screen")
    # people over the years; these only suggest
    drift_faces: int = _number(3, "years of fewer faces are not compared", "faces", 1, 10_000)
    drift_far: float = _number(
        0.80, "years of a person that are so far from its other years may be another person's", "cosine distance", 0, 2
    )
    drift_lead: float = _number(
        0.12, "a year that is nearer to another person than to its own by this may be that person's", "cosine distance", 0, 2
    )
    drift_reach: float = _number(
        0.65, "two people never seen in the same years may be one if their adjoining years are nearer", "cosine distance", 0, 2
    )
    drift_clear: float = _number(0.03, "two people may be one only if all others are farther from either by this", "cosine distance", 0, 2)
    drift_days: float = _number(60.0, "two people may be one only if each is seen over so many days", "days", 0, 36525)
    # dictionary and sparse coding
    outlier_distance: float = _distance(
        Follows("linkage_threshold"), "a face farther than this from the rest of its cluster, in the mean, may be a wrong one"
    )
    exemplars: int = _number(24, "exemplars of one cluster in the dictionary, at most", "faces", 1, 1000)
    dictionary: int = _number(20_000, "exemplars of all clusters, at most", "faces", 100, 1_000_000)
    strangers: int = _number(2000, "unnamed faces in the dictionary, for comparison only, at most", "faces", 0, 100_000)
    shortlist: int = _number(64, "nearest exemplars the sparse code starts from", "exemplars", 1, 4096)
    sparsity: float = _number(0.1, "lambda of the non-negative lasso", "weight of |x|_1", 0, 1, open_low=True)
    # The score of a first candidate: the logarithm of the odds that it is right, as scripts/calibrate_standing.py fits it.
    score_base: float = _number(4.6, "score of an answer before any evidence", "log odds", -100, 100)
    score_share: float = _number(4.2, "what a share of 1 adds to the score", "log odds", -100, 100)
    score_residual: float = _number(-10.7, "what a residual |y - D x| of 1 adds to the score", "log odds", -100, 100)
    score_lead: float = _number(12.6, "what a lead of 1 over the nearest other person's exemplar adds", "log odds a distance", -1000, 1000)
    score_centre: float = _number(0.0, "what a distance of 1 to the mean of a person's faces adds", "log odds a distance", -1000, 1000)
    other_distance: float = _number(0.65, "for the lead, the distance to another person counts as at most this", "cosine distance", 0, 2)
    certain_score: float = _number(4.3, "least score for 'certain'", "log odds", -100, 100)
    certain_margin: float = _number(0.5, "least lead in shares over the second person for 'certain'", "share", 0, 1)
    certain_distance: float = _number(0.40, "greatest distance to the person's nearest exemplar for 'certain'", "cosine distance", 0, 2)
    likely_score: float = _number(0.6, "least score for 'likely'", "log odds", -100, 100)
    likely_margin: float = _number(0.2, "least lead in shares over the second person for 'likely'", "share", 0, 1)
    likely_distance: float = _number(0.55, "greatest distance to the person's nearest exemplar for 'likely'", "cosine distance", 0, 2)

    def __post_init__(self) -> None:
        following = frozenset(name for name in FOLLOWS if getattr(self, name) is None)
        object.__setattr__(self, "_following", following)
        for name in FOLLOWS.keys() & following:
            object.__setattr__(self, name, FOLLOWS[name].value(self))
        for name, value in dataclasses.asdict(self).items():
            check(name, value)

    def override(self, values: Mapping[str, Any]) -> Thresholds:
        """A copy with some values replaced; thresholds that follow one of these and were never set follow the new value.

        Raises
        ------
        InputError
            For a name that does not exist, a value of another type, or one outside its range.
        """
        for name, value in values.items():
            check(name, value)
        following: frozenset[str] = self.__dict__["_following"]
        return dataclasses.replace(self, **{**dict.fromkeys(following), **values})

    def recorded(self, names: tuple[str, ...]) -> dict[str, float]:
        """The named values as a recipe records them; a recipe must not change when a threshold is renamed.

        Each is recorded under the first name it ever had; one that follows another threshold under the name of that one.
        """
        following: frozenset[str] = self.__dict__["_following"]
        leaders = {FOLLOWS[name].name if name in following else name for name in names}
        return {_FIRST_NAME.get(name, name): getattr(self, name) for name in sorted(leaders)}


FIELDS = {field.name: field for field in dataclasses.fields(Thresholds)}
FOLLOWS: dict[str, Follows] = {name: field.metadata["follows"] for name, field in FIELDS.items() if "follows" in field.metadata}
"""Thresholds that follow another one unless they are set."""
RENAMED = {
    "first_cut": "group_threshold",
    "body_cut": "body_threshold",
    "second_cut": "linkage_threshold",
    "pair_cut": "pair_threshold",
    "absorb_margin": "singleton_margin",
    "crowding": "cohort_weight",
    "same_photo_cut": "same_photo_threshold",
}
"""Old names of thresholds, which configuration files may still use. ``second_cut`` set all that follow linkage_threshold now."""
_FIRST_NAME = {now: first for first, now in RENAMED.items()}
MOST_DECIMALS = 9
"""Of a number in a sentence: float32 has no more digits."""


def current_name(name: str) -> str:
    """The name of a threshold today, given that of any version."""
    return RENAMED.get(name, name)


def range_of(name: str) -> Range:
    """Meaning, unit and bounds of one threshold."""
    limits: Range = FIELDS[name].metadata["range"]
    return limits


def default_of(name: str) -> float:
    """The value of one threshold where nothing sets it."""
    value: float = getattr(Thresholds(), name)
    return value


def check(name: str, value: Any) -> None:
    """Refuse an unknown name, a wrong type, or a value outside its range, by an :class:`InputError`."""
    if name not in FIELDS:
        raise InputError(f"there is no threshold '{name}'", f"known: {', '.join(FIELDS)}")
    whole = isinstance(FIELDS[name].default, int)
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise InputError(f"threshold '{name}' must be a {'whole ' if whole else ''}number, not {value!r}")
    if not range_of(name).contains(value):
        raise InputError(f"threshold '{name}' = {value!r} is outside {range_of(name)} ({range_of(name).unit})")


def compared(value: float, bound: float, digits: int) -> tuple[str, str]:
    """A value and its bound as texts of ``digits`` decimals, or of as many more as they need to look different where they are.

    Examples
    --------
    >>> compared(0.3614, 0.361, 2), compared(0.5, 0.361, 2)
    (('0.3614', '0.3610'), ('0.50', '0.36'))
    """
    texts = f"{value:.{digits}f}", f"{bound:.{digits}f}"
    while texts[0] == texts[1] and value != bound and digits < MOST_DECIMALS:
        digits += 1
        texts = f"{value:.{digits}f}", f"{bound:.{digits}f}"
    return texts
