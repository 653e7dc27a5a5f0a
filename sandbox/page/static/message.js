// One message as an element. It is drawn anew when it changes; the element that holds it stays the same.

import { renderBlocks } from "./blocks.js";
import { clock, h, link } from "./dom.js";
import { render } from "./markup.js";

const LINK_STYLE = 5; // Discord's button that only opens a page
const ORDINARY = new Set([undefined, "default", "reply", "chat_input_command", "context_menu_command"]);

// `view` gives: platform, person, names, find(id), threadOf(message), starter(message), and what pressing does (press, replyTo, edit, remove, stop, open).
export function draw(element, message, view) {
  const own = message.author.id === view.person;
  element.className = `message${message.author.bot ? " from-bot" : ""}${message.ephemeral_for ? " ephemeral" : ""}`;
  element.dataset.id = message.id;
  element.setAttribute("aria-busy", String(Boolean(message.streaming || message.thinking)));
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  element.querySelector(":scope > .bubble")?.remove();
  element.prepend(
    h(
      "div",
      { class: "bubble" },
      replied(message, view),
      h(
        "div",
        { class: "meta" },
        h("span", { class: "author" }, message.author.name),
        message.author.bot && h("span", { class: "badge" }, "bot"),
        message.at ? clock(message.at) : null,
        message.edited && h("span", { class: "note edited" }, "(edited)"),
        message.ephemeral_for && h("span", { class: "note only-you" }, "Only visible to you"),
        message.streaming && h("span", { class: "note streaming" }, "writing …"),
        message.thinking && h("span", { class: "note streaming" }, "thinking …"),
      ),
      body(message, view),
      embeds(message, view),
      files(message),
      reactions(message),
      buttons(message, view),
      actions(message, own, view),
    ),
  );
  if (focused) element.querySelector(`[data-act="${CSS.escape(focused)}"]`)?.focus();
}

function body(message, view) {
  const starter = message.kind === "thread_starter" && view.starter(message);
  if (starter) return h("blockquote", {}, `${starter.author.name}: `, render(starter.text, starter.format, view.names));
  if (!message.text && !ORDINARY.has(message.kind)) return h("p", { class: "note" }, message.kind.replaceAll("_", " "));
  const blocks = renderBlocks(message.blocks, view.names);
  return h("div", { class: "body" }, ...(blocks ?? [render(message.text ?? "", message.format ?? "markdown", view.names)]));
}

function replied(message, view) {
  if (!message.reply_to) return null;
  const original = view.find(message.reply_to);
  const said = original ? `${original.author.name}: ${(original.text ?? "").slice(0, 80)}` : "a message that is gone";
  return h("p", { class: "replied" }, `↪ ${said}`);
}

function files(message) {
  const names = [...(message.files ?? []), ...(message.attachments ?? [])].map((file) => file.filename ?? file.name ?? file);
  return names.length ? h("p", { class: "small files" }, `Attached: ${names.join(", ")}`) : null;
}

function embeds(message, view) {
  const one = (embed) => h("blockquote", {}, embed.title && h("strong", {}, embed.title), render(embed.description ?? "", message.format, view.names));
  return message.embeds?.length ? h("div", { class: "body embeds" }, message.embeds.map(one)) : null;
}

function reactions(message) {
  const given = Object.entries(message.reactions ?? {}).filter(([, who]) => who.length ?? who);
  return given.length ? h("p", { class: "small reactions" }, given.map(([name, who]) => `:${name}: ${who.length ?? who}`).join("  ")) : null;
}

function buttons(message, view) {
  if (!message.buttons?.length) return null;
  const pressed = (button) => ({
    type: "button",
    class: `press ${button.style ?? ""}`,
    disabled: Boolean(button.disabled),
    "data-act": `press-${button.id}`,
    onclick: () => view.press(message, button),
  });
  const one = (button) => (button.style === LINK_STYLE ? link(button.value ?? "", button.label) : h("button", pressed(button), button.label));
  return h("div", { class: "buttons" }, message.buttons.map(one));
}

function actions(message, own, view) {
  const thread = view.threadOf(message);
  const made = [
    thread && action(`Open thread “${thread.name}”`, "open", () => view.open(thread.id)),
    !message.ephemeral_for && action(view.platform === "slack" ? "Reply in thread" : "Reply", "reply", () => view.replyTo(message)),
    own && action("Edit", "edit", () => view.edit(message)),
    own && action("Delete", "delete", () => view.remove(message)),
    view.platform === "slack" && message.streaming && action("Stop (Slack’s own button)", "stop", () => view.stop(message)),
  ];
  return h("div", { class: "actions" }, ...made);
}

function action(label, name, onclick) {
  return h("button", { type: "button", class: "quiet", "data-act": name, onclick }, label);
}
