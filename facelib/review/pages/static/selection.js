// The selected items, and the bar with the actions for them.

import { count, element, find } from "./dom.js";

export class Selection {
  constructor(noun, plural, actions) {
    this.chosen = new Set();
    this.noun = noun;
    this.plural = plural;
    this.actions = actions;
    this.draw();
  }

  toggle(key, on, item) {
    if (on) this.chosen.add(key);
    else this.chosen.delete(key);
    item?.classList.toggle("chosen", on);
    this.draw();
  }

  clear(container) {
    this.chosen.clear();
    for (const item of container.querySelectorAll(".chosen")) {
      item.classList.remove("chosen");
      item.querySelector("input[type=checkbox]").checked = false;
    }
    this.draw();
  }

  draw() {
    const bar = find("bar");
    bar.hidden = this.chosen.size === 0;
    document.body.classList.toggle("choosing", !bar.hidden);
    bar.replaceChildren(
      element("span", { class: "chosen-count" }, `${count(this.chosen.size, this.noun, this.plural)} selected`),
      ...this.actions
        .filter((action) => this.chosen.size >= (action.least ?? 1))
        .map((action) => element("button", { type: "button", class: action.main ? "main" : null, "aria-keyshortcuts": action.key, onclick: action.run }, action.label)),
    );
  }
}

// Arrow keys in a grid with any number of columns: the nearest cell in that direction gets the focus.
export function step(container, selector, key) {
  const cells = [...container.querySelectorAll(selector)];
  if (!cells.length) return;
  const here = cells.indexOf(document.activeElement.closest("li")?.querySelector(selector));
  if (here < 0) return focus(cells[0]);
  if (key === "ArrowRight" || key === "ArrowLeft") return focus(cells[here + (key === "ArrowRight" ? 1 : -1)]);
  const down = key === "ArrowDown";
  const from = cells[here].getBoundingClientRect();
  const rest = (down ? cells.slice(here + 1) : cells.slice(0, here).reverse()).slice(0, 60);
  const row = rest.find((cell) => Math.abs(cell.getBoundingClientRect().top - from.top) > from.height / 2)?.getBoundingClientRect().top;
  if (row === undefined) return;
  const near = rest.filter((cell) => Math.abs(cell.getBoundingClientRect().top - row) < 8);
  const off = (cell) => Math.abs(cell.getBoundingClientRect().left - from.left);
  focus(near.reduce((best, cell) => (off(cell) < off(best) ? cell : best)));
}

function focus(cell) {
  cell?.focus();
  cell?.scrollIntoView({ block: "nearest" });
}
