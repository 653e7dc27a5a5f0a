// Slack's blocks, as far as bots use them. Where a message has blocks, Slack shows them and not the text.

import { h } from "./dom.js";
import { render } from "./markup.js";

const ELSEWHERE = new Set(["rich_text", "actions", "input"]);

// The nodes of the blocks, or null where the text says it all (what people type comes as rich_text beside it).
export function renderBlocks(blocks, names) {
  if (!blocks?.some((block) => !ELSEWHERE.has(block.type))) return null;
  return blocks.map((block) => (DRAWN[block.type] ?? unknown)(block, names)).filter(Boolean);
}

export function plain(object, names) {
  if (!object) return "";
  return render(object.text ?? "", object.type === "mrkdwn" ? "mrkdwn" : "plain", names);
}

const DRAWN = {
  section: (block, names) =>
    h("div", { class: "block" }, plain(block.text, names), (block.fields ?? []).map((field) => h("div", {}, plain(field, names)))),
  markdown: (block, names) => h("div", { class: "block" }, render(block.text ?? "", "markdown", names)),
  header: (block) => h("p", { class: "heading level-2" }, block.text?.text ?? ""),
  context: (block, names) => h("div", { class: "block small" }, (block.elements ?? []).map((element) => plain(element, names))),
  divider: () => h("hr"),
  image: (block) => h("p", { class: "small" }, `[image: ${block.alt_text ?? ""}]`),
  table: (block, names) => h("div", { class: "table", tabindex: "0" }, h("table", {}, (block.rows ?? []).map((row) => tableRow(row, names)))),
  rich_text: (block) => h("div", { class: "block" }, richText(block)),
  actions: () => null,
  input: () => null,
};

function unknown(block) {
  return h("p", { class: "small" }, `[${block.type}]`);
}

function tableRow(row, names) {
  return h("tr", {}, row.map((cell) => h("td", {}, cell.type === "rich_text" ? richText(cell) : render(cell.text ?? "", "plain", names))));
}

// The words of rich text with their styles; lists and quotes keep their lines.
function richText(element) {
  if (element.type === "link") return h("span", {}, element.text ?? element.url);
  if (element.type === "emoji") return `:${element.name}:`;
  if (element.text !== undefined) return styled(element);
  const inside = (element.elements ?? []).map(richText);
  const tag = { rich_text_preformatted: "pre", rich_text_quote: "blockquote", rich_text_list: "ul" }[element.type];
  if (tag === "ul") return h("ul", {}, inside.map((item) => h("li", {}, item)));
  return tag ? h(tag, {}, ...inside) : h("span", {}, ...inside);
}

function styled(element) {
  const style = element.style ?? {};
  const tags = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]];
  return tags.filter(([name]) => style[name]).reduce((node, [, tag]) => h(tag, {}, node), element.text);
}
