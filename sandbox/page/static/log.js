// The list of messages of the channel that is open: in order, threads under their first message, scrolled to the end.

import { h } from "./dom.js";
import { draw } from "./message.js";
import { byId } from "./world.js";

const NEAR_THE_END = 120;
const TOGETHER_SECONDS = 300;

export class Log {
  constructor(platform, view) {
    this.platform = platform;
    this.view = view;
    this.element = h("ol", { id: `${platform}-messages`, class: "log", role: "log", "aria-label": "Messages", tabindex: "0" });
    this.items = new Map();
  }

  // Everything anew, for another channel or another person.
  show(messages) {
    this.items.clear();
    this.element.replaceChildren(...(messages.length ? [] : [h("li", { class: "empty" }, this.view.emptyText())]));
    for (const message of messages) this.put(message);
    this.toTheEnd();
  }

  put(message) {
    const following = this.nearTheEnd();
    this.element.querySelector(":scope > .empty")?.remove();
    let item = this.items.get(message.id);
    if (!item) {
      item = h("li", { id: `${this.platform}-message-${message.id.replace(".", "-")}` });
      this.items.set(message.id, item);
      item.message = message;
      this.insert(item, message);
    }
    item.message = message;
    draw(item, message, this.view);
    this.group(item);
    if (item.nextElementSibling?.message) this.group(item.nextElementSibling);
    if (following) this.toTheEnd();
  }

  remove(id) {
    const item = this.items.get(id);
    this.items.delete(id);
    if (!item) return;
    const replies = item.querySelector(":scope > .replies");
    const next = item.nextElementSibling;
    if (!replies?.children.length) {
      item.remove();
      if (next?.message) this.group(next);
      return;
    }
    item.querySelector(":scope > .bubble").replaceChildren(h("p", { class: "note" }, "This message was deleted."));
  }

  insert(item, message) {
    const home = this.home(message);
    const later = [...home.children].find((other) => other.message && byId(other.message, message) > 0);
    home.insertBefore(item, later ?? null);
  }

  home(message) {
    const parent = message.thread && message.thread !== message.id ? this.items.get(message.thread) : null;
    if (!parent) return this.element;
    const there = parent.querySelector(":scope > .replies");
    if (there) return there;
    const replies = h("ol", { class: "replies", "aria-label": "Thread" });
    parent.append(replies);
    return replies;
  }

  // A message soon after one of the same author stands under it without a name of its own.
  group(item) {
    const { message } = item;
    const before = item.previousElementSibling?.message;
    const same = before && before.author.id === message.author.id && !before.ephemeral_for && !message.ephemeral_for;
    const alone = message.reply_to || before?.kind === "thread_starter" || item.previousElementSibling?.querySelector(":scope > .replies");
    item.classList.toggle("grouped", Boolean(same && !alone && (message.at ?? 0) - (before.at ?? 0) < TOGETHER_SECONDS));
  }

  nearTheEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }

  toTheEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }
}
