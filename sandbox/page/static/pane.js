// One platform on the page: who you are, where you are, what is said there, and what you do about it.

import { Platform } from "./api.js";
import { filled } from "./commands.js";
import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { Forms } from "./forms.js";
import { Home } from "./home.js";
import { typed } from "./inline.js";
import { Log } from "./log.js";
import { Offers } from "./offers.js";
import { seenBy, World } from "./world.js";

const TITLES = { slack: "Slack", discord: "Discord" };

export class Pane {
  // `inside(event)` hears of calls and events, which are shown beside the platforms.
  constructor(root, platform, inside) {
    this.inside = inside;
    this.platform = platform;
    this.api = new Platform(platform);
    this.world = new World();
    this.person = null;
    this.channel = null;
    this.unread = new Set();
    this.openForms = new Map();
    this.log = new Log(platform, this.view());
    this.offers = new Offers(platform, { commands: () => this.registered(), suggest: (command, options) => this.suggested(command, options), names: () => this.world.names });
    this.composer = new Composer(platform, { send: (what) => this.send(what), offer: (text) => this.offers.at(text) });
    this.home = new Home(platform, { names: () => this.world.names, press: (view, button, chosen) => this.tried({ action: "click", view, button, ...chosen }) });
    this.forms = new Forms(platform, {
      submit: (form) => this.act({ action: "submit", ...form }),
      close: (id) => this.act({ action: "close", id }),
      press: (view, button, chosen) => this.act({ action: "click", view, button, ...chosen }),
      names: () => this.world.names,
    });
    this.select = h("select", { id: `${platform}-person`, onchange: () => this.become(this.select.value) });
    this.list = h("ul", { id: `${platform}-channels`, class: "channels" });
    this.place = h("h3", { id: `${platform}-place` });
    this.status = h("p", { id: `${platform}-status`, class: "status", role: "status" });
    this.connection = h("span", { id: `${platform}-connection`, class: "note" }, "connecting …");
    this.ticking = 0;
    root.append(
      h("header", {}, h("h2", {}, TITLES[platform]), this.connection, h("label", { class: "who" }, "You are ", this.select)),
      h("nav", { "aria-label": `${TITLES[platform]} channels` }, this.list),
      h("div", { class: "room" }, this.place, this.home.element, this.log.element, this.status, this.composer.element),
      this.forms.element,
    );
    this.composer.dropsOn(this.log.element);
  }

  start() {
    this.api.watch({
      onState: (state) => this.load(state),
      onEvent: (event) => this.take(event),
      onLost: () => this.connected(false),
    });
  }

  connected(yes) {
    this.connection.textContent = yes ? (this.world.workspace.name ?? "") : "not connected; trying again …";
  }

  // ── what comes in ──

  load(state) {
    this.world.load(state);
    this.connected(true);
    const modals = (state.views ?? []).filter(({ view }) => view.type === "modal");
    this.openForms = new Map([...modals, ...(state.modals ?? [])].map(({ person, view, modal }) => [person, view ?? modal]));
    const humans = this.world.humans();
    if (!humans.some((person) => person.id === this.person)) this.person = (humans.find((person) => !person.admin) ?? humans[0])?.id;
    this.select.replaceChildren(...humans.map((person) => h("option", { value: person.id }, person.admin ? `${person.name} (admin)` : person.name)));
    this.select.value = this.person;
    this.become(this.person);
  }

  take(event) {
    const handler = {
      message: () => this.onMessage(event.message),
      deleted: () => this.onDeleted(event),
      status: () => (this.world.setStatus(event), this.drawStatus()),
      typing: () => this.onTyping(event),
      channel: () => this.onChannel(event.channel),
      view: () => (event.view?.type === "home" ? this.onHome(event) : this.onForm(event.person, event.view)),
      modal: () => this.onForm(event.person, event.modal),
      call: () => this.inside(event),
      event: () => this.inside(event),
    }[event.type];
    handler?.();
  }

