// The calls that Parley makes to the platforms, and what each of their limits still allows.

import { box, PLATFORMS } from "./box.js";
import { clock, h } from "./dom.js";

const KEPT = 80;
const BUDGETS = 5;
const TICK = 500;

export class Calls {
  constructor(nameOf) {
    this.nameOf = nameOf;
    this.count = 0;
    this.refused = 0;
    this.budgets = new Map();
    this.summary = h("p", { class: "small", id: "calls-count" }, "No calls yet.");
    this.meters = h("ul", { class: "budgets", id: "budgets", "aria-label": "What the limits still allow" });
    this.list = h("ol", { class: "lines", id: "calls", tabindex: "0", "aria-label": "Calls" });
    const about = "A reply is posted once and then edited in place, as often as the platform's limits allow.";
    this.element = box(4, "The platforms are called", about, this.summary, this.meters, this.list);
    setInterval(() => this.refill(), TICK);
  }

  add(platform, call) {
    this.count += 1;
    if (call.status === 429) this.refused += 1;
    this.summary.textContent = `${this.count} calls, ${this.refused} of them refused with 429`;
    if (call.budget) this.limit(platform, call);
    const failed = call.ok === false || call.status >= 400;
    const place = this.nameOf(platform, call.channel);
    const said = `${call.status || ""} ${call.method}${place ? ` in ${place}` : ""}${call.error ? `: ${call.error}` : ""}`.trim();
    this.list.prepend(h("li", { class: failed ? "failed" : "" }, clock(call.at), h("span", { class: `tag ${platform}` }, PLATFORMS[platform]), ` ${said}`));
    while (this.list.children.length > KEPT) this.list.lastChild.remove();
  }

  // The limit that the call counted against: on Discord one for each channel, on Slack one for each method.
  limit(platform, call) {
    const method = call.name ?? call.method;
    const place = platform === "discord" ? (this.nameOf(platform, call.channel) ?? "") : "";
    const key = `${platform} ${method} ${place}`;
    const label = `${PLATFORMS[platform]} ${method}${place ? ` in ${place}` : ""}`;
    const known = this.budgets.get(key) ?? { label, platform, meter: h("meter", { min: "0", "aria-label": label }), left: h("span", { class: "small" }) };
    known.item ??= h("li", {}, h("span", {}, label), known.meter, known.left);
    Object.assign(known, { budget: call.budget, at: performance.now() });
    this.budgets.delete(key);
    this.budgets.set(key, known);
    this.meters.replaceChildren(...[...this.budgets.values()].slice(-BUDGETS).reverse().map(({ item }) => item));
    refilled(known);
  }

  refill() {
    for (const known of [...this.budgets.values()].slice(-BUDGETS)) refilled(known);
  }
}

// Slack's limits refill one call at a time, Discord's all at once.
function refilled({ platform, budget, at, meter, left }) {
  const seconds = (performance.now() - at) / 1000;
  const now = platform === "slack" ? Math.min(budget.of, budget.left + Math.floor(seconds / budget.seconds)) : seconds > budget.seconds ? budget.of : budget.left;
  meter.max = budget.of;
  meter.low = budget.of / 3;
  meter.value = now;
  left.textContent = `${now} of ${budget.of} left`;
}
