// Requests to the server. Every failure becomes a sentence.

import { tell } from "./notice.js";
import { find } from "./dom.js";

export class Refused extends Error {}

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Refused("facelib review is not running any more. Start it again and open its new link.");
  }
  const body = await response.json().catch(() => ({ error: `The page cannot read the answer of facelib (${response.status})` }));
  if (!response.ok) throw new Refused([body.error, body.advice].filter(Boolean).join(". "));
  if (body.counts) show(body.counts);
  return body;
}

function show(counts) {
  for (const badge of document.querySelectorAll("[data-count]")) badge.textContent = counts[badge.dataset.count].toLocaleString("en-GB");
}

export function get(path, query = {}) {
  const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  return answer(fetch(`/api/${path}?${words}`));
}

const changed = new Set();
export const onChange = (listener) => changed.add(listener);

// Requests a change. Returns the answer, or null after showing the user why it failed.
export async function change(action, body, { undoable = true } = {}) {
  document.body.setAttribute("aria-busy", "true");
  try {
    const done = await answer(
      fetch(`/api/do/${action}`, { method: "POST", headers: { "Content-Type": "application/json", "X-Facelib": "1" }, body: JSON.stringify(body) }),
    );
    for (const listener of changed) listener(action);
    tell(done.message, { undoable });
    return done;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message, { failed: true });
    return null;
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

// Runs a read request and shows the error, if there is one.
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message, { failed: true });
    return null;
  }
}

export const busy = () => find("main").setAttribute("aria-busy", "true");
export const idle = () => find("main").removeAttribute("aria-busy");
