// A list that grows while the user scrolls; the button does the same without scrolling.

import { attempt, busy, idle } from "./api.js";
import { element } from "./dom.js";

export function paged(list, load, size = 60) {
  let loaded = 0;
  let total = Infinity;
  let running = null;
  let closed = false;
  const more = element("button", { type: "button", class: "more", hidden: true, onclick: () => next() }, "Show more");
  const watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && !more.hidden && next(), { rootMargin: "900px" });
  watch.observe(more);

  function next(limit = size) {
    running ??= run(limit).finally(() => (running = null));
    return running;
  }

  async function run(limit) {
    busy();
    const page = await attempt(() => load(loaded, limit));
    idle();
    if (!page || closed) return;
    list.append(...page.items);
    loaded += page.items.length;
    total = page.total ?? (page.items.length < limit ? loaded : Infinity);
    more.hidden = page.items.length === 0 || loaded >= total;
    if (!more.hidden) queueMicrotask(() => (watch.unobserve(more), watch.observe(more)));
  }

  return {
    more,
    next,
    removed: (number = 1) => (loaded -= number),
    close: () => ((closed = true), watch.disconnect()),
  };
}
