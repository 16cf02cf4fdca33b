"""``facelib undo``: undo changes of people."""

from __future__ import annotations

import click

from facelib.cli.confirmation import require_confirmation
from facelib.cli.context import Context, pass_context
from facelib.cli.corrections import dry_run_option, open_for_correction, yes_option
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA, visible

SHOWN = 20


@click.command()
@click.argument("steps", metavar="[N]", type=click.IntRange(min=1), default=1)
@click.option("--list", "listed", is_flag=True, help=f"List the changes, newest first: {SHOWN} of them, or all with --verbose.")
@dry_run_option
@yes_option
@common_options
@pass_context
def undo(context: Context, steps: int, listed: bool, dry_run: bool, yes: bool) -> None:
    """Undo the last N changes of people (default: 1): names, merges, splits, verdicts, imports.

    There is no redo, so undoing more than one change needs confirmation. 'facelib forget' cannot be undone, and neither can
    changes made before it.
    """
    if listed:
        _list(context)
        return
    from facelib.store import undo as undoing

    with open_for_correction(context, "undo", dry_run) as gallery:
        if steps > 1 and not dry_run and not yes:
            pending = [change for change in undoing.history(gallery) if not change.undone][:steps]
            for change in pending:
                context.output.say(change.text)
            require_confirmation(context, f"Undo these {len(pending)} changes?", yes)
        undone = undoing.undo(gallery, steps)
        if context.json:
            context.output.record({"schema": SCHEMA, "undone": undone})
        elif not context.quiet:
            for text in undone:
                context.output.line(visible(f"undone: {text}"))


def _list(context: Context) -> None:
    from facelib.store import undo as undoing
    from facelib.store.gallery import Gallery

    with Gallery.read(context.gallery) as gallery:
        history = undoing.history(gallery, None if context.verbose or context.json else SHOWN)
    if context.json:
        for change in history:
            facts = {"at": change.at, "command": change.command, "text": change.text, "undone": change.undone}
            context.output.record({"schema": SCHEMA, "id": change.id, **facts})
    elif history:
        rows = [[change.at.replace("T", " ").rstrip("Z"), change.text, "undone" if change.undone else ""] for change in history]
        context.output.table(["when (UTC)", "what", ""], rows)
    else:
        context.output.note("there are no changes yet")
