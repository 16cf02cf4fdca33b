// A photo with a box around each person in it, and their names beside it.

import { attempt, change, get } from "./api.js";
import { combobox } from "./combobox.js";
import { element, face, find } from "./dom.js";

// `seen` are the faces of a list, whose photos the user can page through. `target` is the person or cluster of the list.
export function photo(seen, place, { changed, closed }) {
  const dialog = find("photo");
  const photos = seen.map((each) => each.photo).filter((id, k, all) => all.indexOf(id) === k);
  let here = photos.indexOf(seen[place].photo);
  let dirty = false;
  // The messages of the page are behind the dialog. This one is inside, and stays when the dialog is drawn again.
  const told = element("p", { class: "told", role: "status" });

  async function show() {
    const content = await attempt(() => get(`photo/${photos[here]}`));
    if (!content) return dialog.close();
    const image = element("img", { src: `/photo/${content.id}.jpg`, alt: `The photo ${content.file}`, width: content.width, height: content.height });
    image.addEventListener("error", () => stage.classList.add("lost"), { once: true });
    const stage = element("div", { class: "stage" }, image, content.faces.map(box));
    stage.style.setProperty("--ratio", content.width / content.height);
    const step = (label, sign, by) => element("button", { type: "button", "aria-label": label, disabled: !(here + by in photos), onclick: () => go(by) }, sign);
    dialog.replaceChildren(
      element(
        "div",
        { class: "dialog-head" },
        element("h2", { id: "photo-title", tabindex: "-1" }, content.taken_at ? content.taken_at.slice(0, 16).replace("T", ", ") : "No date"),
        element("span", { class: "figures file", title: content.file }, content.present ? content.file : `${content.file} (missing)`),
        step("Previous photo", "‹", -1),
        step("Next photo", "›", 1),
        element("button", { type: "button", "aria-label": "Close", onclick: () => dialog.close() }, "×"),
      ),
      told,
      element("div", { class: "photo" }, element("div", { class: "frame" }, stage), element("ul", { class: "seen", "aria-label": "Who is in it" }, content.faces.map(row))),
    );
    dialog.querySelector("h2").focus();
  }

  function box(each, k) {
    const made = element("button", { type: "button", class: `box ${each.standing}`, "data-face": each.id, "aria-label": `${each.name ?? "Unnamed person"}: go to the name`, onclick: () => dialog.querySelector(`[data-row="${each.id}"] input`).focus() }, element("bdi", {}, each.name ?? `${k + 1}`));
    const [x0, y0, x1, y1] = each.box;
    Object.assign(made.style, { left: `${100 * x0}%`, top: `${100 * y0}%`, width: `${100 * (x1 - x0)}%`, height: `${100 * (y1 - y0)}%` });
    return made;
  }

  function row(each, k) {
    const named = each.name ?? `number ${k + 1}`;
    const field = combobox({ label: `Who is ${named}?`, value: each.name ?? "", placeholder: `${k + 1}: who is this?`, commit: (name) => naming(each, name) });
    const light = (on) => () => dialog.querySelector(`[data-face="${each.id}"]`)?.classList.toggle("lit", on);
    const not = each.person && element("button", { type: "button", title: "Not this person", "aria-label": `Not ${named}`, onclick: () => act("reject", { target: each.person, faces: [each.id] }) }, element("span", { "aria-hidden": "true" }, "✕"));
    return element("li", { "data-row": each.id, onpointerenter: light(true), onpointerleave: light(false), onfocusin: light(true), onfocusout: light(false) }, face(each.id), field.box, not);
  }

  // Naming an unnamed person names its whole cluster; renaming a named one corrects this photo only.
  function naming(each, name) {
    const group = each.person ?? (each.cluster === null ? null : `c${each.cluster}`);
    return each.name === null && group ? act("name", { target: group, name }) : act("someone", { target: each.person, faces: [each.id], name });
  }

  async function act(action, body) {
    if (!(await change(action, body))) return false;
    dirty = true;
    await show();
    return true;
  }

  function go(by) {
    if (!(here + by in photos)) return;
    here += by;
    show();
  }

  dialog.onkeydown = (event) => {
    if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowRight") go(1);
    if (event.key === "ArrowLeft") go(-1);
  };
  dialog.addEventListener(
    "close",
    async () => {
      dialog.replaceChildren();
      if (dirty) await changed();
      closed();
    },
    { once: true },
  );
  dialog.showModal();
  show();
}
