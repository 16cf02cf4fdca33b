"""``facelib undo``: take back what was done to people."""

from __future__ import annotations

import click

from facelib.cli.confirmation import require_confirmation
from facelib.cli.context import Context, pass_context
from facelib.cli.correcting import correcting, dry_run_option, yes_option
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA, visible

SHOWN = 20


@click.command()
@click.argument("steps", metavar="[N]", type=click.IntRange(min=1), default=1)
@click.option("--list", "listed", is_flag=True, help=f"List what was done, the newest first: {SHOWN}, or all with --verbose.")
@dry_run_option
@yes_option
@common_options
@pass_context
def undo(context: Context, steps: int, listed: bool, dry_run: bool, yes: bool) -> None:
    """Take back the last N things done to people (default: 1): names, merges, splits, verdicts, imports.

    What was undone cannot be done again by undo, so more than one must be agreed to. 'facelib forget' cannot be undone,
    nor what was done before it.
    """
    if listed:
        _list(context)
        return
    from facelib.store import undo as undoing

    with correcting(context, "undo", dry_run) as gallery:
        if steps > 1 and not dry_run and not yes:
            standing = [change for change in undoing.history(gallery) if not change.undone][:steps]
            for change in standing:
                context.output.say(change.text)
            require_confirmation(context, f"Take these {len(standing)} back?", yes)
        told = undoing.undo(gallery, steps)
        if context.json:
            context.output.record({"schema": SCHEMA, "undone": told})
        elif not context.quiet:
            for text in told:
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
        context.output.note("nothing was done yet")
