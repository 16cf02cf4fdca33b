"""The main job: scan, observe, cluster, assign; each does only what is new."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facelib.stages import assign, cluster, observe, rewritten, scan
from facelib.stages.observe import Tally
from facelib.stages.scan import Census
from facelib.stages.setup import Setup
from facelib.stages.stage import Progress
from facelib.store import enroll
from facelib.store.gallery import Gallery
from facelib.store.photos import known_files


@dataclass(frozen=True)
class Options:
    """The options of one run: ``limit`` in photos, ``time_budget`` and ``photo_timeout`` in seconds."""

    exclude: Sequence[str] = ()
    limit: int | None = None
    time_budget: float | None = None
    recluster: bool = False
    workers: int = 2
    photo_timeout: float = 120.0


@dataclass
class Report:
    """What one run did. ``waiting`` photos are left for the next run: by a limit, a time budget, or because a file changed meanwhile."""

    census: Census = field(default_factory=Census)
    tally: Tally = field(default_factory=Tally)
    waiting: int = 0
    seconds: float = 0.0


def run(gallery: Gallery, setup: Setup, roots: Sequence[Path], options: Options, report: Report) -> Iterator[Progress]:
    """Bring the gallery up to date with the photos under ``roots``.

    A time budget ends the work on photos, not the run: what was found is still clustered and assigned.
    """
    start = time.monotonic()
    deadline = None if options.time_budget is None else start + options.time_budget
    roots = [*roots, *_references_elsewhere(gallery, roots)]
    yield from scan.run(gallery, roots, options.exclude, report.census, deadline)
    due = observe.due(gallery, setup, [str(Path(root).absolute()) for root in roots])
    work = due[: options.limit] if options.limit is not None else due
    if work:
        yield from observe.run(gallery, setup, work, report.tally, options.workers, options.photo_timeout, deadline)
    rewritten.run(gallery, setup, report.tally.displaced)
    report.waiting = len(due) - report.tally.done - report.tally.failed
    yield from cluster.run(gallery, setup, full=options.recluster)
    yield from assign.run(gallery, setup)
    report.seconds = time.monotonic() - start


def _references_elsewhere(gallery: Gallery, roots: Sequence[Path]) -> list[Path]:
    """Reference photos outside ``roots``: they are worked on too, so that a new model embeds them as well."""
    folders = [Path(root).absolute() for root in roots]
    paths = [Path(path) for path in enroll.reference_paths(gallery)]
    return [path for path in paths if path.is_file() and not any(path.is_relative_to(folder) for folder in folders)]


def preview(gallery: Gallery | None, roots: Sequence[Path], options: Options) -> Census:
    """What a run would find, without reading or writing anything."""
    known = {} if gallery is None else known_files(gallery)
    return scan.preview(known, roots, options.exclude)
