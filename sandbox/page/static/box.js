// What the boxes of the side panel have in common.

import { h } from "./dom.js";

export const PLATFORMS = { slack: "Slack", discord: "Discord" };

// A heading with its place in the order, one line that says what it is, and what it shows.
export function box(number, title, about, ...children) {
  const id = `inside-${number}`;
  const step = h("span", { class: "step", "aria-hidden": "true" }, String(number));
  return h("section", { class: "box", "aria-labelledby": id }, h("h3", { id }, step, title), h("p", { class: "small" }, about), ...children);
}
