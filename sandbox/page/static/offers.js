// What is suggested while a person types: commands and their options, people, channels, emoji.

import { emojiFrom } from "./emoji.js";
import { leaves, remembered } from "./commands.js";

const MOST = 12;
const PAUSE = 150; // milliseconds without a key, after which the bot is asked
const [BOOLEAN, USER, CHANNEL, ROLE, ATTACHMENT] = [5, 6, 7, 8, 11];

export class Offers {
  // `commands()` gives what is registered now; `suggest(command, options)` asks the bot for choices.
  constructor(platform, { commands, suggest, names }) {
    Object.assign(this, { platform, commands, suggest, names, known: [], keys: 0 });
  }

  // For the text before the cursor, as Suggestions takes it.
  async at(text) {
    if (text.startsWith("/")) return this.command(text);
    const [, sign, word] = /(?:^|\s)([@#:])([\w.+-]*)$/.exec(text) ?? [];
    const from = text.length - (word?.length ?? 0) - 1;
    if (sign === "@") return this.named("People", "@", word, this.names().people(), from);
    if (sign === "#") return this.named("Channels", "#", word, this.names().channels(), from);
    if (sign === ":" && word.length > 1) return { heading: "Emoji", from, eager: true, items: emojiFrom(word, MOST).map(([name, shown]) => ({ label: `${shown} :${name}:`, insert: `${shown} ` })) };
    return null;
  }

  named(heading, sign, word, all, from) {
    const found = all.map(({ label }) => label.replace(/^[@#]/, "")).filter((name) => name.toLowerCase().startsWith(word.toLowerCase()));
    const exact = found.some((name) => name.toLowerCase() === word.toLowerCase());
    return { heading, from, eager: !exact, items: found.slice(0, MOST).map((name) => ({ label: sign + name, insert: `${sign}${name} ` })) };
  }

  // The bot may have registered its commands since the page was loaded, so they are asked for with each new slash.
  async command(text) {
    if (!this.known.length || text === "/") this.known = leaves(await this.commands());
    const typed = text.slice(1);
    const said = (leaf) => typed.startsWith(`${leaf.path} `) && leaf;
    const chosen = this.known.filter(said).sort((a, b) => b.path.length - a.path.length)[0];
    if (!chosen) return this.commandsFrom(typed);
    return this.platform === "slack" ? this.usage(chosen) : this.options(chosen, text);
  }

  commandsFrom(typed) {
    const start = typed.toLowerCase();
    const found = this.known.filter((leaf) => leaf.path.toLowerCase().startsWith(start));
    const whole = this.known.some((leaf) => leaf.path === start || leaf.path.startsWith(`${start} `));
    const item = (leaf) => ({ label: `/${leaf.path}`, hint: [leaf.usage, leaf.description].filter(Boolean).join(" · "), insert: `/${leaf.path} ` });
    return { heading: found.length ? "Commands" : "", from: 0, eager: !whole, items: found.map(item) };
  }

  usage(leaf) {
    return { heading: `/${leaf.path} ${leaf.usage ?? ""} · ${leaf.description ?? ""}`, from: 0, items: [] };
  }

  // Discord's options: which one is being typed, its values, and which are left.
  options(leaf, text) {
    const from = leaf.path.length + 2;
    const rest = text.slice(from);
    const marks = [...rest.matchAll(/(?:^|\s)([\w-]+):\s*/g)].filter(([, name]) => leaf.options.some((option) => option.name === name));
    const used = new Set(marks.map(([, name]) => name));
    const left = leaf.options.filter((option) => !used.has(option.name));
    const last = marks.at(-1);
    if (!last) return rest.trim() ? this.inOrder(leaf, text, from, rest) : this.left(leaf, left, text.length);
    const value = rest.slice(last.index + last[0].length);
    const option = leaf.options.find(({ name }) => name === last[1]);
    if (/\S\s$/.test(value) && left.length) return this.left(leaf, left, text.length);
    const before = Object.fromEntries(marks.slice(0, -1).map((mark, number) => [mark[1], rest.slice(mark.index + mark[0].length, marks[number + 1].index).trim()]));
    return this.values(leaf, option, value, text.length - value.length, before);
  }

  inOrder(leaf, text, from, rest) {
    const words = rest.split(/\s+/);
    const place = Math.min(words.length, leaf.options.length) - 1;
    const option = leaf.options[place];
    const value = place === leaf.options.length - 1 ? words.slice(place).join(" ") : words[place];
    const before = Object.fromEntries(leaf.options.slice(0, place).map(({ name }, number) => [name, words[number]]));
    return option ? this.values(leaf, option, value, text.length - value.length, before) : null;
  }

  left(leaf, options, from) {
    const item = (option) => ({ label: option.name, hint: `${option.description ?? ""}${option.required ? " (required)" : ""}`, insert: option.type === ATTACHMENT ? "" : `${option.name}: ` });
    const about = `/${leaf.path} · ${leaf.description ?? ""}`;
    return { heading: options.length ? `${about} · options` : about, from, items: options.map(item) };
  }

  async values(leaf, option, typed, from, before) {
    const heading = `${option.name} · ${option.description ?? ""}`;
    const found = await this.offered(leaf, option, typed, before);
    const item = ({ label, value }) => ({ label, insert: `${label} `, taken: () => remembered(leaf.path, option.name, label, value) });
    return { heading, from, items: found.slice(0, 25).map(item) };
  }

  async offered(leaf, option, typed, before) {
    if (option.autocomplete) return this.suggested(leaf, option, typed, before);
    const like = ({ label }) => label.toLowerCase().includes(typed.trim().toLowerCase());
    if (option.choices?.length) return option.choices.map(({ name, value }) => ({ label: name, value })).filter(like);
    if (option.type === BOOLEAN) return ["True", "False"].map((label) => ({ label, value: label === "True" })).filter(like);
    const named = { [USER]: "people", [CHANNEL]: "channels", [ROLE]: "roles" }[option.type];
    return named ? this.names()[named]().map(({ label }) => ({ label, value: label.replace(/^[@#]/, "") })).filter(like) : [];
  }

  // The bot is asked when no further key came for a moment.
  async suggested(leaf, option, typed, before) {
    const key = ++this.keys;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (key !== this.keys) return [];
    const given = await this.suggest(leaf.path, { ...before, [option.name]: typed });
    return given.map(({ name, value }) => ({ label: name, value }));
  }
}
