// What one platform holds, as the control API tells it: people, channels, messages, statuses. No drawing here.

const TYPING_SECONDS = 10;

export class World {
  constructor() {
    this.clear();
  }

  clear() {
    this.workspace = {};
    this.people = new Map();
    this.channels = new Map();
    this.messages = new Map();
    this.statuses = new Map();
    this.typing = new Map();
    this.commands = [];
    this.roles = [];
    this.homes = new Map();
  }

  load(state) {
    this.clear();
    this.workspace = state.workspace ?? {};
    this.commands = state.commands ?? [];
    this.roles = state.roles ?? [];
    for (const { person, view } of state.views ?? []) if (view?.type === "home") this.homes.set(person, view);
    for (const person of state.people ?? []) this.people.set(person.id, person);
    for (const channel of state.channels ?? []) this.channels.set(channel.id, channel);
    for (const message of state.messages ?? []) this.messages.set(key(message.channel, message.id), message);
    for (const status of state.statuses ?? []) this.setStatus(status);
  }

  setStatus({ channel, thread, text }) {
    if (text) this.statuses.set(key(channel, thread ?? ""), { channel, thread, text });
    else this.statuses.delete(key(channel, thread ?? ""));
  }

  put(message) {
    this.messages.set(key(message.channel, message.id), message);
    if (message.author?.bot) this.typing.delete(message.channel);
  }

  get names() {
    return {
      person: (id) => this.people.get(id)?.name,
      channel: (id) => this.channels.get(id)?.name,
      role: (id) => this.roles.find((role) => role.id === id)?.name,
      people: () => [...this.people.values()].map(({ id, name }) => ({ value: id, label: name })),
      channels: () => [...this.channels.values()].filter(({ kind }) => kind === "channel").map(({ id, name }) => ({ value: id, label: `#${name}` })),
      roles: () => this.roles.map(({ id, name }) => ({ value: id, label: `@${name}` })),
    };
  }

  humans() {
    return [...this.people.values()].filter((person) => !person.bot);
  }

  // The channels that a person is in, direct messages last, each thread after its channel.
  channelsOf(person) {
    const sees = (channel) => !channel.members || channel.members.includes(person);
    const mine = [...this.channels.values()].filter((channel) => sees(this.channels.get(channel.parent) ?? channel));
    const rank = { channel: 0, dm: 1 };
    const tops = mine.filter((channel) => channel.kind !== "thread").sort((a, b) => (rank[a.kind] ?? 0) - (rank[b.kind] ?? 0));
    const threads = mine.filter((channel) => channel.kind === "thread");
    const under = (channel) => threads.filter((thread) => thread.parent === channel.id);
    const orphans = threads.filter((thread) => !tops.some((channel) => channel.id === thread.parent));
    return [...tops.flatMap((channel) => [channel, ...under(channel)]), ...orphans];
  }

  // What a person sees in a channel, oldest first.
  messagesIn(channel, person) {
    return [...this.messages.values()].filter((message) => message.channel === channel && seenBy(message, person)).sort(byId);
  }

  message(channel, id) {
    return this.messages.get(key(channel, id));
  }

  beginTyping(channel) {
    this.typing.set(channel, Date.now() + TYPING_SECONDS * 1000);
  }

  isTyping(channel) {
    return (this.typing.get(channel) ?? 0) > Date.now();
  }

  statusesIn(channel) {
    return [...this.statuses.values()].filter((status) => status.channel === channel);
  }

  botName() {
    const own = this.people.get(this.workspace.bot);
    const any = [...this.people.values()].find((person) => person.bot && /parley/i.test(person.name));
    return (own ?? any)?.name ?? "Parley";
  }
}

export function seenBy(message, person) {
  return !message.ephemeral_for || message.ephemeral_for === person;
}

// Ids grow with time on both platforms; as text, a longer one is later.
export function byId(a, b) {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function key(channel, id) {
  return `${channel}/${id}`;
}
