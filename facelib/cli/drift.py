"""``facelib people --drift``: years of a person that may be another's, and two people who may be one growing up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facelib.cli.context import Context
from facelib.cli.output import SCHEMA, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facelib.store.gallery import Gallery
    from facelib.store.people import PeopleRow
    from facelib.thresholds import Thresholds
    from facelib.who.drift import PossibleMerge, PossibleSplit

SHOWN = 40
"""Longer lists of faces are printed with --json only."""


def show(context: Context, gallery: Gallery, rows: Sequence[PeopleRow], wanted: Sequence[PeopleRow], thresholds: Thresholds) -> None:
    """Print what the years suggest about the ``wanted`` rows, each with the command that would do it."""
    from facelib.who.drift import drift_report

    splits, merges = drift_report(gallery, rows, thresholds)
    splits = [split for split in splits if split.row in wanted or split.nearer in wanted]
    merges = [merge for merge in merges if merge.before in wanted or merge.after in wanted]
    if context.json:
        for record in [*map(_split_record, splits), *map(_merge_record, merges)]:
            context.output.record(record)
        return
    for split in splits:
        context.output.line(visible(_split_sentence(split)))
        if len(split.faces) <= SHOWN:
            context.output.line(f"  facelib split {split.row.target} --faces {','.join(map(str, split.faces))}")
    for merge in merges:
        context.output.line(visible(_merge_sentence(merge)))
        context.output.line(f"  facelib merge {' '.join(str(row.target) for row in sorted((merge.before, merge.after), key=_unnamed))}")
    if splits or merges:
        context.output.note("nothing was changed; look at the faces with 'facelib review' before you run one of these commands")
        if any(split.nearer is not None for split in splits):
            context.output.note("if faces are not the person they are near to, run 'facelib reject'; they will not be suggested again")
    else:
        context.output.note("the dated faces do not suggest that anybody is two people, or that two are one")


def _unnamed(row: PeopleRow) -> bool:
    return row.name is None


def _called(row: PeopleRow) -> str:
    return f"{row.name} ({row.target})" if row.name else str(row.target)


def _span(years: Sequence[int]) -> str:
    return str(years[0]) if years[0] == years[-1] else f"{years[0]}-{years[-1]}"


def _split_sentence(split: PossibleSplit) -> str:
    faces = f"{len(split.faces)} {'face' if len(split.faces) == 1 else 'faces'}"
    head = f"{_called(split.row)}: {faces} of {_span(split.years)}"
    if split.nearer is not None:
        return f"{head} may be {_called(split.nearer)}: distance {split.nearer_distance:.2f}, to the other years {split.distance:.2f}"
    return f"{head} may be somebody else: distance {split.distance:.2f} to all other years, {split.intra_distance:.2f} within a year"


def _merge_sentence(merge: PossibleMerge) -> str:
    return (
        f"{_called(merge.before)}, last seen in {merge.last_year}, and {_called(merge.after)}, first seen in {merge.first_year},"
        f" may be one person: distance {merge.distance:.2f}"
    )


def _who(row: PeopleRow) -> dict[str, Any]:
    person = None if row.person_id is None else {"id": row.person_id, "name": row.name}
    return {"person": person, "clusters": list(row.clusters)}


def _split_record(split: PossibleSplit) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "suggestion": "two people",
        **_who(split.row),
        "years": list(split.years),
        "faces": list(split.faces),
        "distance": round(split.distance, 4),
        "usual_distance": round(split.intra_distance, 4),
        "nearer_to": None if split.nearer is None else _who(split.nearer),
        "nearer_distance": None if split.nearer_distance is None else round(split.nearer_distance, 4),
    }


def _merge_record(merge: PossibleMerge) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "suggestion": "one person",
        "before": {**_who(merge.before), "last_year": merge.last_year},
        "after": {**_who(merge.after), "first_year": merge.first_year},
        "distance": round(merge.distance, 4),
    }
