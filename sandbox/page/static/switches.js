// Switches with which things are made to go wrong, so that one can watch Parley cope.

import { h } from "./dom.js";
import { post } from "./sandbox.js";

const STORM = 12;
const EDITS = {
  slack: ["chat.update", "chat.postMessage", "chat.appendStream"].map((method) => ({ kind: "call", method, answer: "ratelimited", retry_after: 2, times: STORM / 3 })),
  discord: ["edit_message", "create_message"].map((route) => ({ kind: "call", route, outcome: "ratelimited", retry_after: 2, times: STORM / 2 })),
};

export class Switches {
  constructor() {
    this.slow = h("input", { type: "checkbox", id: "slow-model", onchange: () => this.model({ slow: this.slow.checked }) });
    this.cut = pressed("cut-next", "Cut the next answer", () => this.model({ cut_next: !this.mischief.cut_next }));
    this.refuse = pressed("refuse-next", "Model answers 429 once", () => this.model({ refuse_next: this.mischief.refuse_next ? 0 : 429 }));
    this.said = h("p", { class: "small", role: "status", id: "switches-said" });
    this.mischief = {};
    this.element = h(
      "fieldset",
      { class: "switches" },
      h("legend", {}, "Make it fail"),
      h("label", {}, this.slow, "Slow model"),
      this.cut,
      this.refuse,
      pressed("storm-slack", "429 storm on Slack", () => this.storm("slack", "Slack")),
      pressed("storm-discord", "429 storm on Discord", () => this.storm("discord", "Discord")),
      pressed("drop", "Drop the connections", () => this.drop()),
      this.said,
    );
  }

  show(state) {
    const able = Boolean(state.model?.seen);
    this.mischief = state.model?.mischief ?? {};
    this.slow.checked = Boolean(this.mischief.slow);
    this.cut.setAttribute("aria-pressed", String(Boolean(this.mischief.cut_next)));
    this.refuse.setAttribute("aria-pressed", String(Boolean(this.mischief.refuse_next)));
    for (const control of [this.slow, this.cut, this.refuse]) control.disabled = !able;
  }

  model(wish) {
    return this.tell(post("/_sandbox/mischief", wish), "");
  }

  storm(platform, name) {
    const planned = Promise.all(EDITS[platform].map((fault) => post(`/${platform}/_sandbox/faults`, fault)));
    return this.tell(planned, `The next calls on ${name} that post or edit are refused with 429, ${STORM} in all. Nothing is lost: ask something.`);
  }

  drop() {
    const dropped = Promise.all(["slack", "discord"].map((platform) => post(`/${platform}/_sandbox/faults`, { kind: "drop" })));
    return this.tell(dropped, "Both connections were dropped. Parley connects again and takes up what it missed.");
  }

  async tell(done, sentence) {
    const failed = [await done].flat().find((one) => !one.ok);
    this.said.textContent = failed ? (failed.error ?? "That did not work.") : sentence;
  }
}

function pressed(id, label, onclick) {
  return h("button", { type: "button", id, onclick }, label);
}
