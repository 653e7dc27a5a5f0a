// Discord's components in messages: rows of buttons, menus, and the layouts that stand in place of a text.

import { h, link } from "./dom.js";
import { render } from "./markup.js";
import { one, several } from "./picker.js";
import { picture } from "./pictures.js";

const [ROW, BUTTON, STRINGS, USERS, ROLES, MENTIONABLES, CHANNELS] = [1, 2, 3, 5, 6, 7, 8];
const [SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER] = [9, 10, 11, 12, 13, 14, 17];
const LAYOUT = new Set([SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER]);
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 6: "primary" };
const LINK = 5;
export const MENUS = new Set([STRINGS, USERS, ROLES, MENTIONABLES, CHANNELS]);

// Whether the components carry the message's text themselves.
export function isLayout(components) {
  return Boolean(components?.some((part) => LAYOUT.has(part.type)));
}

// `context` gives: names, files, and press(custom id, chosen?) with {values} for menus.
export function renderComponents(components, context) {
  return (components ?? []).map((part) => drawn(part, context)).filter(Boolean);
}

function drawn(part, context) {
  const inside = () => renderComponents(part.components, context);
  switch (part.type) {
    case ROW:
      return h("div", { class: "buttons", "data-key": `row-${part.id}` }, inside());
    case BUTTON:
      return button(part, context);
    case TEXT:
      return h("div", { class: "block", "data-key": `text-${part.id}` }, render(part.content ?? "", "discord", context.names));
    case SECTION:
      return h("div", { class: "section" }, h("div", { class: "words" }, inside()), part.accessory && h("div", { class: "accessory" }, drawn(part.accessory, context)));
    case THUMBNAIL:
      return picture(part.media?.url, part.description ?? "thumbnail", context.files, { class: "embed-thumbnail" });
    case GALLERY:
      return h("div", { class: "gallery" }, (part.items ?? []).map((item) => picture(item.media?.url, item.description ?? "picture", context.files)));
    case FILE:
      return null; // its attachment stands under the message
    case SEPARATOR:
      return part.divider === false ? h("div", { class: "gap" }) : h("hr");
    case CONTAINER:
      return container(part, inside());
    default:
      return MENUS.has(part.type) ? menu(part, context) : null;
  }
}

function container(part, inside) {
  const element = h("div", { class: "embed container" }, inside);
  if (Number.isInteger(part.accent_color)) element.style.borderLeftColor = `#${part.accent_color.toString(16).padStart(6, "0")}`;
  return element;
}

function button(part, { press }) {
  const sign = part.emoji?.name && h("span", { class: "sign" }, part.emoji.id ? `:${part.emoji.name}:` : part.emoji.name);
  const label = [sign, part.label].filter(Boolean);
  if (part.style === LINK) return h("span", { class: "press link", "data-key": `link-${part.id}` }, link(part.url ?? "", ...label), " ↗");
  const about = { type: "button", class: `press ${STYLES[part.style] ?? ""}`, disabled: Boolean(part.disabled), "data-key": part.custom_id, "data-act": `press-${part.custom_id}` };
  return h("button", { ...about, onclick: () => press(part.custom_id) }, label);
}

function menu(part, context) {
  const least = part.min_values ?? 1;
  const most = part.max_values ?? 1;
  const send = (values) => context.press(part.custom_id, { values });
  const { options, chosen } = choices(part, context.names);
  const shared = { key: part.custom_id, label: part.placeholder || "Make a selection", options, disabled: part.disabled, send };
  return most === 1 && least === 1 ? one({ ...shared, chosen: chosen[0] }) : several({ ...shared, chosen, least, most });
}

// What a menu offers, as {value, label, description}, and what is chosen in it.
export function choices(part, names) {
  const given = (part.default_values ?? []).map((value) => value.id);
  if (part.type === USERS) return { options: names.people(), chosen: given };
  if (part.type === ROLES) return { options: names.roles(), chosen: given };
  if (part.type === CHANNELS) return { options: names.channels(), chosen: given };
  if (part.type === MENTIONABLES) return { options: [...names.people(), ...names.roles()], chosen: given };
  const sign = (option) => (option.emoji?.name && !option.emoji.id ? `${option.emoji.name} ` : "");
  const options = (part.options ?? []).map((option) => ({ value: option.value, label: sign(option) + option.label, description: option.description }));
  return { options, chosen: (part.options ?? []).filter((option) => option.default).map((option) => option.value) };
}
