// Slack's interactive elements as they stand in messages, on the Home tab and in modals outside of inputs.

import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { one, overflow, several } from "./picker.js";
import { picture } from "./pictures.js";

const CLOCKS = { datepicker: ["date", "initial_date"], timepicker: ["time", "initial_time"], datetimepicker: ["datetime-local", "initial_date_time"] };
const PLACES = { users_select: "people", conversations_select: "channels", channels_select: "channels" };

// `context` gives: names, and press(action id, chosen?) with {option} or {options} for what has options.
export function element(item, context) {
  if (item.type === "button") return button(item, context);
  if (item.type === "image") return picture(item.image_url, item.alt_text, undefined, { class: "accessory-picture" });
  if (item.type === "overflow") return overflow({ key: item.action_id, options: optionsOf(item, context), send: ([option]) => context.press(item.action_id, { option }) });
  if (CLOCKS[item.type]) return when(item, context);
  if (item.type === "radio_buttons" || item.type === "checkboxes") return boxes(item, context);
  if (/_select$/.test(item.type)) return menu(item, context);
  return h("span", { class: "small" }, `[${item.type}]`);
}

function button(item, { press }) {
  const label = words(item.text) || item.action_id;
  const pressed = { type: "button", class: `press ${item.style ?? ""}`, "data-key": item.action_id, "data-act": `press-${item.action_id}`, "aria-label": item.accessibility_label };
  if (item.url) return h("span", { class: "press link", "data-key": item.action_id }, link(item.url, label));
  return h("button", { ...pressed, onclick: () => press(item.action_id) }, label);
}

function menu(item, context) {
  const options = optionsOf(item, context);
  const about = { key: item.action_id, label: words(item.placeholder) || "Choose …", options };
  if (!item.type.startsWith("multi_")) {
    const chosen = item.initial_option?.value ?? item.initial_user ?? item.initial_channel ?? item.initial_conversation;
    return one({ ...about, chosen, send: ([option]) => context.press(item.action_id, { option }) });
  }
  const chosen = initials(item);
  return several({ ...about, chosen, most: item.max_selected_items, send: (chosenNow) => context.press(item.action_id, { options: chosenNow }) });
}

export function initials(item) {
  return item.initial_options?.map((option) => option.value) ?? item.initial_users ?? item.initial_channels ?? item.initial_conversations ?? [];
}

// The options of a menu as {value, label, description}, those of people and channels from the workspace.
export function optionsOf(item, { names }) {
  const place = PLACES[item.type.replace(/^multi_/, "")];
  if (place) return names[place]();
  const option = (one) => ({ value: one.value, label: words(one.text), description: words(one.description) });
  return item.option_groups ? item.option_groups.map((group) => ({ label: words(group.label), options: group.options.map(option) })) : (item.options ?? []).map(option);
}

function when(item, { press }) {
  const [type, initial] = CLOCKS[item.type];
  const changed = (event) => event.currentTarget.value && press(item.action_id, { option: moment(item, event.currentTarget.value) });
  return h("input", { type, class: "menu", "data-key": item.action_id, "data-act": item.action_id, "aria-label": words(item.placeholder) || "Date", value: shownMoment(item, item[initial]), onchange: changed });
}

// A date and time travel as seconds since 1970, and are shown in the reader's zone.
export function moment(item, value) {
  return item.type === "datetimepicker" ? String(Math.floor(new Date(value).getTime() / 1000)) : value;
}

export function shownMoment(item, value) {
  if (item.type !== "datetimepicker" || !value) return value ?? "";
  const at = new Date((value - new Date(value * 1000).getTimezoneOffset() * 60) * 1000);
  return at.toISOString().slice(0, 16);
}

function boxes(item, context) {
  const single = item.type === "radio_buttons";
  const chosen = single ? [item.initial_option?.value] : initials(item);
  const changed = (event) => {
    const now = [...event.currentTarget.closest("fieldset").querySelectorAll("input:checked")].map((box) => box.value);
    context.press(item.action_id, single ? { option: now[0] } : { options: now });
  };
  const box = (option) => h("label", {}, h("input", { type: single ? "radio" : "checkbox", name: item.action_id, value: option.value, checked: chosen.includes(option.value), onchange: changed }), h("span", {}, option.label, option.description && h("span", { class: "small" }, option.description)));
  return h("fieldset", { class: "boxes", "data-key": item.action_id }, optionsOf(item, context).map(box));
}

// Plain text with its emoji; Slack reads short names in labels too.
export function words(object) {
  return (object?.text ?? "").replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) ?? whole);
}
