"""``facelib import``: names from other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA, visible
from facelib.errors import ExitCode, InputError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from facelib.exchange.importer import ImportIssue, ImportReport

SHOWN = 10


class FormatName(click.ParamType):
    """A format that can be read. The formats are loaded when a name is checked, not when the help is shown."""

    name = "format"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return _formats().convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _formats().shell_complete(ctx, param, incomplete)


def _formats() -> click.Choice[str]:
    from facelib.exchange.formats import FORMATS

    return click.Choice(list(FORMATS))


@click.command("import")
@click.argument("format_name", metavar="FORMAT", type=FormatName())
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--dry-run", is_flag=True, help="Show what would be imported; change nothing.")
@common_options
@pass_context
def import_(context: Context, format_name: str, paths: tuple[str, ...], dry_run: bool) -> int:
    """Import names from other programs.

    FORMAT is xmp (regions and names in sidecars and photos: digiKam, Lightroom, Windows, exiftool), picasa (.picasa.ini; add
    contacts.xml if you have it), takeout (Google's JSON files), csv or json (as 'facelib export' writes them). PATH is a file
    or a folder. Without a PATH, the photos of the gallery and the files in their folders are read.

    A name goes to the person whose face its region overlaps. A face that no detector found is added. What you said yourself
    is never overruled. A name without a region is used only if it can mean one person only. Importing twice changes nothing,
    and 'facelib undo' takes an import back.
    """
    from facelib.exchange.formats import FORMATS
    from facelib.exchange.importer import import_records
    from facelib.store.gallery import Gallery
    from facelib.store.photos import known_files

    module = FORMATS[format_name]
    if not paths and module.default_paths is None:
        raise InputError(f"which {format_name} file?", f"facelib import {format_name} FILE")
    with Gallery.write(context.gallery, f"facelib import {format_name}", create=False) as gallery:
        if module.default_paths is None or paths:
            sources = [Path(path).absolute() for path in paths]
        else:
            sources = module.default_paths([path for path, file in known_files(gallery).items() if not file.missing])
        report = import_records(gallery, module.read(sources), format_name, dry_run)
    if context.json:
        context.output.record({"schema": SCHEMA, "import": _record(report, dry_run)})
    elif not context.quiet:
        _print(context, report, dry_run)
    return ExitCode.PARTIAL if report.refused else ExitCode.DONE


def _print(context: Context, report: ImportReport, dry_run: bool) -> None:
    names = report.matched + report.drawn + report.agreed
    context.output.line(
        f"{names} names {'would be ' if dry_run else ''}imported from {report.photos} photos; {report.present} were known already"
    )
    for count, what in (
        (report.matched, "for people found in the photo"),
        (report.drawn, "with a face that no detector found, which was added"),
        (report.agreed, "without a region, for the only person they can mean"),
    ):
        if count:
            context.output.line(f"  {count} {what}")
    if report.rejected:
        context.output.line(f"{report.rejected} names removed")
    if report.swapped:
        context.output.line(f"{report.swapped} photos whose regions were written for the photo in another orientation")
    for issues, what in (
        (report.conflicts, "names contradict what you said, and were ignored"),
        (report.suggestions, "names can mean several people"),
        (report.unplaced, "names could not be used"),
    ):
        _print_list(context, [f"{issue.name}: {issue.what} ({issue.photo})" for issue in issues], what)
    _print_list(context, report.unknown, "photos are not in the gallery, or not analysed yet: run facelib index")
    _print_list(context, [f"{refused.path}: {refused.why}" for refused in report.refused], "files could not be read")


def _print_list(context: Context, lines: list[str], what: str) -> None:
    if not lines:
        return
    context.output.line(f"{len(lines)} {what}")
    shown = lines if context.verbose else lines[:SHOWN]
    for line in shown:
        context.output.line(f"  {visible(line)}")
    if len(shown) < len(lines):
        context.output.line(f"  and {len(lines) - len(shown)} more; --verbose lists them")


def _record(report: ImportReport, dry_run: bool) -> dict[str, object]:
    def records(issues: list[ImportIssue]) -> list[dict[str, str]]:
        return [{"photo": issue.photo, "name": issue.name, "what": issue.what} for issue in issues]

    return {
        "dry_run": dry_run,
        "photos": report.photos,
        "matched": report.matched,
        "drawn": report.drawn,
        "agreed": report.agreed,
        "rejected": report.rejected,
        "present": report.present,
        "exchanged": report.swapped,
        "conflicts": records(report.conflicts),
        "suggestions": records(report.suggestions),
        "unplaced": records(report.unplaced),
        "unknown": report.unknown,
        "refused": [{"path": each.path, "why": each.why} for each in report.refused],
        "change": report.change,
    }
