// The grid of people or clusters, where the user names, selects, drags and opens them.

import { change, get } from "./api.js";
import { combobox } from "./combobox.js";
import { called, count, element, face, find } from "./dom.js";
import { tell } from "./notice.js";
import { paged } from "./paging.js";
import { Selection, step } from "./selection.js";

const VIEWS = {
  unnamed: ["Who are they?", "The most frequent people without a name. Type a name under a face and press Enter.", "Everybody has a name."],
  people: ["People", "People with a name. To merge two, select both or drag one onto the other.", "Nobody has a name yet."],
  strangers: ["Strangers", "Faces seen rarely, on one occasion, or always in the same picture: passers-by, waiters, posters. Hide them all, or name those you know.", "No strangers here."],
  hidden: ["Hidden", "Not shown in any list. Nothing is deleted, and you can show anyone again.", "Nobody is hidden."],
};

export function mosaic(card, attributes = {}) {
  const shown = card.cover.length >= 6 ? 6 : card.cover.length >= 4 ? 4 : Math.min(card.cover.length, 2);
  return element("span", { class: `mosaic of-${shown}`, ...attributes }, card.cover.slice(0, shown).map((id) => face(id)));
}

export function figures(card) {
  const parts = [count(card.faces || card.seen, "face"), card.photos === card.faces ? "" : count(card.photos, "photo"), card.years];
  return element("p", { class: "figures" }, parts.filter(Boolean).map((part) => element("span", {}, part)));
}

