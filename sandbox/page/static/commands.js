// What a person typed after a slash, as Discord takes it: a registered command, perhaps a subcommand, and its options.
// Discord's own client offers fields for them; here they are `name:value`, or simply words in the declared order.

const CHAT = 1;
const NESTED = new Set([1, 2]);
const CONVERT = {
  4: Number,
  5: (word) => /^(true|yes|on|1)$/i.test(word),
  6: (word) => word.replace(/^@/, ""),
  7: (word) => word.replace(/^#/, ""),
  10: Number,
};

// {command, options} for the control API, or {error}.
export function filled(registered, typed) {
  const [, name, text] = /^\/(\S*)\s*([\s\S]*)$/.exec(typed);
  const command = registered.find((one) => one.name === name && (one.type ?? CHAT) === CHAT);
  if (!command) {
    const known = [...new Set(registered.filter((one) => (one.type ?? CHAT) === CHAT).map((one) => `/${one.name}`))];
    return { error: known.length ? `No command is called /${name}. There are ${known.join(", ")}.` : "The bot has registered no commands." };
  }
  return descend(command, [name], text.trim());
}

function descend(command, path, text) {
  const options = command.options ?? [];
  const nested = options.filter((option) => NESTED.has(option.type));
  if (!nested.length) return { command: path.join(" "), options: values(options, text) };
  const [word] = text.split(/\s/, 1);
  const inner = nested.find((option) => option.name === word);
  if (!inner) return { error: `/${path.join(" ")} needs one of: ${nested.map((option) => option.name).join(", ")}.` };
  return descend(inner, [...path, word], text.slice(word.length).trim());
}

function values(options, text) {
  const names = options.map((option) => option.name).join("|");
  const marked = new RegExp(`(?:^|\\s)(${names}):\\s*`, "g");
  const marks = names ? [...text.matchAll(marked)] : [];
  if (marks.length && marks[0].index === 0) {
    const ends = [...marks.slice(1).map((mark) => mark.index), text.length];
    return typed(options, marks.map((mark, number) => [mark[1], text.slice(mark.index + mark[0].length, ends[number]).trim()]));
  }
  return typed(options, inOrder(options, text));
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

function typed(options, given) {
  const kinds = new Map(options.map((option) => [option.name, option.type]));
  return Object.fromEntries(given.map(([name, word]) => [name, (CONVERT[kinds.get(name)] ?? String)(word)]));
}
