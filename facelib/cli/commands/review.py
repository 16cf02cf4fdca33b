"""``facelib review``: a local web page to name, merge, confirm and reject."""

from __future__ import annotations

from contextlib import suppress

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port of 127.0.0.1 (default: any free one).")
@click.option("--no-browser", is_flag=True, help="Print the link, but do not open a browser.")
@common_options
@pass_context
def review(context: Context, port: int, no_browser: bool) -> None:
    """Name and correct people on a local page in your browser.

    The page is served on 127.0.0.1 only and loads nothing from the network. The link works once. Every change is saved at
    once, and the page can undo it. Press Ctrl-C to end.
    """
    from facelib.review.catalogue import Catalogue
    from facelib.review.server import ReviewServer
    from facelib.stages.suggestions import suggest

    catalogue = Catalogue.of(context.gallery, context.settings, suggest)
    server = ReviewServer(catalogue, port)
    if context.json:
        context.output.record({"schema": SCHEMA, "url": server.url})
    else:
        context.output.line(server.url)
    _flush()
    context.output.note("the page is open until you press Ctrl-C; its link works once")
    if not no_browser:
        _browse(server.url)
    try:
        with suppress(KeyboardInterrupt):  # most of the time the server itself catches it, and returns
            server.serve()
    finally:
        server.close()
    context.output.note("\nclosed; all changes are saved")


def _flush() -> None:
    import sys

    sys.stdout.flush()


def _browse(url: str) -> None:
    """Open the browser in a thread, because some browsers return only when their window is closed."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
