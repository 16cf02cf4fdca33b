// Elements are built, never parsed from text, so that a name is always shown as text.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name === "checked" || name === "value" || name === "disabled") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export const find = (id) => document.getElementById(id);

export function count(number, one, many) {
  return number === 1 ? `1 ${one}` : `${number.toLocaleString("en-GB")} ${many ?? one + "s"}`;
}

export function face(id, attributes = {}) {
  // Low priority, so that saving a name never waits for hundreds of faces.
  const image = element("img", { fetchpriority: "low", src: `/face/${id}.jpg`, alt: "", loading: "lazy", decoding: "async", width: 192, height: 192, draggable: "false", ...attributes });
  image.addEventListener("error", () => image.replaceWith(element("span", { class: "lost", title: "The photo is missing" })), { once: true });
  return image;
}

export function called(card) {
  return card.name ?? (card.key[0] === "c" ? `cluster ${card.key.slice(1)}` : `person ${card.key.slice(1)}`);
}
