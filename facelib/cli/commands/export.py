"""``facelib export``: the names of the gallery, in formats that other programs read."""

from __future__ import annotations

import io
import os
import sys
from itertools import islice
from typing import TYPE_CHECKING

import click

from facelib.cli.confirmation import require_confirmation
from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA, visible
from facelib.errors import ExitCode, InputError
from facelib.records import CERTAIN, LIKELY, STANDINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facelib.exchange.exporter import ExportReport
    from facelib.store.gallery import Gallery

BATCH = 256
SHOWN = 10


@click.command()
@click.argument("format_name", metavar="FORMAT", type=click.Choice(["json", "csv", "xmp"]))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--likely", is_flag=True, help="xmp: also write names that are only likely.")
@click.option("--write-originals", is_flag=True, help="xmp: write into the photos themselves with exiftool, which keeps a copy of each.")
@click.option("--dry-run", is_flag=True, help="xmp: show which files would be written; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before writing into photos.")
@common_options
@pass_context
def export(
    context: Context, format_name: str, paths: tuple[str, ...], likely: bool, write_originals: bool, dry_run: bool, yes: bool
) -> int:
    """Export the people of all photos to other programs.

    FORMAT is json (to standard output, one photo per line, schema 1, as 'who' and 'faces' write it), csv (to standard
    output, one row per person in a photo) or xmp (regions and names in the sidecar of each photo, photo.jpg.xmp unless it has
    another; what other programs wrote there is kept). With PATH, a photo or a folder, only these photos are exported.
    """
    from facelib.store.gallery import Gallery

    if format_name != "xmp" and (likely or write_originals or dry_run):
        raise InputError("--likely, --write-originals and --dry-run are for xmp")
    roots = [os.path.abspath(path) for path in paths] or None
    if format_name == "xmp":
        if write_originals and not dry_run:
            require_confirmation(context, "Write names into the photos themselves?", yes)
        report = _write_xmp(context, roots, likely, write_originals, dry_run)
        return ExitCode.PARTIAL if report.refused else ExitCode.DONE
    with Gallery.read(context.gallery) as gallery:
        if format_name == "json":
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
        for recognised in recogniser.from_gallery(batch):
            context.output.record(recognised.json())


def _write_csv(gallery: Gallery, roots: Sequence[str] | None) -> None:
    from facelib.exchange.csv_table import write_rows
    from facelib.exchange.exporter import exported_photos

    # Bytes, so that a path that is not valid text is written unchanged.
    sys.stdout.flush()
    stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="surrogateescape", newline="", write_through=True)
    try:
        write_rows((row for photo in exported_photos(gallery, STANDINGS, roots) for row in photo.rows), stream)
    finally:
        stream.detach()


def _write_xmp(context: Context, roots: Sequence[str] | None, likely: bool, originals: bool, dry_run: bool) -> ExportReport:
    from facelib.exchange import exporter, xmp
    from facelib.store.gallery import Gallery

    standings = [STANDINGS[CERTAIN], STANDINGS[LIKELY]] if likely else [STANDINGS[CERTAIN]]
    if originals:
        with Gallery.write(context.gallery, "facelib export xmp", create=False) as gallery:
            report = xmp.write_originals(gallery, exporter.exported_photos(gallery, standings, roots), dry_run)
    else:
        with Gallery.read(context.gallery) as gallery:
            report = xmp.write_sidecars(exporter.exported_photos(gallery, standings, roots), dry_run)
    if context.json:
        refused = [{"path": each.path, "why": each.why} for each in report.refused]
        record = {"dry_run": dry_run, "written": report.paths, "unchanged": report.unchanged, "refused": refused}
        context.output.record({"schema": SCHEMA, "export": record})
    elif not context.quiet:
        _print(context, report, dry_run)
    return report


def _print(context: Context, report: ExportReport, dry_run: bool) -> None:
    context.output.line(f"{report.written} files {'would be ' if dry_run else ''}written; {report.unchanged} need no change")
    if context.verbose or dry_run:
        for path in report.paths:
            context.output.line(f"  {visible(path)}")
    if report.refused:
        context.output.line(f"{len(report.refused)} photos could not be written")
        for refused in report.refused if context.verbose else report.refused[:SHOWN]:
            context.output.line(f"  {visible(refused.path)}: {visible(refused.why)}")
