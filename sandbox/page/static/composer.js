// Where a person writes: a message, an answer, a change of an earlier message, or a command.

import { h } from "./dom.js";
import { carried } from "./files.js";
import { Suggestions } from "./suggestions.js";
import { Tray } from "./tray.js";

export class Composer {
  // `send({text, files, context})` answers {ok, error?}; a context is {kind: "reply" | "edit", message, label}. What
  // `offer(text)` answers is suggestions.js's.
  constructor(platform, { send, offer = () => null }) {
    this.send = send;
    this.context = null;
    this.text = h("textarea", {
      id: `${platform}-text`,
      rows: "2",
      "aria-label": "Message",
      autocomplete: "off",
      onkeydown: (event) => this.onKey(event),
    });
    this.about = h("span", { id: `${platform}-context` });
    this.bar = h("div", { class: "context", hidden: true }, this.about, h("button", { type: "button", class: "quiet", id: `${platform}-cancel`, onclick: () => this.setContext(null) }, "Cancel"));
    this.tray = new Tray(platform);
    this.suggestions = new Suggestions(this.text, `${platform}-suggestions`, offer);
    this.error = h("p", { id: `${platform}-error`, class: "error", role: "alert", hidden: true });
    this.element = h(
      "form",
      { class: "composer", onsubmit: (event) => this.onSubmit(event) },
      this.bar,
      this.suggestions.element,
      this.tray.element,
      h("div", { class: "row" }, this.tray.button, this.tray.input, this.text, h("button", { type: "submit", id: `${platform}-send` }, "Send")),
      this.error,
    );
    this.tray.pastedInto(this.text);
    this.tray.droppedOn(this.element);
  }

  placeholder(text) {
    this.text.placeholder = text;
  }

  // What the next text is about; null for a plain message.
  setContext(context, text = "") {
    this.context = context;
    this.bar.hidden = !context;
    this.about.textContent = context?.label ?? "";
    this.text.value = text;
    this.text.focus();
  }

  fail(message) {
    this.error.textContent = message ?? "";
    this.error.hidden = !message;
  }

  // Files dropped anywhere on this element are attached.
  dropsOn(element) {
    this.tray.droppedOn(element);
  }

  onKey(event) {
    if (this.suggestions.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.element.requestSubmit();
    } else if (event.key === "Escape" && this.context) {
      this.setContext(null);
    }
  }

  async onSubmit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    const chosen = this.tray.taken();
    if (!text && !chosen.length) return;
    const context = this.context;
    this.text.value = "";
    this.suggestions.close();
    this.fail(null);
    // A thread goes on until it is left; a change or an answer on Discord is one message.
    if (context && !context.stays) this.setContext(null);
    const done = await this.send({ text, files: await carried(chosen), context });
    if (done.ok) return;
    this.fail(done.error ?? "That did not work.");
    if (this.text.value || this.tray.files.length) return;
    this.text.value = text;
    this.tray.add(chosen);
  }
}
