// Elements made from values. Text always becomes a text node: nothing that anyone wrote is ever read as HTML.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) listen(element, name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") give(element, name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// One handler for each kind of event, kept where patch.js can give an element that stays the handler of a newer one.
export function listen(element, kind, handler) {
  element.heard ??= new Map();
  if (!element.heard.has(kind)) element.addEventListener(kind, (event) => element.heard.get(kind)(event));
  element.heard.set(kind, handler);
}

// What a field was made with: only where that changes does a newer one take the place of what a person typed since.
function give(element, name, value) {
  element[name] = value;
  element.given = { ...element.given, [name]: value };
}

const WEB = /^(https?:|mailto:)/i;

// A link that opens elsewhere and tells the other side nothing; an address of another kind stays text.
export function link(address, ...children) {
  const shown = children.length ? children : [address];
  if (!WEB.test(address)) return h("span", {}, ...shown);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, ...shown);
}

export function clock(seconds) {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return h("time");
  const short = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return h("time", { datetime: at.toISOString() }, short);
}
