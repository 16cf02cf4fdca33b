// A dialog that asks for a name.

import { combobox } from "./combobox.js";
import { element, face, find } from "./dom.js";

export function ask(question, faces) {
  const dialog = find("ask");
  const before = document.activeElement;
  return new Promise((resolve) => {
    let given = null;
    const field = combobox({ label: question, placeholder: "Name", commit: (name) => finish(name) });
    const finish = (name) => {
      given = name;
      dialog.close();
      return true;
    };
    const done = () => field.input.value.trim() && finish(field.input.value);
    dialog.replaceChildren(
      element("h2", { id: "ask-title" }, question),
      element("div", { class: "row" }, faces.map((id) => face(id))),
      field.box,
      element(
        "div",
        { class: "row end" },
        element("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
        // Pressing the button must not take the focus from the field, because the field would lose its text.
        element("button", { type: "button", class: "main", onpointerdown: (event) => event.preventDefault(), onclick: done }, "Save name"),
      ),
    );
    dialog.addEventListener(
      "close",
      () => {
        if (before?.isConnected) before.focus();
        resolve(given);
      },
      { once: true },
    );
    dialog.showModal();
    field.input.focus();
  });
}
