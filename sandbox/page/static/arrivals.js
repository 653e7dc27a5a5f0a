// The events that the platforms sent to Parley, the newest first.

import { clock, h } from "./dom.js";
import { box, PLATFORMS } from "./box.js";

const KEPT = 30;

export class Arrivals {
  constructor() {
    this.list = h("ol", { class: "lines", id: "arrivals", tabindex: "0", "aria-label": "Events" });
    this.element = box(1, "Events come in", "What the platforms tell Parley. Each is stored before it is acknowledged.", this.list);
  }

  // The same again is counted: what Parley edits comes back to it as an event each time.
  add(platform, { kind, acked }) {
    const said = `${kind}${acked === false ? " – not acknowledged" : ""}`;
    if (this.last?.said === said && this.last.platform === platform) {
      this.last.times += 1;
      this.last.count.textContent = ` × ${this.last.times}`;
      return;
    }
    const count = h("span", { class: "small" });
    this.last = { said, platform, times: 1, count };
    this.list.prepend(h("li", { class: acked === false ? "failed" : "" }, clock(Date.now() / 1000), h("span", { class: `tag ${platform}` }, PLATFORMS[platform]), ` ${said}`, count));
    while (this.list.children.length > KEPT) this.list.lastChild.remove();
  }
}
