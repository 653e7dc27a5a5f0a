// Where a person writes: a message, an answer, a change of an earlier message, or a command.

import { h } from "./dom.js";
import { carried } from "./files.js";

export class Composer {
  // `send({text, files, context})` answers {ok, error?}; a context is {kind: "reply" | "edit", message, label}.
  constructor(platform, { send }) {
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
    this.files = h("input", { type: "file", id: `${platform}-files`, multiple: true, "aria-label": "Files to send along" });
    this.error = h("p", { id: `${platform}-error`, class: "error", role: "alert", hidden: true });
    this.element = h(
      "form",
      { class: "composer", onsubmit: (event) => this.onSubmit(event) },
      this.bar,
      h("div", { class: "row" }, this.text, h("button", { type: "submit", id: `${platform}-send` }, "Send")),
      this.files,
      this.error,
    );
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

  onKey(event) {
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
    const files = await carried(this.files.files);
    if (!text && !files.length) return;
    const context = this.context;
    this.text.value = "";
    this.files.value = "";
    this.fail(null);
    // A thread goes on until it is left; a change or an answer on Discord is one message.
    if (context && !context.stays) this.setContext(null);
    const done = await this.send({ text, files, context });
    if (done.ok) return;
    this.fail(done.error ?? "That did not work.");
    if (!this.text.value) this.text.value = text;
  }
}
