// Emphasis, code, links and mentions inside a line, for the three dialects. Makes nodes, never HTML text.

import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { discordMoment, slackMoment } from "./moments.js";
import { keep } from "./patch.js";

const code = [/(`+)([\s\S]*?[^`])\1(?!`)/, (match) => h("code", {}, match[2])];
const bare = [/https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)\]'"*_~]/, (match) => link(match[0])];
const shortName = [/(?<![\w:]):([a-z0-9_+'-]+(?:::skin-tone-\d)?):(?![\w:])/, (match) => emoji(match[1]) ?? match[0]];
const escaped = [/\\([!-/:-@[-`{-~])/, (match) => match[1]];
const named = [/\[([^\]\n]+)\]\((<?)((?:https?:|mailto:)[^\s)>]+)\2?>?\)/i, (match, inner) => link(match[3], ...inner(match[1]))];
const strike = [/~~(?=\S)([\s\S]*?\S)~~/, (match, inner) => h("s", {}, ...inner(match[1]))];
const bold = [/\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)/, (match, inner) => h("strong", {}, ...inner(match[1]))];
const starred = [/(?<![\w*])\*(?=[^\s*])([\s\S]*?[^\s*])\*(?![\w*])/, (match, inner) => h("em", {}, ...inner(match[1]))];
const slanted = [/(?<!\w)_(?=[^\s_])([\s\S]*?[^\s_])_(?!\w)/, (match, inner) => h("em", {}, ...inner(match[1]))];

const MRKDWN = [
  code,
  [/<([^<>\n]+)>/, slackReference],
  shortName,
  [/(?<![\w*])\*(?=[^\s*])([^*\n]*?[^\s*])\*(?![\w*])/, (match, inner) => h("strong", {}, ...inner(match[1]))],
  [/(?<!\w)_(?=[^\s_])([^_\n]*?[^\s_])_(?!\w)/, (match, inner) => h("em", {}, ...inner(match[1]))],
  [/(?<![\w~])~(?=[^\s~])([^~\n]*?[^\s~])~(?![\w~])/, (match, inner) => h("s", {}, ...inner(match[1]))],
];
const DISCORD = [
  code,
  escaped,
  [/<(@[!&]?|#|t:|a?:\w+:|\/[^:>]+:)(-?\d+)(:[tTdDfFR])?>/, discordReference],
  [/<(https?:\/\/[^\s<>]+)>/, (match) => link(match[1])],
  named,
  bare,
  bold,
  [/__(?=\S)([\s\S]*?\S)__(?!_)/, (match, inner) => h("u", {}, ...inner(match[1]))],
  [/\|\|(?=\S)([\s\S]*?\S)\|\|/, (match, inner) => spoiler(inner(match[1]))],
  strike,
  starred,
  slanted,
];
const MARKDOWN = [code, escaped, shortName, [/<([@#!][^<>\n]+)>/, slackReference], named, bare, bold, strike, starred, slanted];
const RULES = { mrkdwn: MRKDWN, discord: DISCORD, markdown: MARKDOWN };

// The nodes of a piece of text. `names` gives `person(id)` and `channel(id)`.
export function inline(text, dialect, names) {
  const rules = RULES[dialect] ?? MARKDOWN;
  const plain = dialect === "mrkdwn" ? unescaped : (piece) => piece;
  const inner = (piece) => inline(piece, dialect, names);
  const nodes = [];
  let rest = text;
  while (rest) {
    const found = earliest(rest, rules);
    if (!found) break;
    const [match, make] = found;
    if (match.index) nodes.push(...lines(plain(rest.slice(0, match.index))));
    const made = make(match, inner, names);
    if (made instanceof HTMLElement && made.tagName === "CODE") made.textContent = plain(made.textContent);
    nodes.push(made);
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) nodes.push(...lines(plain(rest)));
  return nodes;
}

export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

// The text as its author typed it: ids back to names.
export function typed(text, { person, channel }) {
  const named = text
    .replace(/<@!?(\w+)(?:\|[^>]*)?>/g, (whole, id) => (person(id) ? `@${person(id)}` : whole))
    .replace(/<#(\w+)(?:\|([^>]*))?>/g, (whole, id, name) => (name || channel(id) ? `#${name || channel(id)}` : whole))
    .replace(/<((?:https?|mailto):[^|>]+)(?:\|[^>]*)?>/g, "$1");
  return unescaped(named);
}

function earliest(text, rules) {
  let best = null;
  for (const [pattern, make] of rules) {
    const match = pattern.exec(text);
    if (match && (!best || match.index < best[0].index)) best = [match, make];
  }
  return best;
}

function lines(text) {
  return text.split("\n").flatMap((line, number) => (number ? [h("br"), line] : [line]));
}

function mention(text) {
  return h("span", { class: "mention" }, text);
}

function slackReference(match, inner, names) {
  const [target, label] = match[1].split(/\|(.*)/s);
  const id = target.slice(1);
  if (target.startsWith("@")) return mention(`@${names.person(id) ?? label ?? id}`);
  if (target.startsWith("#")) return mention(`#${label || names.channel(id) || id}`);
  if (target.startsWith("!date")) return slackDate(target, label);
  if (target.startsWith("!subteam")) return mention(`@${label?.replace(/^@/, "") ?? "group"}`);
  if (target.startsWith("!")) return mention(`@${label ?? id}`);
  return link(unescaped(target), unescaped(label ?? target));
}

function discordReference(match, inner, names) {
  const [, kind, id, style] = match;
  if (kind === "#") return mention(`#${names.channel(id) ?? id}`);
  if (kind === "@&") return mention(`@${names.role?.(id) ?? "role"}`);
  if (kind.startsWith("@")) return mention(`@${names.person(id) ?? id}`);
  if (kind === "t:") return discordMoment(Number(id), style?.slice(1));
  if (kind.startsWith("/")) return mention(kind.slice(0, -1));
  return h("span", { class: "custom-emoji", title: "an emoji of the server" }, kind.replace(/^a:/, ":"));
}

// `!date^seconds^format^link`, with what old clients show behind the bar.
function slackDate(target, label) {
  const [, seconds, format, address] = target.split("^");
  const shown = slackMoment(Number(seconds), unescaped(format ?? ""), unescaped(label ?? ""));
  return address ? link(unescaped(address), shown) : shown;
}

// Hidden until it is clicked, or pressed with Enter or the space bar; it stays open afterwards.
function spoiler(inside) {
  const pressed = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    reveal(event.currentTarget);
  };
  const hidden = { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler: press to show" };
  return h("span", { ...hidden, onclick: (event) => reveal(event.currentTarget), onkeydown: pressed }, h("span", {}, ...inside));
}

function reveal(element) {
  element.classList.add("shown");
  element.removeAttribute("role");
  element.removeAttribute("aria-label");
  keep(element, "class", "role", "aria-label");
}
