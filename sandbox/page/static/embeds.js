// Discord's embeds: a card with a bar of colour, an author, a title, fields in a grid, pictures, a footer and a time.

import { h, link } from "./dom.js";
import { inline } from "./inline.js";
import { render } from "./markup.js";
import { picture } from "./pictures.js";

const IN_A_ROW = 3;

// `files` finds pictures among the message's own attachments.
export function embed(one, { names, files }) {
  const spoken = (text) => inline(text, "discord", names);
  const shown = (image, alt, more) => image?.url && picture(image.url, image.description ?? alt, files, more);
  const element = h(
    "article",
    { class: "embed", "aria-label": one.title ?? "Embed" },
    h(
      "div",
      { class: "embed-words" },
      one.provider?.name && h("p", { class: "small" }, one.provider.name),
      one.author?.name && h("p", { class: "embed-author" }, shown({ url: one.author.icon_url }, "", { class: "embed-icon" }), linked(one.author.url, [one.author.name])),
      one.title && h("p", { class: "embed-title" }, linked(one.url, spoken(one.title))),
      one.description && h("div", { class: "embed-text" }, render(one.description, "discord", names)),
      rows(one.fields ?? []).map((row) => h("div", { class: `embed-fields of-${row.length}` }, row.map((field) => fieldOf(field, names, spoken)))),
    ),
    shown(one.thumbnail, "thumbnail", { class: "embed-thumbnail" }),
    shown(one.image, "picture", { class: "embed-image" }),
    foot(one, shown),
  );
  if (Number.isInteger(one.color)) element.style.borderLeftColor = `#${one.color.toString(16).padStart(6, "0")}`;
  return element;
}

// Fields that may stand beside each other do, at most three in a row; another has a row of its own.
function rows(fields) {
  const made = [];
  for (const field of fields) {
    const last = made.at(-1);
    if (field.inline && last?.[0].inline && last.length < IN_A_ROW) last.push(field);
    else made.push([field]);
  }
  return made;
}

function fieldOf(field, names, spoken) {
  return h("div", {}, h("p", { class: "embed-name" }, ...spoken(field.name ?? "")), h("div", {}, render(field.value ?? "", "discord", names)));
}

function linked(address, words) {
  return address ? link(address, ...words) : h("span", {}, ...words);
}

function foot(one, shown) {
  const at = one.timestamp ? new Date(one.timestamp) : null;
  const time = at && !Number.isNaN(at.getTime()) ? h("time", { datetime: at.toISOString() }, at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })) : null;
  if (!one.footer?.text && !time) return null;
  return h("p", { class: "embed-foot" }, shown({ url: one.footer?.icon_url }, "", { class: "embed-icon" }), one.footer?.text, one.footer?.text && time && " • ", time);
}
