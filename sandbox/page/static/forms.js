// Dialogs that the bot opens: Slack's modals and Discord's. Filled in by people, sent back as values by field.

import { h } from "./dom.js";
import { carried } from "./files.js";
import { plain } from "./blocks.js";
import { render } from "./markup.js";

const UPLOAD = 19; // Discord's number for a file upload in a modal

export class Forms {
  // `submit({id, values})` and `close(id)` answer {ok, error?}; `press(id, button)` is for buttons in a form.
  constructor(platform, { submit, close, press, names }) {
    Object.assign(this, { submit, close, press, names });
    this.title = h("h2", { id: `${platform}-form-title` });
    this.fields = h("div", { class: "fields" });
    this.error = h("p", { class: "error", role: "alert", hidden: true });
    this.send = h("button", { type: "submit" }, "Submit");
    this.cancel = h("button", { type: "button", class: "quiet", onclick: () => this.onClose() }, "Cancel");
    const form = h("form", { onsubmit: (event) => this.onSubmit(event) }, this.title, this.fields, this.error, h("div", { class: "row" }, this.send, this.cancel));
    this.element = h("dialog", { id: `${platform}-form`, "aria-labelledby": `${platform}-form-title` }, form);
    this.element.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.onClose();
    });
  }

  // A Slack view or a Discord modal; null hides what is open.
  show(form) {
    if (!form) return this.hide();
    const slack = Array.isArray(form.blocks);
    this.id = form.id ?? form.custom_id;
    this.title.textContent = (slack ? form.title?.text : form.title) ?? "Form";
    const submit = slack ? form.submit?.text : "Submit";
    this.send.hidden = !submit;
    this.send.textContent = submit || "Submit";
    const fields = slack ? form.blocks.map((block) => this.slackField(block)) : form.components.map((part) => this.discordField(part));
    this.fields.replaceChildren(...fields.filter(Boolean));
    this.fail(null);
    if (!this.element.open) this.element.showModal();
  }

  hide() {
    if (this.element.open) this.element.close();
  }

  fail(message) {
    this.error.textContent = message ?? "";
    this.error.hidden = !message;
  }

  slackField(block) {
    if (block.type === "section") return h("div", { class: "block" }, plain(block.text, this.names()));
    if (block.type === "markdown") return h("div", { class: "block" }, render(block.text, "markdown", this.names()));
    if (block.type === "context") return h("div", { class: "small" }, (block.elements ?? []).map((element) => plain(element, this.names())));
    if (block.type === "actions") return h("div", { class: "buttons" }, (block.elements ?? []).filter((element) => element.type === "button").map((element) => this.button(element)));
    if (block.type !== "input") return null;
    const { element } = block;
    return labelled(block.label?.text, block.hint?.text, slackControl(element, !block.optional));
  }

  button(element) {
    return h("button", { type: "button", onclick: () => this.press(this.id, element.action_id) }, element.text?.text ?? element.action_id);
  }

  discordField(component) {
    if (component.type === 10) return h("div", { class: "block" }, render(component.content ?? "", "discord", this.names()));
    const inner = component.component ?? component.components?.[0];
    if (!inner) return null;
    return labelled(component.label ?? inner.label, component.description, discordControl(inner));
  }

  async values() {
    const values = {};
    for (const control of this.fields.querySelectorAll("[data-field]")) {
      const name = control.dataset.field;
      if (control.type === "file") values[name] = await carried(control.files);
      else if (control.type === "checkbox") values[name] = [...(values[name] ?? []), ...(control.checked ? [control.value] : [])];
      else if (control.multiple) values[name] = [...control.selectedOptions].map((option) => option.value);
      else values[name] = control.value;
    }
    return values;
  }

  async onSubmit(event) {
    event.preventDefault();
    const id = this.id;
    const done = await this.submit({ id, values: await this.values() });
    if (!done.ok) this.fail(done.error ?? "That did not work.");
    else if (this.id === id) this.hide();
  }

  async onClose() {
    this.hide();
    await this.close(this.id);
  }
}

function labelled(label, hint, control) {
  if (control instanceof HTMLFieldSetElement) {
    control.prepend(h("legend", {}, label ?? ""));
    return control;
  }
  return h("label", {}, h("span", {}, label ?? ""), control, hint && h("span", { class: "small" }, hint));
}

function slackControl(element, required) {
  const field = { "data-field": element.action_id, required };
  const options = element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
  if (options?.length && element.type === "checkboxes") {
    const chosen = new Set((element.initial_options ?? []).map((option) => option.value));
    const box = (option) => h("label", {}, h("input", { type: "checkbox", "data-field": element.action_id, value: option.value, checked: chosen.has(option.value) }), option.text.text);
    return h("fieldset", {}, options.map(box));
  }
  if (options?.length) {
    const multiple = element.type.startsWith("multi_");
    const chosen = (multiple ? (element.initial_options ?? []) : [element.initial_option]).filter(Boolean).map((option) => option.value);
    const choice = (option) => h("option", { value: option.value, selected: chosen.includes(option.value) }, option.text.text);
    return h("select", { ...field, multiple }, multiple || chosen.length ? null : h("option", { value: "" }, "Choose …"), options.map(choice));
  }
  if (element.type === "file_input") return h("input", { ...field, type: "file", multiple: (element.max_files ?? 10) > 1 });
  const properties = { ...field, maxlength: element.max_length, minlength: element.min_length, placeholder: element.placeholder?.text, value: element.initial_value ?? "" };
  if (element.multiline) return h("textarea", { ...properties, rows: "6" });
  return h("input", { ...properties, type: element.type === "number_input" ? "number" : "text", step: element.is_decimal_allowed ? "any" : null });
}

function discordControl(component) {
  const field = { "data-field": component.custom_id, required: component.required ?? true };
  if (component.options) {
    const choice = (option) => h("option", { value: option.value, selected: Boolean(option.default) }, option.label);
    return h("select", { ...field, multiple: (component.max_values ?? 1) > 1 }, component.options.map(choice));
  }
  if (component.type === UPLOAD) return h("input", { ...field, type: "file", multiple: (component.max_values ?? 1) > 1 });
  const properties = { ...field, maxlength: component.max_length, minlength: component.min_length, placeholder: component.placeholder, value: component.value ?? "" };
  return component.style === 2 ? h("textarea", { ...properties, rows: "6" }) : h("input", { ...properties, type: "text" });
}
