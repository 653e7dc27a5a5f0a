// One message as an element. When it changes, only what differs is drawn anew, so that whoever reads or presses in it
// is not disturbed while it grows.

import { attachments, renderBlocks } from "./blocks.js";
import { isLayout, renderComponents } from "./components.js";
import { clock, h, link } from "./dom.js";
import { embed } from "./embeds.js";
import { emoji } from "./emoji.js";
import { render } from "./markup.js";
import { patch } from "./patch.js";
import { addressOf, attached, filesOf } from "./pictures.js";

const LINK_STYLE = 5; // Discord's button that only opens a page
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };
const ORDINARY = new Set([undefined, "default", "reply", "chat_input_command", "context_menu_command"]);
const HUES = 8;
const QUICK = { slack: [["white_check_mark", "✅"], ["+1", "👍"], ["-1", "👎"]], discord: [["👍", "👍"], ["❤️", "❤️"], ["👎", "👎"]] };

// `view` gives: platform, person, names, find(id), threadOf(message), starter(message), and what pressing does (press,
// react, dismiss, replyTo, edit, remove, stop, open).
export function draw(element, message, view) {
  const own = message.author.id === view.person;
  const grouped = element.classList.contains("grouped") ? " grouped" : "";
  element.className = `message${message.author.bot ? " from-bot" : ""}${message.ephemeral_for ? " ephemeral" : ""}${grouped}`;
  element.dataset.id = message.id;
  element.setAttribute("aria-busy", String(Boolean(message.streaming || message.thinking)));
  const bubble = h(
    "div",
    { class: "bubble" },
    replied(message, view),
    h("div", { class: `avatar hue-${hue(message.author.id)}`, "aria-hidden": "true", "data-key": "avatar" }, letters(message.author.name)),
    h("div", { class: "said", "data-key": "said" }, meta(message, view), content(message, view), marks(message, view), actions(message, own, view)),
  );
  const old = element.querySelector(":scope > .bubble");
  if (old) patch(old, bubble);
  else element.prepend(bubble);
}

function meta(message, view) {
  return h(
    "div",
    { class: "meta", "data-key": "meta" },
    h("span", { class: "author" }, message.author.name),
    message.author.bot && h("span", { class: "badge", title: "This is an app" }, view.platform === "slack" ? "APP" : "✓ APP"),
    message.at ? clock(message.at) : null,
  );
}

// What stands in the message, from the words to the reactions.
function content(message, view) {
  const press = (id, chosen) => view.press(message, { id }, chosen);
  const files = (name) => filesOf(message).filter((file) => file.filename === name).map((file) => addressOf(view.platform, file))[0];
  const context = { names: view.names, press, files };
  const embeds = (message.embeds ?? []).map((one) => embed(one, context));
  const rows = isLayout(message.components) ? [] : renderComponents(message.components, context);
  return [
    body(message, view, context),
    attachments(message, context),
    embeds.length ? h("div", { class: "body embeds", "data-key": "embeds" }, embeds) : null,
    attached(message, view.platform),
    rows.length ? h("div", { class: "rows", "data-key": "rows" }, rows) : null,
    buttons(message, view),
    reactions(message, view),
    thread(message, view),
  ];
}

function body(message, view, context) {
  const starter = message.kind === "thread_starter" && view.starter(message);
  if (starter) return h("blockquote", { "data-key": "body" }, `${starter.author.name}: `, render(starter.text, starter.format, view.names));
  if (!message.text && !ORDINARY.has(message.kind)) return h("p", { class: "note", "data-key": "body" }, message.kind.replaceAll("_", " "));
  return h("div", { class: "body", "data-key": "body" }, ...inside(message, view, context));
}

// Slack shows an app's blocks in place of its text, but a stream's text with its tasks before and its blocks after it;
// people's blocks say the same as their text. Discord's layouts hold their text themselves.
function inside(message, view, context) {
  const text = () => render(message.text ?? "", message.format ?? "markdown", view.names);
  if (isLayout(message.components)) return renderComponents(message.components, context);
  const blocks = message.author.bot ? (message.blocks ?? []) : [];
  const streamed = message.format === "markdown" && !blocks.some((block) => block.type === "markdown");
  if (!blocks.length || !streamed) return blocks.length ? renderBlocks(blocks, context) : [text()];
  const isTask = (block) => block.type === "task_card" || block.type === "plan";
  const rest = blocks.filter((block) => !isTask(block));
  return [h("div", { class: "tasks", "data-key": "tasks" }, renderBlocks(blocks.filter(isTask), context)), h("div", { class: "block", "data-key": "text" }, text()), ...renderBlocks(rest, context)];
}