export function cards(container, { view, words }) {
  const [title, lead, none] = VIEWS[view];
  const list = element("ul", { class: "cards", role: "list", "aria-label": title });
  const empty = element("p", { class: "empty", hidden: true }, words ? "No such name." : none);
  let photos = 2;
  let everyone = null;
  let dragged = [];
  let pages = start();

  const selection = new Selection("person", "people", [
    { label: "Merge", key: "m", least: 2, main: true, run: () => merge([...selection.chosen]) },
    view === "hidden"
      ? { label: "Show again", key: "h", run: () => hide([...selection.chosen], false) }
      : { label: "Hide", key: "h", run: () => hide([...selection.chosen], true) },
    { label: "Clear", key: "Escape", run: () => selection.clear(list) },
  ]);

  const head = element("div", { class: "head" }, element("h2", { tabindex: "-1" }, title), element("p", { class: "lead" }, lead), view === "strangers" ? strangers() : null);
  container.replaceChildren(head, list, empty, pages.more);
  const ready = pages.next();

  function start() {
    return paged(list, async (offset, limit) => {
      const page = await get("cards", { view, words, photos, offset, limit });
      empty.hidden = page.total > 0;
      if (everyone) everyone.textContent = `Hide all ${page.total.toLocaleString("en-GB")}`;
      if (everyone) everyone.hidden = page.total === 0;
      return { total: page.total, items: page.cards.map(item) };
    });
  }

  function strangers() {
    const most = element("select", { "aria-label": "Largest number of photos they are seen in", onchange: () => ((photos = Number(most.value)), reload()) });
    for (const number of [1, 2, 3, 5]) most.append(element("option", { value: number, selected: number === photos }, count(number, "photo")));
    most.value = photos;
    everyone = element("button", { type: "button", class: "main", onclick: async () => (await change("ignore", { photos })) && reload() }, "Hide all");
    return element("p", { class: "controls" }, element("label", {}, "Seen in at most ", most), everyone);
  }

  function item(card) {
    const name = called(card);
    const field = combobox({ label: `Name of ${name}`, value: card.name ?? "", commit: (text) => naming(made, card, text) });
    const tick = element("input", { type: "checkbox", "aria-label": `Select ${name}`, onchange: () => selection.toggle(card.key, tick.checked, made) });
    const made = element(
      "li",
      { class: "card", "data-key": card.key, draggable: "true" },
      element("a", { class: "open", href: `#/${card.key}`, draggable: "false", "aria-label": `${name}: ${count(card.faces, "face")} in ${count(card.photos, "photo")}. Show them` }, mosaic(card)),
      element("label", { class: "tick" }, tick),
      element("div", { class: "line" }, field.box, figures(card)),
    );
    made.card = card;
    return made;
  }

  async function naming(place, card, text) {
    const done = await change("name", { target: card.key, name: text });
    if (!done) return false;
    if (view === "unnamed" || view === "strangers") leave(place, "input[role=combobox]");
    else settle(place, done.card, "input[role=combobox]");
    return true;
  }

  // Removes a card and moves the focus to the next one.
  function leave(place, selector) {
    const next = place.nextElementSibling ?? place.previousElementSibling;
    drop(place);
    if (next) next.querySelector(selector).focus();
    else {
      empty.hidden = false;
      head.firstChild.focus();
    }
    if (list.children.length < 12 && !pages.more.hidden) pages.next();
  }

  function drop(place) {
    selection.toggle(place.dataset.key, false);
    place.remove();
    pages.removed();
  }

  function settle(place, card, selector) {
    for (const other of list.querySelectorAll(`[data-key="${card.key}"]`)) if (other !== place) drop(other);
    const made = item(card);
    place.replaceWith(made);
    made.querySelector(selector).focus();
  }

  async function merge(keys) {
    if (keys.length < 2) return tell("Select two or more to merge them", { failed: true });
    const done = await change("merge", { targets: keys });
    if (!done) return;
    const places = [...list.children].filter((place) => keys.includes(place.dataset.key));
    selection.clear(list);
    const [first, ...rest] = places.sort((one, other) => keys.indexOf(one.dataset.key) - keys.indexOf(other.dataset.key));
    rest.forEach(drop);
    if (view === "unnamed" && done.card.name) leave(first, ".open");
    else if (first) settle(first, done.card, ".open");
  }

  async function hide(keys, hidden) {
    if (!keys.length || !(await change("hide", { targets: keys, hidden }))) return;
    const places = [...list.children].filter((place) => keys.includes(place.dataset.key));
    places.slice(0, -1).forEach(drop);
    selection.clear(list);
    if (places.length) leave(places.at(-1), ".open");
  }

  async function reload() {
    const limit = Math.min(200, Math.max(60, list.children.length));
    const focused = document.activeElement?.closest?.("li")?.dataset.key;
    selection.clear(list);
    pages.close();
    list.replaceChildren();
    const before = pages.more;
    pages = start();
    before.replaceWith(pages.more);
    await pages.next(limit);
    if (focused) list.querySelector(`[data-key="${focused}"] .open`)?.focus();
  }

  const over = (event) => event.target.closest?.("li.card");
  list.addEventListener("dragstart", (event) => {
    const place = over(event);
    if (!place) return;
    dragged = selection.chosen.has(place.dataset.key) ? [...selection.chosen] : [place.dataset.key];
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    place.classList.add("dragged");
  });
  list.addEventListener("dragover", (event) => {
    const place = over(event);
    if (!place || !dragged.length || dragged.includes(place.dataset.key)) return;
    event.preventDefault();
    list.querySelector(".target")?.classList.remove("target");
    place.classList.add("target");
  });
  list.addEventListener("dragleave", (event) => over(event)?.contains(event.relatedTarget) || over(event)?.classList.remove("target"));
  list.addEventListener("drop", (event) => {
    const place = over(event);
    if (!place || !dragged.length) return;
    event.preventDefault();
    merge([place.dataset.key, ...dragged.filter((key) => key !== place.dataset.key)]);
  });
  list.addEventListener("dragend", () => {
    dragged = [];
    for (const place of list.querySelectorAll(".dragged, .target")) place.classList.remove("dragged", "target");
  });

  function keys(event) {
    const place = document.activeElement.closest?.("li.card");
    const chosen = selection.chosen.size ? [...selection.chosen] : place ? [place.dataset.key] : [];
    if (event.key.startsWith("Arrow")) step(list, ".open", event.key);
    else if (event.key === "n" && place) place.querySelector("input[role=combobox]").focus();
    else if (event.key === "x" && place) place.querySelector("input[type=checkbox]").click();
    else if (event.key === "m") merge([...selection.chosen]);
    else if (event.key === "h" && chosen.length) hide(chosen, view !== "hidden");
    else if (event.key === "Escape" && selection.chosen.size) selection.clear(list);
    else return false;
    return true;
  }

  function close() {
    pages.close();
    selection.chosen.clear();
    selection.draw();
    find("bar").hidden = true;
  }

  return { title, keys, reload, close, ready };
}