  onMessage(message) {
    this.world.put(message);
    if (message.channel === this.channel) {
      if (seenBy(message, this.person)) this.log.put(message);
      this.drawStatus();
    } else if (message.author.bot && !this.unread.has(message.channel)) {
      this.unread.add(message.channel);
      this.drawChannels();
    }
  }

  // A form that opened or changed; null when it closed.
  onForm(person, form) {
    this.openForms.set(person, form);
    if (person === this.person) this.forms.show(form);
  }

  onHome({ person, view }) {
    this.world.homes.set(person, view);
    if (person === this.person && this.atHome) this.home.show(view);
  }

  onDeleted({ channel, id }) {
    this.world.messages.delete(`${channel}/${id}`);
    if (channel === this.channel) this.log.remove(id);
  }

  onTyping({ channel, person }) {
    if (person && !this.world.people.get(person)?.bot) return;
    this.world.beginTyping(channel);
    this.drawStatus();
    clearTimeout(this.ticking);
    this.ticking = setTimeout(() => this.drawStatus(), 10_100);
  }

  onChannel(channel) {
    this.world.channels.set(channel.id, channel);
    this.drawChannels();
    const first = this.world.message(channel.parent, channel.id);
    if (first && channel.parent === this.channel) this.log.put(first);
  }

  // ── where you are ──

  become(person) {
    this.person = person;
    this.forms.show(this.openForms.get(person) ?? null);
    const there = this.world.channelsOf(person);
    const kept = there.find((channel) => channel.id === this.channel);
    this.open((kept ?? there[0])?.id);
  }

  open(channel) {
    this.leaveHome();
    this.channel = channel;
    this.unread.delete(channel);
    const found = this.world.channels.get(channel);
    this.place.textContent = found ? this.label(found) : "No channel";
    const hint = found?.kind === "dm" ? `Message ${this.world.botName()}` : `Write here; mention @${this.world.botName()} to ask it`;
    this.composer.placeholder(hint);
    this.composer.context = null;
    this.composer.bar.hidden = true;
    this.composer.fail(null);
    this.drawChannels();
    this.log.show(this.world.messagesIn(channel, this.person));
    this.drawStatus();
  }

  // Slack's Home tab of the bot, in place of a conversation.
  goHome() {
    this.atHome = true;
    this.place.textContent = `${this.world.botName()} · Home`;
    for (const part of [this.log.element, this.status, this.composer.element]) part.hidden = true;
    this.home.show(this.world.homes.get(this.person));
    this.drawChannels();
    return this.tried({ action: "home" });
  }

  leaveHome() {
    this.atHome = false;
    this.home.hide();
    for (const part of [this.log.element, this.status, this.composer.element]) part.hidden = false;
  }

  label(channel) {
    if (channel.kind === "dm") return `Direct messages with ${this.world.botName()}`;
    return channel.kind === "thread" ? `Thread: ${channel.name}` : `#${channel.name}`;
  }

  drawChannels() {
    const items = this.world.channelsOf(this.person).map((channel) =>
      h(
        "li",
        { class: channel.kind },
        h(
          "button",
          { type: "button", "data-channel": channel.id, "aria-current": channel.id === this.channel && !this.atHome ? "true" : null, class: this.unread.has(channel.id) ? "unread" : "", onclick: () => this.open(channel.id) },
          channel.kind === "dm" ? `✉ ${this.world.botName()}` : channel.kind === "thread" ? `↳ ${channel.name}` : `#${channel.name}`,
          this.unread.has(channel.id) && h("span", { class: "hidden" }, " (new)"),
        ),
      ),
    );
    const home = h("button", { type: "button", id: "slack-go-home", "aria-current": this.atHome ? "true" : null, onclick: () => this.goHome() }, "⌂ Home");
    this.list.replaceChildren(...items, ...(this.platform === "slack" ? [h("li", { class: "thread" }, home)] : []));
  }

