"""``facelib import``: names from other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import visible
from facelib.errors import ExitCode, InputError

if TYPE_CHECKING:
    from facelib.exchange.importer import Finding, Report

FORMS = ("xmp", "picasa", "takeout", "csv", "json")
SHOWN = 10


@click.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice(FORMS))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--dry-run", is_flag=True, help="Say what would be done; touch nothing.")
@common_options
@pass_context
def import_(context: Context, form: str, paths: tuple[str, ...], dry_run: bool) -> int:
    """Take in names that other programs gave.

    FORMAT is xmp (regions and names in sidecars and photos: digiKam, Lightroom, Windows, exiftool), picasa (.picasa.ini;
    give contacts.xml too if you have it), takeout (Google's JSON files), csv or json (as 'facelib export' writes them).
    PATH is a file or a folder; without one, the photos of the gallery are looked at, and the files in their folders.

    Names go to the people whose faces they overlap; faces no detector saw are added; what you said yourself stands. A name
    without a box is taken only where nobody else can be meant. Doing it twice changes nothing, 'facelib undo' takes it back.
    """
    from facelib.exchange.importer import take_in
    from facelib.exchange.readers import beside, read
    from facelib.store.gallery import Gallery
    from facelib.store.photos import known_files

    if form in ("csv", "json") and not paths:
        raise InputError(f"which {form} file?", f"facelib import {form} FILE")
    with Gallery.write(context.gallery, f"facelib import {form}", create=False) as gallery:
        if paths:
            places = [Path(path).absolute() for path in paths]
        else:
            places = beside(form, [path for path, file in known_files(gallery).items() if not file.missing])
        report = take_in(gallery, read(form, places), form, dry_run)
    if context.json:
        context.output.record({"schema": 1, "import": _record(report, dry_run)})
    elif not context.quiet:
        _tell(context, report, dry_run)
    return ExitCode.PARTIAL if report.refused else ExitCode.DONE


def _tell(context: Context, report: Report, dry_run: bool) -> None:
    names = report.matched + report.drawn + report.agreed
    context.output.line(
        f"{names} names {'would be ' if dry_run else ''}taken in from {report.photos} photos; {report.present} were there already"
    )
    for count, what in (
        (report.matched, "given to people found in the photo"),
        (report.drawn, "with a face no detector saw, which was added"),
        (report.agreed, "without a box, where nobody else can be meant"),
    ):
        if count:
            context.output.line(f"  {count} {what}")
    if report.rejected:
        context.output.line(f"{report.rejected} names taken away")
    if report.exchanged:
        context.output.line(f"{report.exchanged} photos whose regions were written for the picture turned another way")
    for findings, what in (
        (report.conflicts, "contradict what you said, which stands"),
        (report.suggestions, "names may be anybody's"),
        (report.unplaced, "could not be used"),
    ):
        _list(context, [f"{_about(finding)}" for finding in findings], what)
    _list(context, report.unknown, "photos are not in the gallery, or were not looked at yet: run facelib index")
    _list(context, [f"{refused.path}: {refused.why}" for refused in report.refused], "files could not be read")


def _about(finding: Finding) -> str:
    return f"{finding.name}: {finding.what} ({finding.photo})"


def _list(context: Context, lines: list[str], what: str) -> None:
    if not lines:
        return
    context.output.line(f"{len(lines)} {what}")
    shown = lines if context.verbose else lines[:SHOWN]
    for line in shown:
        context.output.line(f"  {visible(line)}")
    if len(shown) < len(lines):
        context.output.line(f"  and {len(lines) - len(shown)} more, which --verbose lists")


def _record(report: Report, dry_run: bool) -> dict[str, object]:
    def findings(found: list[Finding]) -> list[dict[str, str]]:
        return [{"photo": each.photo, "name": each.name, "what": each.what} for each in found]

    return {
        "dry_run": dry_run,
        "photos": report.photos,
        "matched": report.matched,
        "drawn": report.drawn,
        "agreed": report.agreed,
        "rejected": report.rejected,
        "present": report.present,
        "exchanged": report.exchanged,
        "conflicts": findings(report.conflicts),
        "suggestions": findings(report.suggestions),
        "unplaced": findings(report.unplaced),
        "unknown": report.unknown,
        "refused": [{"path": each.path, "why": each.why} for each in report.refused],
        "change": report.change,
    }
