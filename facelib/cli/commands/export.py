"""``facelib export``: what the gallery knows, in forms other programs read."""

from __future__ import annotations

import io
import os
import sys
from itertools import islice
from typing import TYPE_CHECKING

import click

from facelib.cli.confirmation import agree
from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import visible
from facelib.errors import ExitCode, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facelib.exchange.exporter import Written
    from facelib.store.gallery import Gallery

BATCH = 256
SHOWN = 10


@click.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(["json", "csv", "xmp"]))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--likely", is_flag=True, help="xmp: write names that are only likely, too.")
@click.option("--write-originals", is_flag=True, help="xmp: write into the photos themselves, with exiftool, which keeps a copy of each.")
@click.option("--dry-run", is_flag=True, help="xmp: say which files would be written; touch nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before writing into photos.")
@common_options
@pass_context
def export(context: Context, form: str, paths: tuple[str, ...], likely: bool, write_originals: bool, dry_run: bool, yes: bool) -> int:
    """Write what is known of all photos, for other programs.

    FORMAT is json (to standard output, one photo a line, schema 1, the same form that 'who' and 'faces' write), csv (to
    standard output, one row a person in a photo) or xmp: regions and names into the sidecar of each photo, photo.jpg.xmp
    unless it has another, beside all that other programs wrote there. PATH is a photo or a folder to keep to.
    """
    from facelib.store.gallery import Gallery

    if form != "xmp" and (likely or write_originals or dry_run):
        raise InputError("--likely, --write-originals and --dry-run are for xmp")
    roots = [os.path.abspath(path) for path in paths] or None
    if form == "xmp":
        if write_originals and not dry_run:
            agree(context, "Write names into the photos themselves?", yes)
        done = _write_xmp(context, roots, likely, write_originals, dry_run)
        return ExitCode.PARTIAL if done.refused else ExitCode.DONE
    with Gallery.read(context.gallery) as gallery:
        if form == "json":
            _write_json(context, gallery, roots)
        else:
            _write_csv(gallery, roots)
    return ExitCode.DONE


def _write_json(context: Context, gallery: Gallery, roots: Sequence[str] | None) -> None:
    from facelib.cli.run_setup import setup_for
    from facelib.store.photos import known_files, photos
    from facelib.who.recogniser import Recogniser

    chosen = None if roots is None else {file.sha256 for file in known_files(gallery, roots).values()}
    setup = setup_for(gallery.models(), context.settings)
    recogniser = Recogniser(gallery, setup.models, setup.thresholds, setup.photo_recipes())
    rows = (photo for photo in photos(gallery) if chosen is None or photo.sha256 in chosen)
    while batch := list(islice(rows, BATCH)):
        for seen in recogniser.recall(batch):
            context.output.record(seen.json())


def _write_csv(gallery: Gallery, roots: Sequence[str] | None) -> None:
    from facelib.exchange.csv_table import write_rows
    from facelib.exchange.exporter import STANDINGS, told

    # Bytes, so that paths which are no text come back as they are.
    sys.stdout.flush()
    stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="surrogateescape", newline="", write_through=True)
    try:
        write_rows((row for each in told(gallery, [*STANDINGS, "unknown"], roots) for row in each.rows), stream)
    finally:
        stream.detach()


def _write_xmp(context: Context, roots: Sequence[str] | None, likely: bool, originals: bool, dry_run: bool) -> Written:
    from facelib.exchange import exporter
    from facelib.store.gallery import Gallery

    standings = exporter.STANDINGS if likely else exporter.STANDINGS[:1]
    if originals:
        with Gallery.write(context.gallery, "facelib export xmp", create=False) as gallery:
            done = exporter.write_originals(gallery, exporter.told(gallery, standings, roots), dry_run)
    else:
        with Gallery.read(context.gallery) as gallery:
            done = exporter.write_sidecars(exporter.told(gallery, standings, roots), dry_run)
    if context.json:
        refused = [{"path": each.path, "why": each.why} for each in done.refused]
        record = {"dry_run": dry_run, "written": done.paths, "unchanged": done.unchanged, "refused": refused}
        context.output.record({"schema": 1, "export": record})
    elif not context.quiet:
        _tell(context, done, dry_run)
    return done


def _tell(context: Context, done: Written, dry_run: bool) -> None:
    context.output.line(f"{done.written} files {'would be ' if dry_run else ''}written; {done.unchanged} said all that already")
    if context.verbose or dry_run:
        for path in done.paths:
            context.output.line(f"  {visible(path)}")
    if done.refused:
        context.output.line(f"{len(done.refused)} photos were left as they are")
        for refused in done.refused if context.verbose else done.refused[:SHOWN]:
            context.output.line(f"  {visible(refused.path)}: {visible(refused.why)}")
