"""The review page in a real browser: what a user does with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from facelib.store import observation_summaries, people, undo
from facelib.store.gallery import Gallery
from tests.review.browsing import counted, go, name, names, told
from tests.review.conftest import Drawn, Open, draw_gallery

HOSTILE = "<img src=x onerror=alert(1)> & \"Ana\" '); DROP TABLE people;--"


def test_naming_with_completion_and_undo(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path)
    assert page.locator(".card").count() == 6
    name(page, 0, HOSTILE)
    told(page, "Named")
    counted(page, ".card", 5)
    assert names(drawn.path) == {HOSTILE: 8}
    assert page.evaluate("document.activeElement.role") == "combobox", "the next one can be named at once"
    page.keyboard.type("dr")
    page.wait_for_selector("[role=option]")
    page.keyboard.press("ArrowDown")
    active = page.evaluate("document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent")
    assert active.startswith(HOSTILE)
    page.keyboard.press("Enter")
    told(page, "Added to")
    assert names(drawn.path) == {HOSTILE: 14}
    page.click("#undo")
    told(page, "Undone")
    counted(page, ".card", 5)
    assert names(drawn.path) == {HOSTILE: 8}
    go(page, "people")
    assert page.locator(".card input[role=combobox]").first.input_value() == HOSTILE
    name(page, 0, "")
    name(page, 0, "  ana   BEN ")
    told(page, "Named ana BEN")
    assert names(drawn.path) == {"ana BEN": 8}


def test_a_name_that_cannot_be_is_refused_with_the_reason(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path)
    name(page, 0, "p7")
    told(page, "cannot be a name")
    name(page, 0, "Ana")
    told(page, "Named Ana")
    counted(page, ".card", 5)
    name(page, 0, "Ben")
    told(page, "Named Ben")
    go(page, "people")
    name(page, 0, "ben")
    told(page, "name of another person")
    assert names(drawn.path) == {"Ana": 8, "Ben": 6}


def test_merging_by_select_and_by_drag(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path)
    first = page.locator(".card .open").first
    first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    assert page.locator("#bar").inner_text().startswith("2 people selected")
    page.keyboard.press("m")
    told(page, "Merged 2")
    assert names(drawn.path) == {None: 14}
    name(page, 0, "Ana")
    told(page, "Named Ana")
    assert names(drawn.path) == {"Ana": 14}
    counted(page, ".card", 4)
    cards = page.locator(".card")
    cards.nth(1).locator(".mosaic").drag_to(cards.nth(0).locator(".mosaic"))
    counted(page, ".card", 3)
    assert names(drawn.path) == {"Ana": 14, None: 9}


def test_single_faces_not_this_person_and_someone_else(visit: Open, drawn: Drawn) -> None:
    with Gallery.write(drawn.path, "test") as gallery:
        ana = people.name_cluster(gallery, 1, "Ana").id
        people.name_cluster(gallery, 2, "Ben")
    page = visit(drawn.path)
    go(page, f"p{ana}")
    counted(page, ".face", 8)
    page.locator(".face .open").first.focus()
    wrong = int(page.evaluate("document.activeElement.closest('li').dataset.id"))
    page.keyboard.press("r")
    told(page, "taken out of Ana")
    counted(page, ".face", 7)
    moved = int(page.evaluate("document.activeElement.closest('li').dataset.id"))
    page.keyboard.press("s")
    page.keyboard.type("be")
    page.wait_for_selector("#ask [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    told(page, "given to Ben")
    counted(page, ".face", 6)
    assert names(drawn.path) == {"Ana": 6, "Ben": 7}
    with Gallery.read(drawn.path) as gallery:
        found = {portrait.id: portrait for portrait in observation_summaries.by_ids(gallery, [wrong, moved])}
        assert found[wrong].person_id is None
        assert found[moved].judged
    page.keyboard.press("s")
    page.keyboard.type("Somebody new")
    page.get_by_role("button", name="Save name").click()
    told(page, "given to Somebody new")
    assert names(drawn.path) == {"Ana": 5, "Ben": 7, "Somebody new": 1}
    page.locator("main h2").click()
    page.keyboard.press("u")
    counted(page, ".face", 6)
    assert names(drawn.path) == {"Ana": 6, "Ben": 7}, "one undo takes the new person back too"


def test_someone_else_among_people_without_a_name(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path)
    go(page, "c1")
    counted(page, ".face", 8)
    page.locator(".face .open").first.focus()
    page.keyboard.press("s")
    page.keyboard.type("Ana")
    page.keyboard.press("Enter")
    told(page, "given to Ana")
    counted(page, ".face", 7)
    assert names(drawn.path) == {"Ana": 1, None: 7}
    page.keyboard.press("u")
    told(page, "Undone")
    page.wait_for_selector("main h2")
    assert names(drawn.path) == {}


def test_the_photo_with_its_boxes(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector(".face")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#photo .box")
    page.wait_for_load_state("networkidle")
    inside = page.evaluate(
        """() => { const [b, i] = ['.box', '.stage img'].map((s) => document.querySelector(s).getBoundingClientRect());
                   return [(b.left - i.left) / i.width, (b.top - i.top) / i.height, b.width / i.width, b.height / i.height] }"""
    )
    assert inside == pytest.approx([12 / 400, 8 / 300, 56 / 400, 60 / 300], abs=0.01)
    assert "<i>" in page.locator("#photo .file").inner_text()
    page.locator("#photo .box").click()
    page.keyboard.type("Zoë")
    page.keyboard.press("Enter")
    told(page, "Named Zoë")
    page.locator("#photo .box", has_text="Zoë").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_selector("#photo", state="hidden")
    assert names(drawn.path) == {"Zoë": 8}, "a face without a name stands for all that look like it"
    page.locator(".face .open").first.click()
    page.locator("#photo input[role=combobox]").fill("Ana")
    page.keyboard.press("Enter")
    told(page, "given to Ana")
    assert names(drawn.path) == {"Zoë": 7, "Ana": 1}, "one with a name only for itself"
    # Until the photo is drawn anew, Escape closes the list of names only.
    page.locator("#photo .box", has_text="Ana").wait_for()
    page.keyboard.press("Escape")
    page.locator("main .head .figures", has_text="7 faces").wait_for()
    counted(page, ".face", 7)


def test_suggestions_are_answered_and_remembered(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path)
    page.keyboard.press("3")
    page.wait_for_selector(".pair")
    assert page.locator(".pair").first.get_attribute("data-pair") == "c2 c3"
    page.locator(".pair .yes").first.focus()
    page.keyboard.press("n")
    told(page, "two different people")
    page.wait_for_selector(".empty:not([hidden])")
    page.reload()
    page.wait_for_selector(".empty:not([hidden])")
    page.keyboard.press("u")
    page.wait_for_selector(".pair")
    page.keyboard.press("y")
    told(page, "Merged 2")
    assert names(drawn.path) == {None: 11}


def test_strangers_are_ignored_in_one_go_and_come_back_in_one(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path)
    go(page, "strangers")
    assert page.locator(".card").count() == 2
    page.get_by_role("button", name="Hide all 2").click()
    told(page, "2 people hidden")
    page.wait_for_selector(".empty:not([hidden])")
    go(page, "hidden")
    assert page.locator(".card").count() == 2
    page.keyboard.press("u")
    told(page, "Undone: 2 changes")
    page.wait_for_selector(".empty:not([hidden])")
    with Gallery.read(drawn.path) as gallery:
        assert all(change.undone for change in undo.history(gallery))


def test_a_busy_gallery_is_told_and_nothing_is_lost(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path)
    with Gallery.write(drawn.path, "facelib index"):
        name(page, 0, "Ana")
        told(page, "being written by 'facelib index'")
    page.keyboard.press("Enter")
    name(page, 0, "Ana")
    told(page, "Named Ana")


@pytest.mark.slow
def test_two_thousand_clusters(visit: Open, tmp_path: Path) -> None:
    drawn = draw_gallery(tmp_path / "many", [3] * 2000, shared_photos=300)
    page = visit(drawn.path)
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-count=unnamed]").inner_text() == "2,000"
    assert 60 <= page.locator(".card").count() <= 300, "only what is near is there"
    fetched = page.evaluate("performance.getEntriesByType('resource').filter((e) => e.name.includes('/face/')).length")
    assert fetched <= 300, "only what is near is fetched"
    crops = list((tmp_path / "xdg" / "cache").rglob("*.jpg"))
    assert crops
    assert {file.stat().st_mode & 0o777 for file in crops} == {0o600}
    while page.locator(".card").count() < 2000:
        before = page.locator(".card").count()
        page.evaluate("document.querySelector('.more').click()")
        page.locator(".card").nth(before).wait_for(state="attached")
    page.locator(".card").last.scroll_into_view_if_needed()
    name(page, 1999, "The last")
    told(page, "Named The last")
    counted(page, ".card", 1999)
    assert names(drawn.path) == {"The last": 3}
