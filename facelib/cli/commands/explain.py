"""``facelib explain``: why each person in a photo is recognised, or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options, device_option
from facelib.cli.output import SCHEMA, visible
from facelib.cli.unlisted_reasons import reason_text
from facelib.errors import ExitCode
from facelib.records import CERTAIN, LIKELY, STANDINGS, UNKNOWN
from facelib.thresholds import compared

if TYPE_CHECKING:
    from facelib.records import Sighting
    from facelib.thresholds import Thresholds
    from facelib.who.explanation import Candidate, Explanation, Reason


@click.command()
@click.argument("photo", metavar="PHOTO", type=click.Path(path_type=Path))
@device_option("auto")
@common_options
@pass_context
def explain(context: Context, photo: Path, device: str) -> int:
    """Say for each person in PHOTO why that person is recognised, or not.

    Shows the id of each observation (for 'confirm', 'reject' and 'split --faces'), the reason, and the nearest people with
    their shares and distances; with --verbose also the rule and the thresholds. The photo need not be indexed.
    """
    from facelib.cli.run_setup import require_models, setup_for
    from facelib.store.gallery import Gallery
    from facelib.store.people import names
    from facelib.who.explanation import explain as explain_photo
    from facelib.who.recogniser import Recogniser

    with Gallery.read(context.gallery) as gallery:
        setup = setup_for(gallery.models(), context.settings, device)
        require_models(setup.models)
        recogniser = Recogniser(gallery, setup.models, setup.thresholds, setup.photo_recipes(), device)
        explanation = explain_photo(recogniser, gallery, setup.thresholds, photo.absolute())
        known = names(gallery)
    if context.json:
        context.output.record(_record(explanation, setup.thresholds))
    elif explanation.error is not None:
        context.output.warn(f"{explanation.path}: {explanation.error.detail}")
    else:
        _show(context, explanation, setup.thresholds, known)
    return ExitCode.USAGE if explanation.error is not None else ExitCode.DONE


def _show(context: Context, explanation: Explanation, thresholds: Thresholds, names: dict[int, str | None]) -> None:
    line = context.output.line
    seen = len(explanation.reasons)
    missing = "" if explanation.indexed else ", not indexed with the models in use"
    line(f"{visible(explanation.path)}: {seen} {'person' if seen == 1 else 'people'} seen{missing}")
    for reason in explanation.reasons:
        line("")
        number = f"observation {reason.number}: " if reason.number is not None else ""
        line(visible(f"{number}{_where(reason.sighting)}: {_answer(reason)}"))
        line(visible(f"  why: {reason.sentence}"))
        if context.verbose:
            line(visible(f"  rule ({reason.decided_by}): {reason.rule}"))
        face = reason.sighting.face
        if face is not None and face.reliability < thresholds.min_reliability:
            bound = thresholds.min_reliability
            trust = f"{compared(face.reliability, bound, 2)[0]} is below {bound:g} (min_reliability)"
            line(f"  reliability {trust}: it starts no cluster, and nobody is recognised by it")
        for verdict in reason.verdicts:
            if reason.decided_by == "you" and verdict.says == "is":
                continue
            who = names.get(verdict.person_id) or f"p{verdict.person_id}"
            line(visible(f"  you said on {verdict.at[:10]}: {'' if verdict.says == 'is' else 'not '}{who} ({verdict.how})"))
        if reason.unlisted:
            line(f"  c{reason.identity.cluster} is listed only by 'facelib people --all': {reason_text(reason.unlisted)}")
        if reason.candidates:
            line("  nearest: " + visible(", ".join(_candidate(candidate) for candidate in reason.candidates)))
    if context.verbose and explanation.reasons:
        line("")
        for word, bounds in _bounds(thresholds).items():
            line(f"bounds for {word}: " + ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in bounds.items()))


def _where(sighting: Sighting) -> str:
    detection, kind = (sighting.face, "face") if sighting.face is not None else (sighting.body, "body")
    assert detection is not None, "a sighting has a face, a body, or both"
    x0, y0, x1, y1 = detection.box
    reliability = f", reliability {sighting.face.reliability:.2f}" if sighting.face is not None else ""
    return f"{kind} at {x0:.0f},{y0:.0f} {x1 - x0:.0f}x{y1 - y0:.0f}{reliability}"


def _answer(reason: Reason) -> str:
    identity = reason.identity
    if identity.person is not None:
        return f"{identity.name or f'p{identity.person}'}, {identity.standing}"
    return f"c{identity.cluster}, which has no name" if identity.cluster is not None else STANDINGS[UNKNOWN]


def _candidate(candidate: Candidate) -> str:
    name = candidate.name or (f"p{candidate.person}" if candidate.person is not None else f"c{candidate.cluster}")
    share = f", share {candidate.share:.2f}" if candidate.share else ""
    return f"{name} (distance {candidate.distance:.2f}{share})"


def _bounds(thresholds: Thresholds) -> dict[str, dict[str, float]]:
    """The thresholds of each standing, by what they bound."""
    from facelib.thresholds import FIELDS

    return {
        word: {name.removeprefix(f"{word}_"): getattr(thresholds, name) for name in FIELDS if name.startswith(f"{word}_")}
        for word in (STANDINGS[CERTAIN], STANDINGS[LIKELY])
    }


def _record(explanation: Explanation, thresholds: Thresholds) -> dict[str, Any]:
    from facelib import photo_json

    observations = []
    for reason in explanation.reasons:
        form = photo_json.observation(reason.sighting.face, reason.sighting.body, reason.identity, reason.number)
        form["decided_by"], form["reason"], form["rule"] = reason.decided_by, reason.sentence, reason.rule
        form["unlisted"] = reason.unlisted or None
        form["residual"] = None if reason.residual is None else round(reason.residual, 4)
        form["nearest"] = [
            {"person": c.person, "cluster": c.cluster, "name": c.name, "share": round(c.share, 4), "distance": round(c.distance, 4)}
            for c in reason.candidates
        ]
        form["verdicts"] = [{"says": v.says, "person": v.person_id, "how": v.how, "at": v.at} for v in reason.verdicts]
        observations.append(form)
    error = None if explanation.error is None else {"kind": explanation.error.kind, "detail": explanation.error.detail}
    facts = {"schema": SCHEMA, "photo": explanation.path, "indexed": explanation.indexed, "observations": observations}
    return {**facts, "thresholds": _bounds(thresholds), "error": error}
