"""``facelib status``: what is indexed, what failed, what is waiting, and the models and thresholds in use."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA
from facelib.cli.table import Column
from facelib.errors import ExitCode

if TYPE_CHECKING:
    from facelib.store.gallery import Gallery
    from facelib.store.photos import Counts


@click.command()
@click.option("--failed", is_flag=True, help="List the files that failed, one per line, with the reason.")
@click.option("--retry", is_flag=True, help="Try all failed files again in the next index.")
@click.option("--check", is_flag=True, help="Exit with code 1 if anything is waiting or failed; for cron.")
@common_options
@pass_context
def status(context: Context, failed: bool, retry: bool, check: bool) -> int:
    """Show what is indexed, what failed, and with which models and thresholds."""
    from facelib.store import ledger
    from facelib.store.gallery import Gallery

    if retry:
        with Gallery.write(context.gallery, "facelib status --retry", create=False) as gallery:
            ledger.retry(gallery)
    with Gallery.read(context.gallery) as gallery:
        if failed:
            return _failures(context, gallery)
        return _overview(context, gallery, check)


def _failures(context: Context, gallery: Gallery) -> int:
    from facelib.store.ledger import failures

    failed = failures(gallery)
    if context.json:
        for failure in failed:
            context.output.record({"schema": SCHEMA, **asdict(failure)})
    elif failed:
        rows = [[failure.path, failure.stage, failure.kind, failure.detail] for failure in failed]
        context.output.table(["file", "stage", "kind", "why"], rows)
    else:
        context.output.note("nothing failed")
    return ExitCode.DONE


def _overview(context: Context, gallery: Gallery, check: bool) -> int:
    from facelib.cli.run_setup import setup_for
    from facelib.store.ledger import due
    from facelib.store.photos import counts

    now = counts(gallery)
    setup = setup_for(gallery.models(), context.settings)
    recipes = setup.photo_recipes()
    waiting = len(due(gallery, recipes, tuple(recipes)))
    if context.json:
        thresholds = {name: {"value": value, "source": source} for name, value, _, source in _thresholds(context, gallery)}
        facts = {"schema": SCHEMA, "gallery": str(gallery.path), **asdict(now), "waiting": waiting}
        context.output.record({**facts, "models": gallery.models(), "thresholds": thresholds})
    else:
        _print(context, gallery, now, waiting)
    wrong = waiting or now.failed_photos or now.unreadable_files
    return ExitCode.PARTIAL if check and wrong else ExitCode.DONE


def _print(context: Context, gallery: Gallery, now: Counts, waiting: int) -> None:
    failed = now.failed_photos + now.unreadable_files
    lines = [
        ("gallery", str(gallery.path)),
        ("photos", f"{now.photos} in {now.files} files" + (f"; {now.missing_files} files missing" if now.missing_files else "")),
        ("waiting", f"{waiting}; 'facelib index FOLDER' processes them" if waiting else "nothing"),
        ("failed", f"{failed}; 'facelib status --failed' lists them" if failed else "nothing"),
        ("faces", f"{now.faces}; {now.bodies_only} people without a visible face"),
        ("people", f"{now.named_people} with a name; {now.clusters} clusters in all"),
    ]
    lines += [(task, name) for task, name in gallery.models().items()]
    for title, text in lines:
        context.output.line(f"{title:<14} {text}")
    context.output.line("")
    rows = [[name, f"{value:g}", unit, source] for name, value, unit, source in _thresholds(context, gallery)]
    context.output.table(["threshold", Column("value", right=True), "unit", "source"], rows)


def _thresholds(context: Context, gallery: Gallery) -> list[tuple[str, float, str, str]]:
    from facelib.model_zoo.thresholds_in_force import thresholds_in_force
    from facelib.thresholds import FIELDS, range_of

    in_force, sources = thresholds_in_force(gallery.models(), context.settings)
    return [(name, getattr(in_force, name), range_of(name).unit, sources[name]) for name in FIELDS]
