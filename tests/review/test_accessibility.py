"""The page for those who use a keyboard, a screen reader, a phone, or the dark."""

from __future__ import annotations

import re
from typing import Any

import pytest

from facelib.store import people
from facelib.store.gallery import Gallery
from tests.review.browsing import go, told
from tests.review.conftest import Drawn, Open


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_a_focus_and_contrast(visit: Open, drawn: Drawn, scheme: str) -> None:
    with Gallery.write(drawn.path, "test") as gallery:
        person = people.name_cluster(gallery, 1, "Ana").id
    page = visit(drawn.path, scheme)
    for view in ("unnamed", "people", "same", "strangers", "hidden", f"p{person}"):
        go(page, view)
        assert unnamed_controls(page) == []
        assert low_contrast(page) == []
        assert page.locator("h1").count() == 1 and page.locator("main h2").count() == 1
    page.keyboard.press("?")
    assert low_contrast(page) == []
    page.keyboard.press("Escape")
    page.locator(".face .open").first.click()
    page.wait_for_selector("#photo .box")
    assert unnamed_controls(page) == []


def test_the_keyboard_reaches_all_in_order(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path)
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.getAttribute('aria-label')"))
        style, width = (page.evaluate(f"getComputedStyle(document.activeElement).outline{part}") for part in ("Style", "Width"))
        assert style == "solid" and float(width.removesuffix("px")) >= 2, reached[-1]
    plain = [re.sub(r"[\s\d]+", " ", text).strip() for text in reached]
    assert plain[:6] == ["Skip to the people", "To name", "People", "Same person?", "Strangers", "Hidden"]
    assert plain[6:9] == ["Search names", "↩ Undo", "?"]
    assert reached[9].startswith("cluster 1: 8 faces in 8 photos")
    assert reached[10] == "Select cluster 1"
    assert reached[11] == "Name of cluster 1"
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "open"


def test_a_phone_needs_no_sideways_scrolling(visit: Open, drawn: Drawn) -> None:
    page = visit(drawn.path, size=(390, 844), has_touch=True, is_mobile=True)
    for view in ("unnamed", "same", "strangers", "c1"):
        go(page, view)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".face .tick").first.tap()
    page.get_by_role("button", name="Not this person", exact=True).last.tap()
    told(page, "taken out")


def unnamed_controls(page: Any) -> list[str]:
    """Controls, as assistive programs get them from the browser, that have no name."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "link", "checkbox", "combobox", "textbox", "searchbox", "listbox", "dialog", "navigation", "toolbar"}
    found = [node for node in nodes if not node.get("ignored") and node.get("role", {}).get("value") in roles]
    assert found
    return [node["role"]["value"] for node in found if not node.get("name", {}).get("value", "").strip()]


def low_contrast(page: Any) -> list[str]:
    """Texts whose contrast with what is behind them is below WCAG AA; those upon pictures are left out."""
    return page.evaluate(
        """() => {
          const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); const k = c.startsWith('color(srgb') ? 255 : 1;
                                 return [m[0] * k, m[1] * k, m[2] * k, m[3] ?? 1] };
          const over = (a, b) => [0, 1, 2].map((k) => a[k] * a[3] + b[k] * (1 - a[3])).concat(1);
          const light = ([r, g, b]) => { const f = (v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
                                         return .2126 * f(r) + .7152 * f(g) + .0722 * f(b) };
          const bad = [];
          for (const e of document.querySelectorAll('body *')) {
            const own = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join('');
            const text = e.tagName === 'INPUT' ? e.value || e.placeholder : own;
            if (!text.trim() || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
            if (e.closest('.acts, .mark, .box, .unseen, .skip, :disabled')) continue;
            const chain = []; for (let a = e; a; a = a.parentElement) chain.unshift(parse(getComputedStyle(a).backgroundColor));
            const behind = chain.reduce((b, c) => over(c, b), [255, 255, 255, 1]);
            const style = getComputedStyle(e, e.tagName === 'INPUT' && !e.value ? '::placeholder' : null);
            const [a, b] = [light(over(parse(style.color), behind)), light(behind)].sort((x, y) => y - x);
            const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
            if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) bad.push(`${text.trim().slice(0, 40)}: ${((a + .05) / (b + .05)).toFixed(2)}`);
          }
          return bad }"""
    )
