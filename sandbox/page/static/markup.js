// Text in Slack's mrkdwn, Discord's Markdown or plain Markdown, as nodes: paragraphs, lists, quotes, code, tables.
// Unfinished Markdown is drawn as far as it goes; an open code block is a code block.

import { h } from "./dom.js";
import { inline, unescaped } from "./inline.js";

const FENCE = /(`{3,})([\s\S]*?)(?:\1`*|$)/g;
const QUOTE = { mrkdwn: /^(?:&gt;|>) ?/, discord: /^> ?/, markdown: /^> ?/ };
const HEADING = { discord: /^(#{1,3}|-#) +(.+)$/, markdown: /^(#{1,6}) +(.+)$/ };
const ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)]) +(.*)$/;
const RULER = /^ *(?:-{3,}|\*{3,}|_{3,}) *$/;
const SEPARATOR = /^ *\|?(?: *:?-+:? *\|)+ *:?-*:? *\|? *$/;

export function render(text, dialect, names) {
  const nodes = document.createDocumentFragment();
  if (dialect === "plain") {
    nodes.append(text);
    return nodes;
  }
  let last = 0;
  for (const fence of text.matchAll(FENCE)) {
    nodes.append(...blocks(text.slice(last, fence.index), dialect, names));
    nodes.append(codeBlock(fence[2], dialect));
    last = fence.index + fence[0].length;
  }
  nodes.append(...blocks(text.slice(last), dialect, names));
  return nodes;
}

function codeBlock(inside, dialect) {
  // Slack knows no language after the fence: there the first line is part of the code.
  const [, language, code] = dialect === "mrkdwn" ? [null, "", inside] : /^(?:([^\s`]*)\n)?([\s\S]*)$/.exec(inside);
  const shown = code.replace(/^\n/, "").replace(/\n$/, "");
  return h("pre", { tabindex: "0", "data-language": language }, h("code", {}, dialect === "mrkdwn" ? unescaped(shown) : shown));
}

function blocks(text, dialect, names) {
  const rest = text.split("\n");
  const nodes = [];
  const paragraph = [];
  const spoken = (piece) => inline(piece, dialect, names);
  const flush = () => {
    const joined = paragraph.splice(0).join("\n").trim();
    if (joined) nodes.push(h("p", {}, ...spoken(joined)));
  };
  while (rest.length) {
    const taken = block(rest, dialect, names, spoken);
    if (taken) {
      flush();
      nodes.push(taken);
      continue;
    }
    const line = rest.shift();
    if (line.trim()) paragraph.push(line);
    else flush();
  }
  flush();
  return nodes;
}

// Takes the lines of one block off the front and gives its element; nothing where a paragraph begins.
function block(rest, dialect, names, spoken) {
  if (QUOTE[dialect]?.test(rest[0])) return quote(rest, dialect, names);
  if (dialect === "mrkdwn") return null;
  const heading = HEADING[dialect]?.exec(rest[0]);
  if (heading) {
    rest.shift();
    if (heading[1] === "-#") return h("p", { class: "small" }, ...spoken(heading[2]));
    return h("p", { class: `heading level-${heading[1].length}`, role: "heading", "aria-level": 3 + heading[1].length }, ...spoken(heading[2]));
  }
  if (dialect === "markdown" && RULER.test(rest[0])) {
    rest.shift();
    return h("hr");
  }
  if (dialect === "markdown" && rest[0].includes("|") && SEPARATOR.test(rest[1] ?? "")) return table(rest, spoken);
  return ITEM.test(rest[0]) ? list(rest, spoken) : null;
}

function quote(rest, dialect, names) {
  const inside = [];
  const everything = /^(?:&gt;|>){3} ?/;
  if (dialect !== "markdown" && everything.test(rest[0])) {
    inside.push(rest.shift().replace(everything, ""), ...rest.splice(0));
  }
  while (rest.length && QUOTE[dialect].test(rest[0])) inside.push(rest.shift().replace(QUOTE[dialect], ""));
  return h("blockquote", {}, ...blocks(inside.join("\n"), dialect, names));
}

function list(rest, spoken) {
  const [, indent, number] = ITEM.exec(rest[0]);
  const element = h(number ? "ol" : "ul", { start: number && number !== "1" ? number : null });
  for (let item = ITEM.exec(rest[0]); item; item = ITEM.exec(rest[0] ?? "")) {
    if (item[1].length > indent.length && element.lastChild) {
      element.lastChild.append(list(rest, spoken));
      continue;
    }
    if (item[1].length < indent.length || Boolean(item[2]) !== Boolean(number)) break;
    rest.shift();
    element.append(h("li", {}, ...spoken(item[3])));
  }
  return element;
}

function table(rest, spoken) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  const head = cells(rest.shift());
  rest.shift();
  const body = [];
  while (rest.length && rest[0].includes("|")) body.push(cells(rest.shift()));
  const row = (tag, values) => h("tr", {}, head.map((_, column) => h(tag, { scope: tag === "th" ? "col" : null }, ...spoken(values[column] ?? ""))));
  return h("div", { class: "table", tabindex: "0" }, h("table", {}, h("thead", {}, row("th", head)), h("tbody", {}, body.map((values) => row("td", values)))));
}
