// What the model was given, word for word, and how its answer came.

import { box } from "./box.js";
import { h } from "./dom.js";

const KEPT = 12;
const FOLDED = 280;
const ENDINGS = { open: "writing …", finished: "finished", refused: "refused", cut: "cut off by the switch", left: "Parley hung up", failed: "the model's server failed" };

export class Asked {
  constructor() {
    this.requests = new Map();
    this.list = h("ol", { class: "asked", id: "asked" });
    this.away = h("p", { class: "note", hidden: true }, "Parley asks this model directly, by the address on which its prices depend; what it is given is not seen here.");
    this.element = box(3, "The model is asked", "The messages that it is given: the system prompt of the channel's persona, then the thread so far.", this.away, this.list);
  }

  clear() {
    this.requests.clear();
    this.list.replaceChildren();
  }

  show(state) {
    this.away.hidden = !state.model || state.model.seen;
  }

  // A new request with its messages, or how far the answer to one is.
  put(event) {
    const known = this.requests.get(event.number);
    const about = { ...known?.about, ...event };
    if (known) {
      known.about = about;
      known.summary.replaceChildren(...summary(about));
      known.item.dataset.ending = about.ending;
    } else if (event.type === "asked") {
      this.begin(about);
    }
  }

  begin(about) {
    for (const { details } of this.requests.values()) if (!details.dataset.kept) details.open = false;
    const head = h("summary", {}, ...summary(about));
    const details = h("details", { open: true }, head, h("ol", { class: "given" }, about.messages.map(message)), tools(about.tools));
    // Who opens one by hand wants it to stay so when the next one comes.
    head.addEventListener("click", () => (details.dataset.kept = details.open ? "" : "yes"));
    const item = h("li", { "data-ending": about.ending }, details);
    this.requests.set(about.number, { about, details, summary: head, item });
    this.list.prepend(item);
    if (this.list.children.length > KEPT) this.list.lastChild.remove();
  }
}

function summary(about) {
  const times = [about.first === null ? "" : `first words after ${about.first.toFixed(2)} s`, about.pieces ? `${about.pieces} pieces` : ""];
  const tokens = about.prompt_tokens === null ? "" : `${about.prompt_tokens} + ${about.completion_tokens} tokens`;
  const messages = about.messages.length === 1 ? "1 message" : `${about.messages.length} messages`;
  return [
    h("span", { class: "pill" }, `${ENDINGS[about.ending] ?? about.ending}${about.status >= 400 ? ` ${about.status}` : ""}`),
    ` ${about.model}, ${messages}`,
    h("span", { class: "small" }, [...times, tokens].filter(Boolean).join(" · ")),
  ];
}

function message({ role, text, calls }) {
  const said = [text, ...calls].filter(Boolean).join("\n");
  const short = said.length > FOLDED;
  const shown = short ? h("details", {}, h("summary", {}, `${said.slice(0, FOLDED)} …`), h("p", {}, said.slice(FOLDED))) : h("p", {}, said);
  return h("li", { class: `role-${role}` }, h("span", { class: "role" }, role), shown);
}

function tools(names) {
  return names.length ? h("p", { class: "small" }, `Tools that it may call: ${names.join(", ")}`) : null;
}
