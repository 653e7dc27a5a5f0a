// What the browser remembers of the page. It may forbid that; then the page begins anew each time.

export function remembered(name) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? {};
  } catch {
    return {};
  }
}

export function remember(name, what) {
  try {
    localStorage.setItem(name, JSON.stringify(what));
  } catch {
    return;
  }
}
