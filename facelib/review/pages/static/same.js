// "Same person?": pairs for the user to answer with yes or no, the most helpful first.

import { attempt, busy, change, get, idle } from "./api.js";
import { figures, mosaic } from "./cards.js";
import { called, element } from "./dom.js";
import { step } from "./selection.js";

export function same(container) {
  const title = "Same person?";
  const later = new Set();
  const list = element("ol", { class: "pairs", role: "list", "aria-label": "Pairs" });
  const empty = element("p", { class: "empty", hidden: true }, "No more questions. New photos may bring new ones.");
  const head = element("div", { class: "head" }, element("h2", { tabindex: "-1" }, title), element("p", { class: "lead" }, "The most helpful questions come first. All answers are saved."));
  container.replaceChildren(head, list, empty);
  const ready = load();

  async function load() {
    busy();
    const page = await attempt(() => get("suggestions", { limit: 20 + later.size }));
    idle();
    if (!page) return;
    const pairs = page.pairs.filter((pair) => !later.has(keyOf(pair)));
    list.replaceChildren(...pairs.slice(0, 20).map(item));
    empty.hidden = pairs.length > 0;
  }

  const keyOf = (pair) => `${pair.first.key} ${pair.second.key}`;

  function side(card) {
    return element(
      "div",
      { class: "side" },
      element("a", { href: `#/${card.key}`, class: "look", "aria-label": `${called(card)}: show the faces` }, mosaic(card)),
      element("p", { class: card.name ? "who" : "who nameless" }, element("bdi", {}, card.name ?? "No name yet")),
      figures(card),
    );
  }

  function item(pair) {
    const both = `${called(pair.first)} and ${called(pair.second)}`;
    const answer = (label, key, run, main) => element("button", { type: "button", class: main ? "main yes" : null, "aria-label": `${label}: ${both}`, "aria-keyshortcuts": key, onclick: () => run(made) }, label);
    const made = element(
      "li",
      { class: "pair", "data-pair": keyOf(pair) },
      element("div", { class: "sides" }, side(pair.first), element("p", { class: "alike" }, pair.alike), side(pair.second)),
      element("div", { class: "row" }, answer("Same person", "y", yes, true), answer("Different", "n", no), answer("Later", "l", wait)),
    );
    made.pair = pair;
    return made;
  }

  async function yes(place) {
    if (await change("merge", { targets: [place.pair.first.key, place.pair.second.key] })) await onward(place);
  }

  async function no(place) {
    if (await change("different", { first: place.pair.first.key, second: place.pair.second.key })) await onward(place);
  }

  async function wait(place) {
    later.add(place.dataset.pair);
    await onward(place);
  }

  async function onward(place) {
    const at = [...list.children].indexOf(place);
    await load();
    const next = list.children[Math.min(at, list.children.length - 1)];
    (next?.querySelector(".yes") ?? head.firstChild).focus();
  }

  function keys(event) {
    const place = document.activeElement.closest?.("li.pair") ?? list.firstElementChild;
    if (event.key.startsWith("Arrow")) step(list, ".yes", { ArrowRight: "ArrowRight", ArrowDown: "ArrowRight" }[event.key] ?? "ArrowLeft");
    else if (event.key === "y" && place) yes(place);
    else if (event.key === "n" && place) no(place);
    else if (event.key === "l" && place) wait(place);
    else return false;
    return true;
  }

  return { title, keys, reload: load, close: () => undefined, ready };
}
