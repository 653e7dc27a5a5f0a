// The last calls that the bot made, for those who want to see how it talks to the platform.

import { h } from "./dom.js";

const KEPT = 60;

export class Calls {
  constructor(platform) {
    this.count = 0;
    this.summary = h("summary", {}, "API calls");
    this.list = h("ol", { id: `${platform}-calls` });
    this.element = h("details", { class: "calls" }, this.summary, this.list);
  }

  add({ method, status, ok, error }) {
    this.count += 1;
    this.summary.textContent = `API calls (${this.count})`;
    const failed = ok === false || status >= 400;
    this.list.prepend(h("li", { class: failed ? "failed" : "" }, `${status ?? ""} ${method}${error ? `: ${error}` : ""}`.trim()));
    while (this.list.children.length > KEPT) this.list.lastChild.remove();
  }
}
