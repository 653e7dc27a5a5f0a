// Lists from which one or several are chosen, in a message: Slack's and Discord's menus.

import { h } from "./dom.js";

// One of several, sent as soon as it is chosen. An option is {value, label, description?}.
export function one({ key, label, options, chosen, disabled, send }) {
  const choice = (option) => h("option", { value: option.value, selected: option.value === chosen }, option.description ? `${option.label} — ${option.description}` : option.label);
  const choose = (event) => event.currentTarget.value && send([event.currentTarget.value]);
  const empty = h("option", { value: "", disabled: chosen !== undefined, hidden: true, selected: chosen === undefined }, label);
  return h("select", { class: "menu", "data-key": key, "data-act": key, "aria-label": label, disabled: Boolean(disabled), onchange: choose }, empty, grouped(options, choice));
}

// Several: they are sent together when the list closes, as on both platforms, if they changed and are enough.
export function several({ key, label, options, chosen = [], least = 0, most = Infinity, disabled, send }) {
  const box = (option) =>
    h("label", {}, h("input", { type: "checkbox", value: option.value, checked: chosen.includes(option.value), onchange: (event) => bounded(event.currentTarget, most) }), h("span", {}, option.label, option.description && h("span", { class: "small" }, option.description)));
  const closed = (event) => {
    const list = event.currentTarget;
    const now = picked(list);
    if (list.open || now.join("\n") === (list.sent ?? chosen).join("\n") || now.length < least) return;
    list.sent = now;
    send(now);
  };
  const left = (event) => event.currentTarget.contains(event.relatedTarget) || event.currentTarget.removeAttribute("open");
  const escaped = (event) => {
    if (event.key !== "Escape") return;
    event.currentTarget.removeAttribute("open");
    event.currentTarget.querySelector("summary").focus();
  };
  if (disabled) return h("span", { class: "menu", "data-key": key }, label);
  return h("details", { class: "several", "data-key": key, ontoggle: closed, onfocusout: left, onkeydown: escaped }, h("summary", { class: "menu", "data-act": key }, label), h("div", { class: "options", role: "group", "aria-label": label }, grouped(options, box)));
}

// Slack's “⋯”: each entry is a press.
export function overflow({ key, options, send }) {
  const press = (option) => (event) => {
    event.currentTarget.closest("details").removeAttribute("open");
    send([option.value]);
  };
  const entry = (option) => h("button", { type: "button", onclick: press(option) }, option.label);
  const left = (event) => event.currentTarget.contains(event.relatedTarget) || event.currentTarget.removeAttribute("open");
  return h("details", { class: "overflow several", "data-key": key, onfocusout: left }, h("summary", { class: "menu", "aria-label": "More actions", "data-act": key }, "⋯"), h("div", { class: "options" }, options.map(entry)));
}

export function picked(list) {
  return [...list.querySelectorAll("input:checked")].map((box) => box.value);
}

function grouped(options, make) {
  return options.map((option) => (option.options ? groupOf(option, make) : make(option)));
}

function groupOf(group, make) {
  const inside = group.options.map(make);
  return inside[0]?.tagName === "OPTION" ? h("optgroup", { label: group.label }, inside) : h("div", { role: "group", "aria-label": group.label }, h("p", { class: "small" }, group.label), inside);
}

function bounded(box, most) {
  const list = box.closest("details, fieldset");
  if (picked(list).length > most) box.checked = false;
}
