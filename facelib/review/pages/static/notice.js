// One message at a time, at the foot of the page; screen readers speak it.

import { find } from "./dom.js";

let timer = 0;

export function tell(text, { failed = false, undoable = false } = {}) {
  const notice = find("notice");
  find("notice-text").textContent = text;
  find("spoken").textContent = text;
  for (const inside of document.querySelectorAll("dialog[open] .told")) inside.textContent = text;
  find("notice-undo").hidden = !undoable || failed;
  notice.classList.toggle("failed", failed);
  notice.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(hush, failed ? 15000 : 8000);
}

export function hush() {
  const notice = find("notice");
  // Not removed while it has the focus.
  if (notice.contains(document.activeElement)) timer = setTimeout(hush, 4000);
  else notice.hidden = true;
}

export function close() {
  clearTimeout(timer);
  find("notice").hidden = true;
}
