// Slack's rich text: the block that people's clients send and that apps may send. Sections, lists, quotes, code.

import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { slackMoment } from "./moments.js";

const STYLES = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"]];
const DEEPEST = 8;

export function richText(block, names) {
  return (block.elements ?? []).map((part) => (PARTS[part.type] ?? section)(part, names));
}

const PARTS = {
  rich_text_list: (part, names) => {
    const items = (part.elements ?? []).map((item) => h("li", {}, spoken(item, names)));
    const about = { class: `indent-${Math.min(part.indent ?? 0, DEEPEST)}`, start: part.offset ? part.offset + 1 : null };
    return h(part.style === "ordered" ? "ol" : "ul", about, items);
  },
  rich_text_quote: (part, names) => h("blockquote", {}, h("p", {}, spoken(part, names))),
  rich_text_preformatted: (part, names) => h("pre", { tabindex: "0" }, h("code", {}, spoken(part, names))),
};

function section(part, names) {
  return h("p", {}, spoken(part, names));
}

function spoken(part, names) {
  return (part.elements ?? []).flatMap((item) => styled(item, WORDS[item.type]?.(item, names) ?? lines(item.text ?? "")));
}

const WORDS = {
  link: (item) => [link(item.url, item.text || item.url)],
  user: (item, names) => [mention(`@${names.person(item.user_id) ?? item.user_id}`)],
  usergroup: () => [mention("@group")],
  channel: (item, names) => [mention(`#${names.channel(item.channel_id) ?? item.channel_id}`)],
  broadcast: (item) => [mention(`@${item.range}`)],
  emoji: (item) => [emoji(item.name) ?? fromCode(item.unicode) ?? `:${item.name}:`],
  date: (item) => [slackMoment(Number(item.timestamp), item.format, item.fallback)],
  color: (item) => [h("code", {}, item.value)],
};

function styled(item, nodes) {
  const tags = STYLES.filter(([name]) => item.style?.[name]);
  return tags.length ? [tags.reduce((inside, [, tag]) => [h(tag, {}, ...inside)], nodes)].flat() : nodes;
}

function lines(text) {
  return text.split("\n").flatMap((line, number) => (number ? [h("br"), line] : [line]));
}

function mention(text) {
  return h("span", { class: "mention" }, text);
}

function fromCode(unicode) {
  if (!/^[0-9a-f]{2,6}(-[0-9a-f]{2,6})*$/i.test(unicode ?? "")) return null;
  return String.fromCodePoint(...unicode.split("-").map((part) => parseInt(part, 16)));
}
