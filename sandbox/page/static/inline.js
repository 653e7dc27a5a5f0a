// Emphasis, code, links and mentions inside a line, for the three dialects. Makes nodes, never HTML text.

import { h, link } from "./dom.js";

const code = [/(`+)([\s\S]*?[^`])\1(?!`)/, (match) => h("code", {}, match[2])];
const bare = [/https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)\]'"*_~]/, (match) => link(match[0])];
const escaped = [/\\([!-/:-@[-`{-~])/, (match) => match[1]];
const named = [/\[([^\]\n]+)\]\((<?)((?:https?:|mailto:)[^\s)>]+)\2?>?\)/i, (match, inner) => link(match[3], ...inner(match[1]))];
const strike = [/~~(?=\S)([\s\S]*?\S)~~/, (match, inner) => h("s", {}, ...inner(match[1]))];
const bold = [/\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)/, (match, inner) => h("strong", {}, ...inner(match[1]))];
const starred = [/(?<![\w*])\*(?=[^\s*])([\s\S]*?[^\s*])\*(?![\w*])/, (match, inner) => h("em", {}, ...inner(match[1]))];
const slanted = [/(?<!\w)_(?=[^\s_])([\s\S]*?[^\s_])_(?!\w)/, (match, inner) => h("em", {}, ...inner(match[1]))];

const MRKDWN = [
  code,
  [/<([^<>\n]+)>/, slackReference],
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
  [/\|\|(?=\S)([\s\S]*?\S)\|\|/, (match, inner) => h("span", { class: "spoiler", tabindex: "0" }, ...inner(match[1]))],
  strike,
  starred,
  slanted,
];
const MARKDOWN = [code, escaped, [/<([@#!][^<>\n]+)>/, slackReference], named, bare, bold, strike, starred, slanted];
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
  if (target.startsWith("!date")) return unescaped(label ?? id);
  if (target.startsWith("!")) return mention(`@${label ?? id}`);
  return link(unescaped(target), unescaped(label ?? target));
}

function discordReference(match, inner, names) {
  const [, kind, id] = match;
  if (kind === "#") return mention(`#${names.channel(id) ?? id}`);
  if (kind === "@&") return mention(`@${names.role?.(id) ?? "role"}`);
  if (kind.startsWith("@")) return mention(`@${names.person(id) ?? id}`);
  if (kind === "t:") return h("time", {}, new Date(Number(id) * 1000).toLocaleString());
  return kind.startsWith("/") ? mention(kind.slice(0, -1)) : kind.replace(/^a:/, ":");
}
