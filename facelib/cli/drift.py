"""``facelib people --drift``: people whose years fall apart, and two who may be one person growing up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facelib.cli.context import Context
from facelib.cli.output import SCHEMA, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facelib.store.gallery import Gallery
    from facelib.store.people import PeopleRow
    from facelib.thresholds import Thresholds
    from facelib.who.years import Apart, Growing

SHOWN = 40
"""Longer lists of faces than this are left to --json."""


def show(context: Context, gallery: Gallery, rows: Sequence[PeopleRow], wanted: Sequence[PeopleRow], thresholds: Thresholds) -> None:
    """Print what the years suggest about the ``wanted`` of the people, each with the command that would do it."""
    from facelib.who.years import look

    parts, pairs = look(gallery, rows, thresholds)
    parts = [part for part in parts if part.row in wanted or part.nearer in wanted]
    pairs = [pair for pair in pairs if pair.before in wanted or pair.after in wanted]
    if context.json:
        for record in [*map(_apart_record, parts), *map(_growing_record, pairs)]:
            context.output.record(record)
        return
    for part in parts:
        context.output.line(visible(_apart_sentence(part)))
        if len(part.faces) <= SHOWN:
            context.output.line(f"  facelib split {_key(part.row)} --faces {','.join(map(str, part.faces))}")
    for pair in pairs:
        context.output.line(visible(_growing_sentence(pair)))
        context.output.line(f"  facelib merge {' '.join(_key(row) for row in sorted((pair.before, pair.after), key=_unnamed))}")
    if parts or pairs:
        context.output.note("nothing was changed; look at them with 'facelib review' before you do what stands under each")
        if any(part.nearer is not None for part in parts):
            context.output.note("faces that are not whom they are near to: 'facelib reject' says so, and they are not asked about again")
    else:
        context.output.note("nobody's dated faces suggest that one is two, or two are one")


def _unnamed(row: PeopleRow) -> bool:
    return row.name is None


def _key(row: PeopleRow) -> str:
    return f"c{row.clusters[0]}" if row.person_id is None else f"p{row.person_id}"


def _called(row: PeopleRow) -> str:
    return f"{row.name} ({_key(row)})" if row.name else _key(row)


def _span(years: Sequence[int]) -> str:
    return str(years[0]) if years[0] == years[-1] else f"{years[0]}-{years[-1]}"


def _apart_sentence(part: Apart) -> str:
    faces = f"{len(part.faces)} {'face' if len(part.faces) == 1 else 'faces'}"
    head = f"{_called(part.row)}: {faces} of {_span(part.years)}"
    if part.nearer is not None:
        return f"{head} may be {_called(part.nearer)}: distance {part.nearer_distance:.2f}, to the other years {part.distance:.2f}"
    return f"{head} may be somebody else: distance {part.distance:.2f} to all other years, {part.usual:.2f} within a year"


def _growing_sentence(pair: Growing) -> str:
    return (
        f"{_called(pair.before)}, last seen in {pair.ends}, and {_called(pair.after)}, first seen in {pair.begins}, may be one person:"
        f" distance {pair.distance:.2f}"
    )


def _who(row: PeopleRow) -> dict[str, Any]:
    person = None if row.person_id is None else {"id": row.person_id, "name": row.name}
    return {"person": person, "clusters": list(row.clusters)}


def _apart_record(part: Apart) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "suggestion": "two people",
        **_who(part.row),
        "years": list(part.years),
        "faces": list(part.faces),
        "distance": round(part.distance, 4),
        "usual_distance": round(part.usual, 4),
        "nearer_to": None if part.nearer is None else _who(part.nearer),
        "nearer_distance": None if part.nearer_distance is None else round(part.nearer_distance, 4),
    }


def _growing_record(pair: Growing) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "suggestion": "one person",
        "before": {**_who(pair.before), "last_year": pair.ends},
        "after": {**_who(pair.after), "first_year": pair.begins},
        "distance": round(pair.distance, 4),
    }
