// One person or cluster with all faces, where the user says which are somebody else.

import { attempt, change, get } from "./api.js";
import { ask } from "./ask.js";
import { figures } from "./cards.js";
import { combobox } from "./combobox.js";
import { called, element, face, find } from "./dom.js";
import { paged } from "./paging.js";
import { photo } from "./photo.js";
import { Selection, step } from "./selection.js";

const STANDINGS = { judged: ["You said so", ""], certain: ["Certain", ""], likely: ["Likely", "?"], unknown: ["", ""] };

export function faces(container, { key }) {
  let card = null;
  let order = "date";
  const list = element("ul", { class: "faces", role: "list", "aria-label": "Faces" });
  let pages = begin();
  const head = element("div", { class: "head" });
  const acting = (run) => () => run([...selection.chosen]);
  const selection = new Selection("face", "faces", [
    { label: "Not this person", key: "r", main: true, run: acting(reject) },
    { label: "Someone else…", key: "s", run: acting(someone) },
    { label: "Yes, it is", key: "c", run: acting(confirm) },
    { label: "Split off", key: "p", run: acting(split) },
    { label: "Clear", key: "Escape", run: () => selection.clear(list) },
  ]);
  container.replaceChildren(head, list, pages.more);
  const ready = load();

  async function load() {
    card = await attempt(() => get(`card/${key}`));
    if (!card) return head.replaceChildren(element("h2", { tabindex: "-1" }, "This person no longer exists"), element("p", { class: "lead" }, element("a", { href: "#/people" }, "All people")));
    if (card.key !== key) return location.replace(`#/${card.key}`);
    draw();
    await pages.next();
  }

  function draw() {
    const name = combobox({ label: `Name of ${called(card)}`, value: card.name ?? "", commit: naming });
    const sorting = element(
      "select",
      { "aria-label": "Order of the faces", onchange: () => ((order = sorting.value), refill()) },
      element("option", { value: "date" }, "By date"),
      element("option", { value: "doubt" }, "Least certain first"),
    );
    sorting.value = order;
    const hiding = element("button", { type: "button", onclick: hide, "aria-keyshortcuts": "h" }, card.hidden ? "Show again" : "Hide");
    const back = element("a", { class: "back", href: card.hidden ? "#/hidden" : card.name ? "#/people" : "#/unnamed" }, "← Back");
    head.replaceChildren(
      back,
      element("h2", { tabindex: "-1", class: card.name ? "" : "nameless" }, element("bdi", {}, card.name ?? "Who is this?")),
      figures(card),
      element("div", { class: "controls" }, name.box, sorting, hiding),
    );
    document.title = `${card.name ?? called(card)} · facelib`;
  }

  function item(seen) {
    const [standing, mark] = STANDINGS[seen.judged ? "judged" : seen.standing];
    const spoken = [seen.face ? "Face" : "Person seen without a face", seen.date ? `of ${seen.date}` : "without a date", standing.toLowerCase()].filter(Boolean).join(", ");
    const tick = element("input", { type: "checkbox", "aria-label": `Select: ${spoken}`, onchange: () => selection.toggle(seen.id, tick.checked, made) });
    const small = (label, sign, run) => element("button", { type: "button", title: label, "aria-label": label, onclick: () => run([seen.id]) }, element("span", { "aria-hidden": "true" }, sign));
    const made = element(
      "li",
      { class: "face", "data-id": seen.id },
      element("button", { type: "button", class: "open", "aria-label": `${spoken}. Show the photo`, onclick: () => look(made) }, face(seen.id)),
      element("label", { class: "tick" }, tick),
      mark ? element("span", { class: "mark", title: standing, "aria-hidden": "true" }, mark) : null,
      element("div", { class: "acts" }, small("Not this person", "✕", reject), small("Someone else", "→", someone)),
      seen.date ? element("p", { class: "figures" }, seen.date) : null,
    );
    made.seen = seen;
    return made;
  }

  function look(place) {
    const shown = [...list.children];
    photo(shown.map((each) => each.seen), shown.indexOf(place), { target: key, changed: reload, closed: () => (place.isConnected ? place.querySelector(".open") : head.querySelector("h2")).focus() });
  }

  async function naming(text) {
    const done = await change("name", { target: key, name: text });
    if (!done) return false;
    card = done.card;
    if (card.key !== key) location.replace(`#/${card.key}`);
    else {
      draw();
      head.querySelector("input").focus();
    }
    return true;
  }

  async function hide() {
    if (await change("hide", { targets: [key], hidden: !card.hidden })) await reload();
  }

  // After a change: removes the faces that left; the others keep their position.
  async function settle(done, ids, gone) {
    if (!done) return;
    const places = [...list.children].filter((place) => ids.includes(place.seen.id));
    const next = places.at(-1)?.nextElementSibling ?? places[0]?.previousElementSibling;
    selection.clear(list);
    if (done.card && done.card.key !== key && key[0] === "c") return location.replace(`#/${done.card.key}`);
    if (done.card) card = done.card;
    draw();
    if (gone) {
      places.forEach((place) => place.remove());
      pages.removed(places.length);
      (next?.isConnected ? next.querySelector(".open") : head.querySelector("h2")).focus();
    } else for (const place of places) {
      const made = item({ ...place.seen, judged: true });
      place.replaceWith(made);
      if (place === places.at(-1)) made.querySelector(".open").focus();
    }
  }

  async function reject(ids) {
    await settle(await change("reject", { target: key, faces: ids }), ids, true);
  }

  async function confirm(ids) {
    await settle(await change("confirm", { target: key, faces: ids }), ids, false);
  }

  async function split(ids) {
    await settle(await change("split", { target: key, faces: ids }), ids, true);
  }

  async function someone(ids) {
    const name = await ask("Who is it?", ids.slice(0, 6));
    if (name === null) return;
    const done = await change("someone", { target: key, faces: ids, name });
    await settle(done, ids, done?.given !== key);
  }

  async function refill() {
    const limit = Math.min(200, Math.max(60, list.children.length));
    selection.clear(list);
    pages.close();
    list.replaceChildren();
    const before = pages.more;
    pages = begin();
    before.replaceWith(pages.more);
    await pages.next(limit);
  }

  function begin() {
    return paged(list, async (offset, limit) => ({ items: (await get(`faces/${key}`, { order, offset, limit })).faces.map(item) }));
  }

  async function reload() {
    // Undo may remove the person that is shown.
    const fresh = await get(`card/${key}`).catch(() => null);
    if (!fresh) return (location.hash = "#/unnamed");
    if (fresh.key !== key) return location.replace(`#/${fresh.key}`);
    card = fresh;
    draw();
    await refill();
  }

  function keys(event) {
    const place = document.activeElement.closest?.("li.face");
    const ids = selection.chosen.size ? [...selection.chosen] : place ? [place.seen.id] : [];
    if (event.key.startsWith("Arrow")) step(list, ".open", event.key);
    else if (event.key === "n") head.querySelector("input").focus();
    else if (event.key === "x" && place) place.querySelector("input[type=checkbox]").click();
    else if (event.key === "r" && ids.length) reject(ids);
    else if (event.key === "s" && ids.length) someone(ids);
    else if (event.key === "c" && ids.length) confirm(ids);
    else if (event.key === "h") hide();
    else if (event.key === "Escape" && selection.chosen.size) selection.clear(list);
    else if (event.key === "Escape") location.hash = head.querySelector(".back")?.getAttribute("href") ?? "#/unnamed";
    else return false;
    return true;
  }

  function close() {
    pages.close();
    selection.chosen.clear();
    selection.draw();
    find("bar").hidden = true;
  }

  return { title: "Faces", keys, reload, close, ready };
}
