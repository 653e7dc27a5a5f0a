// The guided tour: a few buttons, each of which shows one thing that Parley does, on the platform that one looks at.

import { h } from "./dom.js";
import { Astray, Guide } from "./guide.js";
import { remember, remembered } from "./memory.js";
import { STEPS } from "./steps.js";

const KEPT = "parley-sandbox-tour";
const WELCOME =
  "Parley is a bot that answers in Slack and Discord. This page has a small Slack and a small Discord, with people whom you can be, and a real Parley connected to both. Write anything, or press a button: each shows one thing.";

export class Tour {
  constructor(root, { panes, view, inside, model }) {
    Object.assign(this, { root, panes, view, inside, model });
    this.platform = "slack";
    this.running = false;
    this.state = {};
    this.buttons = STEPS.map((step, number) => h("button", { type: "button", id: `tour-${step.name}`, onclick: () => this.run(step) }, h("span", { class: "step", "aria-hidden": "true" }, String(number + 1)), step.title));
    this.on = h("select", { id: "tour-platform", onchange: () => (this.platform = this.on.value) }, h("option", { value: "slack" }, "on Slack"), h("option", { value: "discord" }, "on Discord"));
    this.scripted = h("button", { type: "button", id: "tour-model", onclick: () => this.useDemo() }, "Use the scripted model");
    this.hint = h("p", { class: "small", id: "tour-hint", hidden: true }, "The tour shows most with the scripted model. ", this.scripted);
    this.said = h("p", { id: "tour-said", role: "status" }, WELCOME);
    root.append(
      h("div", { class: "row" }, ...this.buttons, h("label", { class: "small" }, h("span", { class: "hidden" }, "The tour is shown "), this.on)),
      this.said,
      this.hint,
      h("button", { type: "button", class: "quiet close", id: "tour-close", onclick: () => this.toggle() }, "Close the tour"),
    );
    this.show(!remembered(KEPT).closed);
  }

  toggle() {
    this.show(this.root.hidden);
  }

  show(open) {
    this.root.hidden = !open;
    document.getElementById("show-tour").setAttribute("aria-expanded", String(open));
    remember(KEPT, { closed: !open });
  }

  onState(state) {
    this.state = state;
    this.hint.hidden = !state.model || state.model.kind === "demo";
    this.draw();
  }

  draw() {
    for (const button of this.buttons) button.disabled = this.running || !this.state.bot;
    this.scripted.disabled = this.running;
  }

  async useDemo() {
    this.say("Parley is restarted with the scripted model …");
    const done = await this.model.choose({ kind: "demo" });
    this.say(done.ok ? "The scripted model answers now. Press a step." : done.error);
  }

  say(text, name = "") {
    this.said.textContent = text;
    this.said.dataset.step = name;
  }

  async run(step) {
    this.running = true;
    this.draw();
    this.view.reveal(this.platform);
    this.say(`${step.before} …`, `${step.name} running`);
    const guide = new Guide(this.panes[this.platform], this.inside);
    try {
      await step.run(guide, { state: () => this.state, say: (text) => this.say(text, `${step.name} running`) });
      this.say(step.after, `${step.name} done`);
    } catch (error) {
      if (!(error instanceof Astray)) throw error;
      this.say(`This step did not work: ${error.message}`, `${step.name} failed`);
    } finally {
      this.running = false;
      this.draw();
    }
  }
}
