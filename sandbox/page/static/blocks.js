// Slack's blocks, in the order in which they stand. Where a message has blocks, Slack shows them and not its text.

import { h } from "./dom.js";
import { element, words } from "./elements.js";
import { render } from "./markup.js";
import { picture } from "./pictures.js";
import { richText } from "./rich_text.js";

// The nodes of the blocks. `context` gives names and press(action id, chosen).
export function renderBlocks(blocks, context) {
  return (blocks ?? []).map((block) => (DRAWN[block.type] ?? unknown)(block, context)).filter(Boolean);
}

export function plain(object, names) {
  if (!object) return "";
  return object.type === "mrkdwn" ? render(object.text ?? "", "mrkdwn", names) : words(object);
}

const DRAWN = {
  section: (block, context) => h("div", { class: "block section", "data-key": block.block_id }, h("div", { class: "words" }, plain(block.text, context.names), fields(block, context)), block.accessory && h("div", { class: "accessory" }, element(block.accessory, context))),
  actions: (block, context) => h("div", { class: "buttons", "data-key": block.block_id }, (block.elements ?? []).map((item) => element(item, context))),
  context_actions: (block, context) => h("div", { class: "buttons quiet", "data-key": block.block_id }, (block.elements ?? []).map((item) => element(item, context))),
  markdown: (block, { names }) => h("div", { class: "block", "data-key": block.block_id }, render(block.text ?? "", "markdown", names)),
  header: (block) => h("p", { class: "heading slack-header", role: "heading", "aria-level": "4" }, words(block.text)),
  context: (block, { names }) => h("div", { class: "block context-line", "data-key": block.block_id }, (block.elements ?? []).map((item) => (item.type === "image" ? picture(item.image_url, item.alt_text, undefined, { class: "context-picture" }) : h("span", {}, plain(item, names))))),
  divider: () => h("hr"),
  image: (block) => h("figure", { class: "block" }, block.title && h("figcaption", { class: "small" }, words(block.title)), picture(block.image_url, block.alt_text)),
  video: (block) => h("p", { class: "block" }, picture(block.video_url, words(block.title) || block.alt_text)),
  file: () => null,
  input: () => null,
  table: (block, { names }) => table(block, names),
  rich_text: (block, { names }) => h("div", { class: "block", "data-key": block.block_id }, richText(block, names)),
  task_card: (block) => task(block),
  plan: (block, context) => h("div", { class: "block plan" }, h("p", {}, words(typeof block.title === "string" ? { text: block.title } : block.title)), renderBlocks(block.tasks, context)),
  card: (block, context) => card(block, context),
};

function unknown(block) {
  return h("p", { class: "small" }, `[${block.type}]`);
}

function fields(block, { names }) {
  return block.fields?.length ? h("div", { class: "fields-grid" }, block.fields.map((field) => h("div", {}, plain(field, names)))) : null;
}

function table(block, names) {
  const [head, ...rest] = block.rows ?? [];
  const aligned = (column) => ["left", "center", "right"].find((side) => side === block.column_settings?.[column]?.align) ?? "left";
  const cell = (tag) => (item, column) => h(tag, { class: aligned(column), scope: tag === "th" ? "col" : null }, item?.type === "rich_text" ? richText(item, names) : (item?.text ?? ""));
  const row = (tag) => (cells) => h("tr", {}, cells.map(cell(tag)));
  if (!head) return null;
  return h("div", { class: "table", tabindex: "0", role: "group", "aria-label": "Table" }, h("table", {}, h("thead", {}, row("th")(head)), h("tbody", {}, rest.map(row("td")))));
}

const STEPS = { pending: "○", in_progress: "◐", complete: "✓", error: "✕" };

function task(block) {
  return h("p", { class: `task ${block.status ?? ""}`, "data-key": `task-${block.task_id}` }, h("span", { "aria-hidden": "true" }, STEPS[block.status] ?? "○"), " ", block.title ?? "", h("span", { class: "hidden" }, ` (${(block.status ?? "pending").replaceAll("_", " ")})`));
}

function card(block, context) {
  const said = (part, tag) => part && h(tag, {}, plain(typeof part === "string" ? { text: part } : part, context.names));
  return h("div", { class: "block card" }, block.hero_image && picture(block.hero_image.image_url, block.hero_image.alt_text), said(block.title, "strong"), said(block.subtitle, "p"), said(block.body, "div"), block.actions?.length && h("div", { class: "buttons" }, block.actions.map((item) => element(item, context))));
}

// The older attachments: a bar of colour beside their text, and previews of links.
export function attachments(message, context) {
  const old = (message.attachments ?? []).filter((one) => one.filename === undefined);
  return old.length ? h("div", { class: "attachments", "data-key": "attachments" }, old.map((one) => attachment(one, context))) : null;
}

function attachment(one, context) {
  const { names } = context;
  const said = (text) => text && render(text, "mrkdwn", names);
  const field = (item) => h("div", { class: item.short ? "short" : "" }, h("strong", {}, item.title ?? ""), h("div", {}, said(item.value)));
  const element = h(
    "div",
    { class: "attachment" },
    one.pretext && h("p", {}, said(one.pretext)),
    one.author_name && h("p", { class: "small" }, one.author_name),
    one.title && h("p", {}, h("strong", {}, one.title)),
    said(one.text),
    one.fields?.length ? h("div", { class: "fields-grid" }, one.fields.map(field)) : null,
    renderBlocks(one.blocks, context),
    one.image_url && picture(one.image_url, one.title ?? one.fallback),
    one.footer && h("p", { class: "small" }, one.footer),
  );
  const named = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" }[one.color] ?? (/^#?[0-9a-f]{6}$/i.test(one.color ?? "") ? `#${one.color.replace("#", "")}` : null);
  if (named) element.style.borderLeftColor = named;
  return element;
}
