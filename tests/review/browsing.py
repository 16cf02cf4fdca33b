"""What tests of the page do over and over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from facelib.store import people
from facelib.store.gallery import Gallery


def names(path: Path) -> dict[str | None, int]:
    """Faces by name, as the gallery has them."""
    with Gallery.read(path) as gallery:
        return {row.name: row.faces for row in people.people_rows(gallery, all=True, min_size=1) if row.person_id is not None}


def told(page: Any, text: str) -> None:
    """Wait for a message."""
    page.locator("#notice-text", has_text=text).wait_for(timeout=20_000)


def counted(page: Any, what: str, number: int) -> None:
    """Wait until there are so many."""
    for _ in range(400):
        if page.locator(what).count() == number:
            return
        page.wait_for_timeout(50)
    assert page.locator(what).count() == number


def name(page: Any, card: int, text: str) -> None:
    """Type a name under a card and press Enter."""
    page.locator(".card input[role=combobox]").nth(card).fill(text)
    page.keyboard.press("Enter")


def go(page: Any, view: str) -> None:
    page.evaluate("view => { document.querySelector('main').replaceChildren(); location.hash = view }", f"#/{view}")
    page.wait_for_selector("main li, .empty:not([hidden])")
