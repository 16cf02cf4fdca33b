// The open view, and the keys that work in every view.

import { change } from "./api.js";
import { cards } from "./cards.js";
import { find } from "./dom.js";
import { faces } from "./faces.js";
import { close as closeNotice } from "./notice.js";
import { same } from "./same.js";

const VIEWS = ["unnamed", "people", "same", "strangers", "hidden"];
const main = find("main");
const search = find("search");
let view = null;

async function open({ focus = true } = {}) {
  const name = location.hash.replace(/^#\//, "") || "unnamed";
  view?.close();
  main.replaceChildren();
  window.scrollTo(0, 0);
  if (/^[cp]\d+$/.test(name)) view = faces(main, { key: name });
  else if (name === "same") view = same(main);
  else view = cards(main, { view: VIEWS.includes(name) ? name : "unnamed", words: search.value.trim() });
  const mine = view;
  document.title = `${view.title} · facelib`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === (location.hash || "#/unnamed")) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else link.removeAttribute("aria-current");
  }
  await view.ready;
  if (focus && view === mine) main.querySelector("h2")?.focus({ preventScroll: true });
}

async function undo() {
  if (await change("undo", {}, { undoable: false })) await view.reload();
}

let typing = 0;
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const here = location.hash.replace(/^#\//, "");
    if (search.value.trim() && here !== "people" && here !== "hidden") history.replaceState(null, "", "#/people");
    open({ focus: false });
  }, 200);
});
search.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  search.value = "";
  search.blur();
  open();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea")) {
    // Moves the focus from the field to its card, so that the single keys work again.
    if (event.key === "Escape" && event.target.role === "combobox") event.target.closest("li")?.querySelector(".open")?.focus() ?? event.target.blur();
    return;
  }
  if (event.key === "?") find("keys").showModal();
  else if (event.key === "/") search.focus();
  else if (event.key === "u") undo();
  else if (/^[1-5]$/.test(event.key)) location.hash = `#/${VIEWS[event.key - 1]}`;
  else if (!view?.keys(event)) return;
  event.preventDefault();
});

find("skip").addEventListener("click", () => (main.querySelector(".open, .yes") ?? main).focus());
find("undo").addEventListener("click", undo);
find("help").addEventListener("click", () => find("keys").showModal());
find("notice-undo").addEventListener("click", () => (closeNotice(), undo()));
find("notice-close").addEventListener("click", closeNotice);
window.addEventListener("hashchange", () => open());
open({ focus: false });
