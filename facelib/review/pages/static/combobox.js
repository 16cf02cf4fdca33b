// A text field that suggests existing names: the combobox of the ARIA Authoring Practices, list autocomplete with manual selection.

import { get, onChange } from "./api.js";
import { element } from "./dom.js";

const MOST = 8;
let names = null;
let numbers = 0;
onChange(() => (names = null));

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

async function matching(text) {
  names ??= get("names").then((answer) => answer.names.map((entry) => ({ ...entry, folded: fold(entry.name) })));
  const wanted = fold(text.trim());
  const known = await names.catch(() => []);
  if (!wanted) return known.slice(0, MOST);
  const starts = known.filter((entry) => entry.folded.startsWith(wanted) || entry.folded.includes(` ${wanted}`));
  const holds = known.filter((entry) => entry.folded.includes(wanted) && !starts.includes(entry));
  return [...starts, ...holds].slice(0, MOST);
}

// `commit(name)` is called on Enter or a choice; without one, the text returns to `value` when the field loses focus.
export function combobox({ label, value = "", placeholder = "Who is this?", commit }) {
  const id = `names-${++numbers}`;
  let options = [];
  let active = -1;
  let kept = value;
  let asked = 0;
  let sending = false;
  const input = element("input", {
    type: "text", role: "combobox", "aria-label": label, "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list",
    autocomplete: "off", autocapitalize: "words", spellcheck: "false", dir: "auto", maxlength: 250, placeholder, value, enterkeyhint: "done",
  });
  const list = element("ul", { id, role: "listbox", "aria-label": "Known names", hidden: true });
  const box = element("div", { class: "combobox" }, input, list);

  function close() {
    asked++;
    list.hidden = true;
    list.replaceChildren();
    options = [];
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  async function open() {
    const mine = ++asked;
    const found = await matching(input.value);
    if (mine !== asked || document.activeElement !== input) return;
    options = found.filter((entry) => entry.name !== kept || input.value !== kept);
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.replaceChildren(
      ...options.map((entry, place) =>
        element(
          "li",
          { role: "option", id: `${id}-${place}`, "aria-selected": "false", onpointerdown: (event) => event.preventDefault(), onclick: () => send(entry.name) },
          element("bdi", {}, entry.name),
          element("span", { class: "figures" }, `${entry.photos}`),
        ),
      ),
    );
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(options.length > 0));
  }

  function go(step) {
    if (!options.length) return open();
    list.children[active]?.setAttribute("aria-selected", "false");
    active = (active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length;
    list.children[active].setAttribute("aria-selected", "true");
    list.children[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", `${id}-${active}`);
  }

  async function send(name) {
    close();
    if (sending) return;
    if (!name.trim() || name === kept) {
      input.value = kept;
      return;
    }
    input.value = name;
    sending = true;
    const done = await commit(name);
    sending = false;
    if (done) kept = name;
    else if (input.isConnected) input.select();
  }

  input.addEventListener("input", open);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => list.hidden && open());
  input.addEventListener("blur", () => {
    close();
    if (!sending) input.value = kept;
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") go(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") send(active >= 0 ? options[active].name : input.value);
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Escape" && input.value !== kept) input.value = kept;
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { box, input };
}
