// Makes an element that is on the page like a newly made one by changing only what differs, so that focus, a selection,
// an opened list and half-typed text outlive a message that grows. Parts that come and go carry `data-key`.

import { listen } from "./dom.js";

// `old` looks and acts like `fresh` afterwards; `fresh` is used up.
export function patch(old, fresh) {
  attributes(old, fresh);
  for (const [kind, handler] of fresh.heard ?? []) listen(old, kind, handler);
  given(old, fresh);
  children(old, fresh);
}

// An attribute that a person changed by an act of their own stays as they left it, until the element goes.
export function keep(element, ...names) {
  element.kept = new Set([...(element.kept ?? []), ...names]);
}

function attributes(old, fresh) {
  const kept = old.kept ?? new Set();
  const mine = (name) => kept.has(name) || name === "style" || (name === "open" && old.tagName === "DETAILS");
  for (const { name } of [...old.attributes]) {
    if (!mine(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (!mine(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  // By rule of the page's Content-Security-Policy a style may be set through its own interface only.
  if (old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
}

function given(old, fresh) {
  for (const name of ["value", "checked"]) {
    if (old.given?.[name] !== fresh.given?.[name] && fresh.given?.[name] !== undefined) old[name] = fresh.given[name];
  }
  if ("disabled" in old && old.disabled !== fresh.disabled) old.disabled = fresh.disabled;
  old.given = fresh.given;
}

function children(old, fresh) {
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const found = matching(at, wanted);
    if (!found) {
      old.insertBefore(wanted, at);
      continue;
    }
    // What stands between is removed and not moved: an element that moves loses its focus.
    while (at !== found) at = removed(at);
    merge(found, wanted);
    at = found.nextSibling;
  }
  while (at) at = removed(at);
}

function removed(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function matching(at, wanted) {
  const key = keyOf(wanted);
  if (key === undefined) return at && alike(at, wanted) ? at : null;
  for (let node = at; node; node = node.nextSibling) if (keyOf(node) === key && alike(node, wanted)) return node;
  return null;
}

function alike(node, wanted) {
  return node.nodeType === wanted.nodeType && node.nodeName === wanted.nodeName && keyOf(node) === keyOf(wanted);
}

function keyOf(node) {
  return node.dataset?.key;
}

function merge(node, wanted) {
  if (node.nodeType === Node.ELEMENT_NODE) patch(node, wanted);
  else if (node.data !== wanted.data) grow(node, wanted.data);
}

// Appended text leaves a selection in the text before it as it is.
function grow(node, text) {
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}
