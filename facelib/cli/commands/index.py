"""``facelib index``: bring the gallery up to date with folders of photos."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.duration import Duration
from facelib.cli.options import common_options, device_option
from facelib.cli.output import SCHEMA
from facelib.errors import ExitCode, GalleryError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facelib.stages.index import Options, Report
    from facelib.stages.scan import Census
    from facelib.store.gallery import Gallery


CLUSTERERS = ("average", "hdbscan")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out files and folders that match PATTERN; may be repeated.")
@click.option("--recluster", is_flag=True, help="Cluster the whole library again; names and ids are kept.")
@click.option(
    "--clusterer",
    type=click.Choice(CLUSTERERS),
    help="How faces are clustered: average (default, calibrated) or hdbscan (needs no calibration).",
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Process at most N photos in this run.")
@click.option("--time-budget", type=Duration(), metavar="TIME", help="Start no photo after this time, e.g. 2h or 30m.")
@click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
@device_option(None)
@click.option(
    "--workers", type=click.IntRange(1, 64), metavar="N", help="Number of parallel processes (default: one per core, at most 8)."
)
@common_options
@pass_context
def index(context: Context, paths: tuple[str, ...], dry_run: bool, device: str | None, clusterer: str | None, **options: Any) -> int:
    """Find the people in the photos of these folders.

    Only new and changed photos are processed; names never change. You can interrupt it at any time: the same command
    continues where it stopped.
    """
    from facelib.cli.run_setup import require_models, setup_for
    from facelib.stages.index import Report
    from facelib.store.gallery import Gallery

    roots = [Path(path).absolute() for path in paths]
    for root in roots:
        _check_root(root)
    wanted = _options(context, options)
    if dry_run:
        return _preview(context, roots, wanted)
    report = Report()
    with Gallery.write(context.gallery, f"facelib index {' '.join(paths)}"[:200]) as gallery:
        setup = setup_for(gallery.models(), context.settings, device or context.settings.index.get("device", "auto"))
        setup = replace(setup, clusterer=clusterer or configured_clusterer(context.settings.index))
        require_models(setup.models)
        _run(context, gallery, setup, roots, wanted, report)
        return _summary(context, gallery, report, setup.thresholds.min_cluster_size)


def _run(context: Context, gallery: Gallery, setup: Any, roots: Sequence[Path], options: Options, report: Report) -> None:
    from facelib.stages import index as stage

    with context.progress() as progress:
        for event in stage.run(gallery, setup, roots, options, report):
            progress.show(event)


def configured_clusterer(configured: Mapping[str, Any]) -> str:
    """The clusterer the configuration asks for."""
    name = str(configured.get("clusterer", CLUSTERERS[0]))
    if name not in CLUSTERERS:
        raise InputError(f"'clusterer' in [index] must be one of {', '.join(CLUSTERERS)}, not '{name}'")
    return name


def _check_root(root: Path) -> None:
    if not os.path.lexists(root):
        raise InputError(f"there is no folder or photo {root}")
    if not os.access(root, os.R_OK | (os.X_OK if root.is_dir() else 0)):
        raise InputError(f"no permission to read {root}")


def _options(context: Context, given: dict[str, Any]) -> Options:
    from facelib.cli.machine_checks import available_cores
    from facelib.stages.index import Options

    configured = context.settings.index
    return Options(
        exclude=(*configured.get("exclude", ()), *given["exclude"]),
        limit=given["limit"],
        time_budget=given["time_budget"],
        recluster=given["recluster"],
        workers=given["workers"] or configured.get("workers") or min(available_cores(), 8),
        photo_timeout=float(configured.get("photo_timeout", 120.0)),
    )


def _preview(context: Context, roots: Sequence[Path], options: Options) -> int:
    from facelib.stages.index import preview
    from facelib.store.gallery import Gallery

    try:
        gallery = Gallery.read(context.gallery)
    except GalleryError:
        if context.gallery.exists():
            raise
        census = preview(None, roots, options)
    else:
        with gallery:
            census = preview(gallery, roots, options)
    if context.json:
        context.output.record({"schema": SCHEMA, "dry_run": True, "files": _files(census)})
    else:
        reading = f"{census.new + census.changed} files ({census.new} new, {census.changed} changed)"
        context.output.line(f"would read {reading}; {census.unchanged} unchanged")
    return ExitCode.DONE


def _files(census: Census) -> dict[str, int]:
    return {name: getattr(census, name) for name in ("new", "moved", "changed", "unchanged", "missing", "refused")}


def _summary(context: Context, gallery: Gallery, report: Report, min_cluster_size: int) -> int:
    from facelib.store.people import people_rows
    from facelib.store.photos import counts

    now = counts(gallery)
    people = people_rows(gallery, min_size=min_cluster_size)
    named = sum(row.name is not None for row in people)
    failed = report.tally.failed + report.census.refused
    if context.json:
        context.output.record(
            {
                "schema": SCHEMA,
                "files": _files(report.census),
                "photos": {"worked_on": report.tally.done, "failed": failed, "waiting": report.waiting, "in_all": now.photos},
                "faces": {"new": report.tally.faces, "in_all": now.faces},
                "people": {"named": named, "unnamed": len(people) - named},
                "seconds": round(report.seconds, 2),
            }
        )
    elif not context.quiet:
        context.output.line(_sentence(report, len(people), named, failed))
        if context.output.terminal and (advice := _next_step(report, len(people), named)):
            context.output.note(advice)
    # Photos that failed in earlier runs are listed by 'status --failed'; they must not raise an alarm every night.
    return ExitCode.PARTIAL if failed else ExitCode.DONE


def _next_step(report: Report, people: int, named: int) -> str | None:
    """What to do next, for a user who is new here."""
    if report.census.complete and not any(_files(report.census).values()):
        return "no photos were found; hidden folders and folders with a file .nomedia or .noimage are left out"
    return "name the people with: facelib review" if people and not named else None


def _sentence(report: Report, people: int, named: int, failed: int) -> str:
    census = report.census
    counts = [f"{census.new} new", f"{census.changed} changed", f"{census.unchanged} unchanged"]
    counts += [f"{census.moved} moved or copied"] if census.moved else []
    counts += [f"{census.missing} missing"] if census.missing else []
    counts += [f"{failed} failed (see 'facelib status --failed')" if failed else "0 failed"]
    counts += [f"{report.waiting} waiting for the next run"] if report.waiting else []
    counts += ["the search for files continues in the next run"] if not census.complete else []
    who = f"{people} {'person' if people == 1 else 'people'} ({named} named)"
    return f"photos: {', '.join(counts)}; processed {report.tally.done}, found {report.tally.faces} faces; {who}; {report.seconds:.1f} s"
