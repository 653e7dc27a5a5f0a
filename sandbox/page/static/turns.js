// Parley's turns as its own log tells them: where each stands, what happened to it, and what it took.

import { box, PLATFORMS } from "./box.js";
import { h } from "./dom.js";

const KEPT = 20;
const STATES = { waiting: "waiting", running: "claimed", streaming: "streaming", answered: "last words", done: "done", failed: "failed", cancelled: "stopped", refused: "refused", lost: "lease lost", "let go": "let go" };
const STEPS = {
  "engine.accepted": () => "stored as a turn, and acknowledged",
  "worker.claimed": (step, turn) => (turn.attempt > 1 ? `claimed by a worker, attempt ${turn.attempt}` : "claimed by a worker"),
  "engine.posted": () => "its message stands on the platform",
  "model.answered": (step) => `the model has answered, after ${Number(step.seconds).toFixed(1)} s`,
  "tools.called": (step) => `the tool ${step.tool} was called`,
  "spending.over_quota": (step) => `over a quota: ${step.limit}`,
  "answering.model_failed": (step) => `the model failed: ${step.error}`,
  "engine.let_go": (step) => `let go for another process: ${step.why}`,
  "engine.ended": (step, turn) => `ended: ${STATES[turn.state] ?? turn.state}${turn.reason ? ` (${turn.reason})` : ""}`,
};

export class Turns {
  constructor(nameOf) {
    this.nameOf = nameOf;
    this.items = new Map();
    this.known = new Map();
    this.list = h("ol", { class: "turns", id: "turns" });
    const about = "Each message to Parley becomes a turn in its database. One worker holds it by a lease; who dies loses it to another.";
    this.element = box(2, "Turns are worked off", about, this.list);
  }

  clear() {
    this.items.clear();
    this.known.clear();
    this.list.replaceChildren();
  }

  // The newest turn's number, 0 before the first.
  get last() {
    return Math.max(0, ...this.known.keys());
  }

  get(id) {
    return this.known.get(id);
  }

  put(turn) {
    this.known.set(turn.id, turn);
    let item = this.items.get(turn.id);
    if (!item) {
      item = h("li", {}, h("details", {}, h("summary"), h("ol", { class: "steps" })));
      this.items.set(turn.id, item);
      this.list.prepend(item);
      if (this.list.children.length > KEPT) this.list.lastChild.remove();
    }
    item.dataset.state = turn.state;
    item.querySelector("summary").replaceChildren(...this.summary(turn));
    item.querySelector("ol").replaceChildren(...turn.steps.map((step) => drawn(step, turn)));
  }

  summary(turn) {
    const [platform, , channel] = turn.conversation.split(":");
    const name = this.nameOf(platform, channel);
    const where = [name && `in ${name}`, turn.kind && turn.kind.replaceAll("_", " ")].filter(Boolean).join(", ");
    const tokens = turn.prompt_tokens === null ? "" : `${turn.prompt_tokens} + ${turn.completion_tokens} tokens`;
    return [
      h("span", { class: "pill" }, STATES[turn.state] ?? turn.state),
      h("span", { class: `tag ${platform}` }, PLATFORMS[platform] ?? platform),
      ` Turn ${turn.id} ${where}`,
      h("span", { class: "small" }, [turn.attempt > 1 && `attempt ${turn.attempt}`, tokens, turn.cost].filter(Boolean).join(" · ")),
    ];
  }
}

function drawn(step, turn) {
  const said = (STEPS[step.action] ?? ((other) => other.action))(step, turn);
  return h("li", {}, h("time", {}, step.at.slice(11, 23)), ` ${said}`);
}
