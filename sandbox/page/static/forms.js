// Dialogs that the bot opens: Slack's modals and Discord's. Filled in by people, sent back as values by field.

import { renderBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { complaints, discordField, slackField, valuesOf } from "./fields.js";
import { render } from "./markup.js";
import { patch } from "./patch.js";

const TEXT = 10; // Discord's number for words in a modal

export class Forms {
  // `submit({id, values})` and `close(id)` answer {ok, error?, errors?}; `press(id, button, chosen)` is for what can be pressed in a form.
  constructor(platform, { submit, close, press, names }) {
    Object.assign(this, { platform, submit, close, press, names });
    this.title = h("h2", { id: `${platform}-form-title` });
    this.fields = h("div", { class: "fields" });
    this.error = h("p", { class: "error", role: "alert", hidden: true });
    this.send = h("button", { type: "submit" }, "Submit");
    this.cancel = h("button", { type: "button", class: "cancel", onclick: () => this.onClose() }, "Cancel");
    const cross = h("button", { type: "button", class: "quiet cross", "aria-label": "Close the form", onclick: () => this.onClose() }, "✕");
    const form = h("form", { novalidate: true, onsubmit: (event) => this.onSubmit(event) }, h("header", {}, this.title, cross), this.fields, this.error, h("footer", { class: "row" }, this.cancel, this.send));
    this.element = h("dialog", { id: `${platform}-form`, class: `form of-${platform}`, "aria-labelledby": `${platform}-form-title` }, form);
    this.element.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.onClose();
    });
  }

  // A Slack view or a Discord modal; null hides what is open. One that is open already keeps what was typed in it.
  show(form) {
    if (!form) return this.hide();
    const slack = Array.isArray(form.blocks);
    const known = this.element.open && this.id === (form.id ?? form.custom_id);
    this.id = form.id ?? form.custom_id;
    this.shown = (this.shown ?? 0) + 1;
    this.title.textContent = (slack ? form.title?.text : form.title) ?? "Form";
    const submit = slack ? form.submit?.text : "Submit";
    this.send.hidden = !submit;
    this.send.textContent = submit || "Submit";
    this.cancel.textContent = (slack && form.close?.text) || "Cancel";
    const fresh = h("div", { class: "fields" }, slack ? this.slack(form.blocks) : this.discord(form.components));
    if (known) patch(this.fields, fresh);
    else this.fields.replaceChildren(...fresh.childNodes);
    this.fail(null);
    if (!this.element.open) this.element.showModal();
    if (!known) this.fields.querySelector("[data-field]")?.focus();
  }

  slack(blocks) {
    const context = { names: this.names(), press: (action, chosen) => this.press(this.id, action, chosen) };
    return blocks.flatMap((block) => (block.type === "input" ? slackField(block, context) : renderBlocks([block], context)));
  }

  discord(parts) {
    const context = { names: this.names() };
    const words = (part) => h("div", { class: "block" }, render(part.content ?? "", "discord", context.names));
    return parts.map((part) => (part.type === TEXT ? words(part) : discordField(part, context)));
  }

  hide() {
    if (this.element.open) this.element.close();
    this.id = null;
  }

  // What is wrong, as a whole and by field.
  fail(message, errors = {}) {
    const named = Object.values(errors).filter(Boolean);
    this.error.textContent = message ?? (named.length ? "Please look at the marked fields." : "");
    this.error.hidden = !this.error.textContent;
    for (const place of this.fields.querySelectorAll("[data-error]")) {
      const said = errors[place.dataset.error];
      place.textContent = said ?? "";
      const field = place.closest(".field");
      field.classList.toggle("wrong", Boolean(said));
      const control = field.matches("fieldset") ? field : field.querySelector("[data-field]");
      if (said) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
    this.fields.querySelector(".wrong :is([data-field], input)")?.focus();
  }

  async onSubmit(event) {
    event.preventDefault();
    const { id, shown } = this;
    const wrong = complaints(this.fields, this.platform);
    if (Object.keys(wrong).length) return this.fail(null, wrong);
    this.send.disabled = true;
    const done = await this.submit({ id, values: await valuesOf(this.fields) });
    this.send.disabled = false;
    // An answer that showed something else in its place leaves that open.
    if (done.ok) return this.id === id && this.shown === shown && this.hide();
    return this.fail(done.errors ? null : (done.error ?? "That did not work."), done.errors);
  }

  async onClose() {
    const { id } = this;
    this.hide();
    await this.close(id);
  }
}
