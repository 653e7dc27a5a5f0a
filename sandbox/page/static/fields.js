// The fields of a form, as both platforms have them: each with its label, hint and complaint, and its value as sent.

import { initials, moment, optionsOf, shownMoment, words } from "./elements.js";
import { choices, MENUS } from "./components.js";
import { carried } from "./files.js";
import { h } from "./dom.js";

const [TEXT_INPUT, UPLOAD, RADIOS, BOXES, BOX] = [4, 19, 21, 22, 23]; // Discord's numbers of a modal's parts
const CLOCKS = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };
const TYPES = { number_input: "number", email_text_input: "email", url_text_input: "url" };
const MISSING = { slack: "Please complete this required field.", discord: "This field is required." };

// An input block of a Slack modal.
export function slackField(block, context) {
  const { element } = block;
  return field({ key: block.block_id ?? element.action_id, label: words(block.label), hint: words(block.hint), optional: block.optional }, slackControl(element, !block.optional, context));
}

// A part of a Discord modal that can be filled in; null where there is nothing to fill in.
export function discordField(part, context) {
  const inner = part.component ?? part.components?.[0];
  if (!inner) return null;
  const required = inner.required ?? true;
  return field({ key: inner.custom_id, label: part.label ?? inner.label, hint: part.description, optional: !required }, discordControl(inner, required, context));
}

function field({ key, label, hint, optional }, control) {
  const id = `field-${key}`.replace(/\s/g, "_");
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  const below = [hint && h("p", { class: "small hint", id: `${id}-hint` }, hint), h("p", { class: "error", id: `${id}-error`, "data-error": key })];
  const title = [label ?? "", optional ? h("span", { class: "small" }, " (optional)") : h("span", { class: "required", "aria-hidden": "true" }, " *")];
  if (control.tagName === "FIELDSET") {
    control.prepend(h("legend", {}, title));
    control.setAttribute("aria-describedby", described);
    control.append(...below.filter(Boolean));
    control.dataset.key = key;
    control.classList.add("field");
    return control;
  }
  control.id = id;
  control.setAttribute("aria-describedby", described);
  return h("div", { class: "field", "data-key": key }, h("label", { for: id }, title), control, below);
}

function slackControl(element, required, context) {
  const about = { "data-field": element.action_id, "data-kind": element.type, required };
  if (element.type === "checkboxes" || element.type === "radio_buttons") {
    const chosen = element.type === "checkboxes" ? initials(element) : [element.initial_option?.value];
    return boxes(about, element.type === "checkboxes" ? "checkbox" : "radio", optionsOf(element, context), chosen);
  }
  if (/_select$/.test(element.type)) {
    const several = element.type.startsWith("multi_");
    const chosen = several ? initials(element) : [element.initial_option?.value ?? element.initial_user ?? element.initial_channel ?? element.initial_conversation];
    return several ? boxes(about, "checkbox", flat(optionsOf(element, context)), chosen) : menu(about, optionsOf(element, context), chosen[0], words(element.placeholder));
  }
  if (CLOCKS[element.type]) {
    const given = element.initial_date ?? element.initial_time ?? element.initial_date_time;
    return h("input", { ...about, type: CLOCKS[element.type], value: shownMoment(element, given) });
  }
  if (element.type === "file_input") return h("input", { ...about, type: "file", multiple: (element.max_files ?? 10) > 1, accept: element.filetypes?.map((ending) => `.${ending}`).join(",") });
  return slackText(element, about);
}

function slackText(element, about) {
  const limits = { maxlength: element.max_length, minlength: element.min_length, placeholder: words(element.placeholder) || null };
  const shared = { ...about, ...limits, value: element.initial_value ?? "" };
  if (element.multiline) return h("textarea", { ...shared, rows: "6" });
  const numbers = { min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : null };
  return h("input", { ...shared, ...numbers, type: TYPES[element.type] ?? "text" });
}

function discordControl(part, required, { names }) {
  const about = { "data-field": part.custom_id, "data-kind": part.type, required };
  if (part.type === UPLOAD) return h("input", { ...about, type: "file", multiple: (part.max_values ?? 1) > 1 });
  if (part.type === BOX) return boxes({ ...about, required: false }, "checkbox", [{ value: "true", label: "Yes" }], part.default ? ["true"] : []);
  if (part.type === RADIOS || part.type === BOXES) return boxes(about, part.type === RADIOS ? "radio" : "checkbox", choices(part, names).options, choices(part, names).chosen, part.max_values);
  if (MENUS.has(part.type)) {
    const { options, chosen } = choices(part, names);
    const most = part.max_values ?? 1;
    return most > 1 ? boxes(about, "checkbox", options, chosen, most) : menu(about, options, chosen[0], part.placeholder);
  }
  const limits = { maxlength: part.max_length, minlength: part.min_length, placeholder: part.placeholder, value: part.value ?? "" };
  return part.type === TEXT_INPUT && part.style === 2 ? h("textarea", { ...about, ...limits, rows: "6" }) : h("input", { ...about, ...limits, type: "text" });
}

function flat(options) {
  return options.flatMap((option) => option.options ?? [option]);
}

function menu(about, options, chosen, placeholder) {
  const choice = (option) => h("option", { value: option.value, selected: option.value === chosen }, option.label);
  const empty = chosen === undefined || !about.required ? h("option", { value: "" }, placeholder || "Choose …") : null;
  return h("select", about, empty, options.map((option) => (option.options ? h("optgroup", { label: option.label }, option.options.map(choice)) : choice(option))));
}

function boxes({ required, ...about }, type, options, chosen, most = options.length) {
  const limited = (event) => {
    const list = event.currentTarget.closest("fieldset");
    if (type === "checkbox" && list.querySelectorAll("input:checked").length > most) event.currentTarget.checked = false;
  };
  const box = (option) => h("label", { "data-key": option.value }, h("input", { type, name: about["data-field"], value: option.value, checked: chosen.includes(option.value), onchange: limited }), h("span", {}, option.label, option.description && h("span", { class: "small" }, option.description)));
  return h("fieldset", { ...about, class: "boxes", "data-required": required || null }, options.map(box));
}

// What is filled in, by field. A menu in which nothing is chosen sends nothing.
export async function valuesOf(fields) {
  const values = {};
  for (const control of fields.querySelectorAll("[data-field]")) {
    const value = await valueOf(control);
    if (value !== undefined) values[control.dataset.field] = value;
  }
  return values;
}

async function valueOf(control) {
  const { kind } = control.dataset;
  if (control.type === "file") return carried(control.files);
  if (control.tagName === "FIELDSET") {
    const chosen = [...control.querySelectorAll("input:checked")].map((box) => box.value);
    if (Number(kind) === BOX) return chosen.length > 0;
    return kind === "radio_buttons" || Number(kind) === RADIOS ? chosen[0] : chosen;
  }
  if (CLOCKS[kind] || control.tagName === "SELECT") return control.value ? moment({ type: kind }, control.value) : undefined;
  return control.value;
}

// The complaint of each field that is not filled in as it must be, by the field's key.
export function complaints(fields, platform) {
  const found = {};
  for (const control of fields.querySelectorAll("[data-field]")) {
    const said = complaint(control, platform);
    if (said) found[control.closest("[data-key].field").dataset.key] = said;
  }
  return found;
}

function complaint(control, platform) {
  if (control.tagName === "FIELDSET") return control.hasAttribute("data-required") && !control.querySelector("input:checked") ? MISSING[platform] : null;
  const { validity } = control;
  if (validity.valid) return null;
  return validity.valueMissing ? MISSING[platform] : control.validationMessage;
}