function replied(message, view) {
  if (!message.reply_to) return null;
  const original = view.find(message.reply_to);
  const shown = original ? [h("span", { class: "author" }, original.author.name), " ", (original.text ?? "").slice(0, 120)] : ["Original message was deleted"];
  return h("p", { class: "replied", "data-key": "replied" }, h("span", { class: "hidden" }, "Reply to "), ...shown);
}

// What the platform says of the message below it.
function marks(message, view) {
  const only = message.ephemeral_for && h("span", { class: "note only-you" }, view.platform === "slack" ? "Only visible to you" : "👁 Only you can see this");
  const dismiss = h("button", { type: "button", class: "quiet", "data-act": "dismiss", onclick: () => view.dismiss(message) }, view.platform === "slack" ? "Dismiss" : "Dismiss message");
  const made = [
    message.edited && h("span", { class: "note edited" }, "(edited)"),
    message.streaming && h("span", { class: "note streaming" }, "writing …"),
    message.thinking && h("span", { class: "note streaming" }, "thinking …"),
    only,
    only && h("span", { "aria-hidden": "true" }, "·"),
    only && dismiss,
  ].filter(Boolean);
  return made.length ? h("div", { class: "marks", "data-key": "marks" }, made) : null;
}

function reactions(message, view) {
  const given = Object.entries(message.reactions ?? {}).filter(([, who]) => who.length);
  if (!given.length) return null;
  const pill = ([name, who]) => {
    const mine = who.includes(view.person);
    const people = who.map((one) => view.names.person(one) ?? one).join(", ");
    const about = { type: "button", class: "pill", "aria-pressed": String(mine), "aria-label": `${shortName(name)}: ${people}`, title: `${people} reacted with ${shortName(name)}`, "data-key": `reaction-${name}` };
    return h("button", { ...about, onclick: () => view.react(message, name, !mine) }, h("span", { class: "sign" }, sign(name)), ` ${who.length}`);
  };
  return h("div", { class: "reactions", "data-key": "reactions" }, given.map(pill));
}

function thread(message, view) {
  const opened = view.threadOf(message);
  return opened ? h("button", { type: "button", class: "opens", "data-key": "open", "data-act": "open", onclick: () => view.open(opened.id) }, `Open thread “${opened.name}”`) : null;
}

function sign(name) {
  return emoji(name) ?? (/^[\w+-]+(:\d+)?$/.test(name) ? shortName(name) : name);
}

function shortName(name) {
  return /^[\w+-]+(:\d+)?$/.test(name) ? `:${name.replace(/:\d+$/, "")}:` : name;
}

// Buttons that are told without the blocks or components in which they stand.
function buttons(message, view) {
  if (message.blocks?.length || message.components?.length || !message.buttons?.length) return null;
  const pressed = (button) => ({
    type: "button",
    class: `press ${STYLES[button.style] ?? button.style ?? ""}`,
    disabled: Boolean(button.disabled),
    "data-act": `press-${button.id}`,
    onclick: () => view.press(message, button),
  });
  const one = (button) => (button.style === LINK_STYLE ? link(button.value ?? "", button.label) : h("button", pressed(button), button.label));
  return h("div", { class: "buttons", "data-key": "buttons" }, message.buttons.map(one));
}

function actions(message, own, view) {
  const reacts = message.ephemeral_for ? [] : QUICK[view.platform].map(([name, shown]) => h("button", { type: "button", class: "quiet sign", "data-key": `react-${name}`, "aria-label": `React with ${shown}`, onclick: () => view.react(message, name, !message.reactions?.[name]?.includes(view.person)) }, shown));
  const made = [
    ...reacts,
    !message.ephemeral_for && action(view.platform === "slack" ? "Reply in thread" : "Reply", "reply", () => view.replyTo(message)),
    own && action("Edit", "edit", () => view.edit(message)),
    own && action("Delete", "delete", () => view.remove(message)),
    view.platform === "slack" && message.streaming && action("Stop (Slack’s own button)", "stop", () => view.stop(message)),
  ].filter(Boolean);
  return made.length ? h("div", { class: "actions", "data-key": "actions" }, made) : null;
}

function action(label, name, onclick) {
  return h("button", { type: "button", class: "quiet", "data-key": name, "data-act": name, onclick }, label);
}

export function letters(name) {
  return name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
}

// The same colour for the same person, always.
export function hue(id) {
  return [...id].reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) % 9973, 7) % HUES;
}