  drawStatus() {
    const name = this.world.botName();
    const lines = this.world.statusesIn(this.channel).map((status) => `${name} ${status.text}`);
    if (this.world.isTyping(this.channel)) lines.push(`${name} is typing …`);
    this.status.textContent = lines.join(" · ");
  }

  // ── what you do ──

  async act(body) {
    return this.api.act({ person: this.person, channel: this.channel, ...body });
  }

  async tried(body) {
    const done = await this.act(body);
    this.composer.fail(done.ok ? null : (done.error ?? "That did not work."));
    return done;
  }

  send({ text, files, context }) {
    if (context?.kind === "edit") return this.act({ action: "edit", id: context.message.id, text });
    if (text.startsWith("/")) return this.command(text, context, files);
    const about = context?.message;
    const said = { action: "say", text, ...(files.length ? { [this.platform === "slack" ? "files" : "attachments"]: files } : {}) };
    if (!about) return this.act(said);
    return this.act({ ...said, ...(this.platform === "slack" ? { thread: about.thread ?? about.id } : { reply_to: about.id }) });
  }

  async command(text, context, files) {
    const [, name, rest] = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
    if (this.platform === "slack" && context) return { ok: false, error: `Slack has no slash commands in threads. Write !${name} ${rest}`.trim() };
    if (this.platform === "slack" && files.length) return { ok: false, error: "Slack’s slash commands take no files." };
    const what = this.platform === "slack" ? { command: `/${name}`, text: rest } : await this.discordCommand(text, files);
    const done = what.error ? { ok: false, error: what.error } : await this.act({ action: "command", ...what });
    return done.ok ? done : { ...done, error: `/${name} failed: ${done.error}` };
  }

  // The bot may have registered its commands since the page was loaded, so they are asked for each time.
  async discordCommand(text, files) {
    try {
      return filled(await this.registered(), text, files);
    } catch (error) {
      return { error: error.message };
    }
  }

  async registered() {
    return (await this.api.state()).commands ?? [];
  }

  async suggested(command, options) {
    return (await this.act({ action: "autocomplete", command, options })).choices ?? [];
  }

  // What messages need to know, and what pressing their buttons does.
  view() {
    const pane = this;
    return {
      platform: this.platform,
      get person() {
        return pane.person;
      },
      get names() {
        return pane.world.names;
      },
      emptyText: () => pane.emptyText(),
      find: (id) => pane.world.message(pane.channel, id),
      starter: ({ channel }) => pane.world.message(pane.world.channels.get(channel)?.parent, channel),
      threadOf: (message) => {
        const thread = pane.world.channels.get(message.opens ?? message.id);
        return thread?.kind === "thread" && thread.id !== pane.channel ? thread : null;
      },
      open: (channel) => pane.open(channel),
      press: (message, button, chosen) => pane.tried({ action: "click", id: message.id, button: button.id, ...chosen }),
      react: (message, name, on) => pane.tried({ action: on ? "react" : "unreact", id: message.id, text: name }),
      dismiss: (message) => pane.onDeleted({ channel: message.channel, id: message.id }),
      remove: (message) => pane.tried({ action: "delete", id: message.id }),
      stop: (message) => pane.tried({ action: "stop", thread: message.thread ?? message.id }),
      edit: (message) => pane.composer.setContext({ kind: "edit", message, label: "Editing your message" }, typed(message.text, pane.world.names)),
      replyTo: (message) => pane.composer.setContext({ kind: "reply", message, stays: pane.platform === "slack", label: pane.replyLabel(message) }),
    };
  }

  replyLabel(message) {
    return this.platform === "slack" ? `Replying in the thread of ${message.author.name}` : `Replying to ${message.author.name}`;
  }

  emptyText() {
    const channel = this.world.channels.get(this.channel);
    if (channel?.kind === "dm") return "Nothing here yet. Say hello.";
    return `Nothing here yet. Try “@${this.world.botName()} what can you do?”`;
  }
}
