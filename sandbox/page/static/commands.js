// What a person typed after a slash, as Discord takes it: a registered command, perhaps a subcommand, and its options.
// Discord's own client offers fields for them; here they are `name:value`, or simply words in the declared order.

const CHAT = 1;
const ATTACHMENT = 11;
const NESTED = new Set([1, 2]);
const CONVERT = {
  4: Number,
  5: (word) => /^(true|yes|on|1)$/i.test(word),
  6: (word) => word.replace(/^@/, ""),
  7: (word) => word.replace(/^#/, ""),
  8: (word) => word.replace(/^@/, ""),
  10: Number,
};

// What was chosen from suggestions: they read one way and are sent another.
const chosen = new Map();

export function remembered(command, option, label, value) {
  chosen.set(`${command} ${option} ${label}`, value);
}

// Every command that can be called, subcommands by their whole path: {path, description, usage, options}.
export function leaves(commands) {
  return commands.filter((command) => (command.type ?? CHAT) === CHAT).flatMap((command) => leavesOf(command, (command.name ?? command.command).replace(/^\//, "")));
}

function leavesOf(command, path) {
  const nested = (command.options ?? []).filter((option) => NESTED.has(option.type));
  if (nested.length) return nested.flatMap((inner) => leavesOf(inner, `${path} ${inner.name}`));
  return [{ path, description: command.description, usage: command.usage_hint, options: command.options ?? [] }];
}

// {command, options} for the control API, or {error}. Files go to the options that take files, in order.
export function filled(registered, typed, files = []) {
  const [, name, text] = /^\/(\S*)\s*([\s\S]*)$/.exec(typed);
  const command = registered.find((one) => one.name === name && (one.type ?? CHAT) === CHAT);
  if (!command) {
    const known = [...new Set(registered.filter((one) => (one.type ?? CHAT) === CHAT).map((one) => `/${one.name}`))];
    return { error: known.length ? `No command is called /${name}. There are ${known.join(", ")}.` : "The bot has registered no commands." };
  }
  return descend(command, [name], text.trim(), files);
}

function descend(command, path, text, files) {
  const options = command.options ?? [];
  const nested = options.filter((option) => NESTED.has(option.type));
  if (!nested.length) return called(path.join(" "), options, text, files);
  const [word] = text.split(/\s/, 1);
  const inner = nested.find((option) => option.name === word);
  if (!inner) return { error: `/${path.join(" ")} needs one of: ${nested.map((option) => option.name).join(", ")}.` };
  return descend(inner, [...path, word], text.slice(word.length).trim(), files);
}

function called(command, all, text, files) {
  const [places, options] = [all.filter((option) => option.type === ATTACHMENT), all.filter((option) => option.type !== ATTACHMENT)];
  if (files.length > places.length) return { error: `/${command} takes ${places.length ? `no more than ${places.length}` : "no"} file${places.length > 1 ? "s" : ""}.` };
  const attached = Object.fromEntries(files.map((file, number) => [places[number].name, file]));
  return { command, options: { ...values(command, options, text), ...attached } };
}

function values(command, options, text) {
  const names = options.map((option) => option.name).join("|");
  const marked = new RegExp(`(?:^|\\s)(${names}):\\s*`, "g");
  const marks = names ? [...text.matchAll(marked)] : [];
  if (marks.length && marks[0].index === 0) {
    const ends = [...marks.slice(1).map((mark) => mark.index), text.length];
    return typed(command, options, marks.map((mark, number) => [mark[1], text.slice(mark.index + mark[0].length, ends[number]).trim()]));
  }
  return typed(command, options, inOrder(options, text));
}

// Each option takes a word, the last one all that is left.
function inOrder(options, text) {
  const given = [];
  let left = text;
  options.forEach((option, number) => {
    if (!left) return;
    const word = number === options.length - 1 ? left : left.split(/\s/, 1)[0];
    given.push([option.name, word]);
    left = left.slice(word.length).trim();
  });
  return given;
}

function typed(command, options, given) {
  const known = new Map(options.map((option) => [option.name, option]));
  return Object.fromEntries(given.map(([name, word]) => [name, valueOf(command, known.get(name), word)]));
}

function valueOf(command, option, word) {
  const key = `${command} ${option?.name} ${word}`;
  if (chosen.has(key)) return chosen.get(key);
  const choice = option?.choices?.find(({ name }) => name === word);
  return choice ? choice.value : (CONVERT[option?.type] ?? String)(word);
}
